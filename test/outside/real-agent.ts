/**
 * What is shown of every real agent: it finishes an item through ACP against a model server of ours, in an isolated cell where
 * there is one, with an edit, a command, a call of our MCP server, a refused permission and a ceiling; the bill is the ledger's.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../src/agents/outside/find-program.ts';
import { newId } from '../../src/base/ids.ts';
import { bubblewrapDriver } from '../../src/cells/bubblewrap-cell.ts';
import { createProvider } from '../../src/gateway/providers/create-provider.ts';
import { itemAccount } from '../../src/ledger/account-names.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { billMicroUsd } from '../clients/wire-team.ts';
import type { DoubleAnswer, DoubleRequest } from '../doubles/model-protocol.ts';
import { type ModelServer, startModelServer } from '../doubles/model-server.ts';
import type { TestProject } from '../harness/project.ts';
import { type InstalledAgents, installAgents } from './install-agents.ts';
import { createOutsideProject, ofKind, tapeEvents } from './outside-project.ts';

/** How this agent calls its own tools. */
export interface RealAgent {
  /** In the policy. */
  name: string;
  package: string;
  read(path: string): { name: string; input: object };
  edit(path: string, before: string, after: string): { name: string; input: object };
  run(command: string): { name: string; input: object };
  /** As the agent names a tool of our MCP server. */
  deliver: string;
}

type Play = (request: DoubleRequest) => DoubleAnswer;

/** Plays the model of every conversation of the agent, from what is on the wire alone. */
function playModel(agent: RealAgent): Play {
  return (request) => {
    // A title, a summary: conversations beside the work.
    if (!request.tools.includes(agent.deliver)) return { text: 'A small change' };
    const workspace = /[Ww]orking directory: ([^\s\\"]+)/.exec(JSON.stringify(request.body))?.[1];
    const file = `${workspace}/a.txt`;
    const results = request.messages.flatMap(({ toolResults }) => toolResults);
    const steps = [
      agent.read(file),
      agent.edit(file, 'hello', 'changed by an outside agent'),
      agent.run('cat a.txt > copy.txt'),
      agent.run('curl http://example.org/'),
      { name: agent.deliver, input: { name: 'notes.md', content: 'changed a.txt' } },
    ];
    const step = steps[results.length];
    return step ? { toolCalls: [step] } : { text: 'I changed a.txt and copied it.' };
  };
}

interface RealWorld {
  agent: RealAgent;
  server: ModelServer;
  project: TestProject;
}

export async function describeRealAgent(agent: RealAgent): Promise<void> {
  const isIsolated = (await bubblewrapDriver().preflight()).ok || process.env.CI === 'true';
  if (!isIsolated) console.warn(`${agent.name} is tested here without isolation: bubblewrap does not work`);

  describe(`${agent.name}, as it is installed from npm`, () => {
    let installed: InstalledAgents | null = null;
    const worlds: RealWorld[] = [];
    beforeAll(async () => {
      installed = await installAgents([agent.package]);
    }, 120_000);
    afterAll(() => installed?.remove());
    afterEach(async () => {
      for (const { project, server } of worlds.splice(0)) {
        await project.remove();
        await server.close();
      }
    });
    const start = async (brain: Play): Promise<RealWorld> => {
      const path = `${installed?.bin}:${process.env.PATH}`;
      const world = await startWorld(agent, brain, { path, isIsolated });
      worlds.push(world);
      return world;
    };

    it('finishes an item: an edit, a command, a delivery, a refused permission; charged what was billed', async ({
      skip,
    }) => {
      if (installed === null) return skip();
      await finishItem(await start(playModel(agent)));
    }, 90_000);

    it('is stopped at a ceiling, keeps its work, and finishes after a raise', async ({ skip }) => {
      if (installed === null) return skip();
      let isDear = true;
      const play = playModel(agent);
      const dear = { inputTokens: 9_000, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 7_000 };
      const world = await start((request) => ({ ...play(request), ...(isDear && { usage: dear }) }));
      await stopAtCeiling(world);
      isDear = false;
      await goOnAfterRaise(world);
    }, 90_000);
  });
}

async function startWorld(
  agent: RealAgent,
  brain: Play,
  { path, isIsolated }: { path: string; isIsolated: boolean },
): Promise<RealWorld> {
  const server = await startModelServer({ brain });
  const project = await createOutsideProject({
    agent: agent.name,
    model: createProvider({ name: 'anthropic', baseUrl: server.baseUrl, apiKey: 'test-key' }),
    mesh: ['models: { provider: anthropic }'],
    change: (context) => ({
      ...context,
      ...(isIsolated && { driver: bubblewrapDriver({ cellsDir: `${context.repository}.cells` }) }),
      cellLimits: { ...context.cellLimits, memoryMb: 4_096 },
      findProgram: (command) => findProgram(command, { path, nodePath: process.execPath }),
    }),
  });
  return { agent, server, project };
}

async function finishItem({ agent, server, project }: RealWorld): Promise<void> {
  const number = await project.add('Change a.txt');
  await project.run();
  const item = await project.item(number);
  expect(item).toMatchObject({ status: 'ready', pause: null });
  await expectTheWork(project, item.head);

  const events = await tapeEvents(project.journal);
  const permissions = ofKind(events, 'outside.permission_judged');
  expect(permissions.filter(({ isAllowed }) => !isAllowed).map(({ about, rule }) => [about, rule])).toEqual([
    ['curl http://example.org/', 'deny Bash(curl:*) of the policy'],
  ]);
  expect(permissions.filter(({ isAllowed }) => isAllowed).length).toBeGreaterThanOrEqual(2);
  expect(ofKind(events, 'artifact.delivered').map(({ name }) => name)).toEqual(['notes.md']);
  expect(ofKind(events, 'outside.session_started')).toMatchObject([{ agent: agent.name, isMetered: true }]);

  expect(server.billed.length).toBeGreaterThanOrEqual(6);
  await expectTheBill({ server, project }, number);
  expect(item.costMicroUsd).toBe(billMicroUsd(server));
}

const ceilingMicroUsd = 600_000;

async function stopAtCeiling({ server, project }: RealWorld): Promise<void> {
  const number = await project.add('---\nceiling_usd: 0.6\n---\nChange a.txt');
  await project.run();
  const item = await project.item(number);
  expect(item).toMatchObject({ status: 'paused', pause: { reason: 'ceiling' } });
  expect(server.billed.length).toBeGreaterThan(0);
  expect(await expectTheBill({ server, project }, number)).toBeLessThanOrEqual(ceilingMicroUsd);
  expect(ofKind(await tapeEvents(project.journal), 'model.call_refused').length).toBeGreaterThan(0);
}

async function goOnAfterRaise({ server, project }: RealWorld): Promise<void> {
  const request = { kind: 'resume', by: 'test', ceilingMicroUsd: 2_000_000 } as const;
  await askOfItem({ journal: project.journal, newId, project: 'test', number: 1, request });
  await project.run();
  const item = await project.item(1);
  expect(item).toMatchObject({ status: 'ready', pause: null });
  await expectTheWork(project, item.head);
  await expectTheBill({ server, project }, 1);
  const events = await tapeEvents(project.journal);
  expect(ofKind(events, 'outside.session_started')).toHaveLength(2);
  const prompts = ofKind(events, 'outside.prompted').map(({ text }) => text);
  expect(prompts.filter((text) => text.includes('# An earlier session'))).toHaveLength(1);
}

async function expectTheWork(project: TestProject, head: string | null): Promise<void> {
  for (const file of ['a.txt', 'copy.txt']) {
    expect(await project.context.mirror.show(head ?? '', file)).toBe('changed by an outside agent\n');
  }
}

/** To the micro-dollar, side conversations included. */
async function expectTheBill({ server, project }: Omit<RealWorld, 'agent'>, item: number): Promise<number> {
  const account = await project.journal.account(itemAccount('test', item));
  expect(account).toMatchObject({ spentMicroUsd: billMicroUsd(server), reservedMicroUsd: 0 });
  return account?.spentMicroUsd ?? 0;
}
