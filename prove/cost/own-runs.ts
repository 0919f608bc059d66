/**
 * Runs of our own agent loop through the real gateway: real PostgreSQL, a real cell without isolation, every call reserved,
 * settled and taped. Only the model is replaced, by one that answers at once. A turn is two steps: a model call, and the tool
 * call that it asks for.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runAgent } from '../../src/agents/run-agent.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { processDriver } from '../../src/cells/process-cell.ts';
import { openDoor } from '../../src/controls/control-door.ts';
import { openAgentGateway } from '../../src/gateway/agent-gateway.ts';
import type { ModelProvider } from '../../src/gateway/model.ts';
import { streamId } from '../../src/journal/event.ts';
import type { Claim, Journal } from '../../src/journal/journal.ts';
import { itemAccount } from '../../src/ledger/account-names.ts';
import { priceOf } from '../../src/ledger/price-of.ts';
import { noSecrets } from '../../src/secrets/redactor.ts';
import { plainBudget } from '../../test/doubles/agent-world.ts';
import { makeRole } from '../../test/doubles/make-role.ts';
import { noLimits } from '../../test/doubles/no-limits.ts';
import { makeText, type Shape, stateBytes } from './workload.ts';

export interface OwnBench {
  journal: Journal;
  claim: Claim;
  /** For workspaces and cells. */
  dir: string;
}

const project = 'cost';
const model = 'claude-sonnet-5-5';

export async function openOwnBench(journal: Journal, dir: string): Promise<OwnBench> {
  const claimUnit = streamId('cluster', project, 'main');
  await journal.append({
    id: randomUUID(),
    project,
    stream: streamId('item', project, 1),
    expectedVersion: 0,
    fence: null,
    claimUnit,
    events: [{ kind: 'item.added', schema: 1, actor: 'person:prove', data: {} }],
    ledger: [{ op: 'open', account: itemAccount(project, 1), ceilingMicroUsd: null }],
  });
  const claim = await journal.claimUnit(claimUnit, { owner: 'prove', host: 'prove', leaseMs: 7_200_000 });
  if (!claim) throw new Error('nobody else can hold the claim');
  return { journal, claim, dir };
}

const cellLimits = {
  memoryMb: 1024,
  processes: 64,
  commandTimeoutMs: 60_000,
  outputBytes: 100_000,
  fileBytes: 200_000,
};

function layOutWorkspace(
  { dir }: OwnBench,
  { name, shape, turns }: { name: string; shape: Shape; turns: number },
  document: string,
): string {
  const workspace = path.join(dir, name);
  mkdirSync(workspace, { recursive: true });
  writeFileSync(path.join(workspace, 'state.txt'), `step 0;\n${document}\n`);
  for (let part = 0; shape === 'conversation' && part < turns; part += 1)
    writeFileSync(path.join(workspace, `part-${part}.txt`), makeText(`${name}/${part}`, stateBytes / turns));
  return workspace;
}

/** One agent, one run, and a last model call that ends it. `onTurn` is told before each model call how many turns are done. */
export async function runOwn(
  bench: OwnBench,
  request: {
    name: string;
    shape: Shape;
    turns: number;
    onTurn?: (done: number) => Promise<void>;
  },
): Promise<void> {
  const { name, shape, turns, onTurn = async () => {} } = request;
  const document = makeText(name, stateBytes);
  const workspace = layOutWorkspace(bench, request, document);
  const price = priceOf(model, {});
  if (!price) throw new Error(`${model} has no price`);
  const { journal, claim } = bench;
  const cell = await processDriver({ cellsDir: path.join(bench.dir, 'cells') }).open({
    id: `cost-${name}`,
    workspace,
    isWorkspaceWritable: true,
    readable: [],
    env: {},
    allowedHosts: [],
    limits: cellLimits,
  });
  const { signal } = new AbortController();
  try {
    const gateway = await openAgentGateway({
      journal,
      project,
      agent: streamId('agent', project, 1, name),
      claimUnit: claim.unit,
      fence: claim.fence,
      provider: answerAtOnce({ name, shape, turns, onTurn }),
      model,
      price,
      agentCeilingMicroUsd: null,
      itemAccount: itemAccount(project, 1),
      budget: plainBudget,
      role: makeRole(),
      deliverables: [],
      people: null,
      approvals: null,
      checkDeliverable: () => [],
      redactor: noSecrets,
      controls: openDoor,
      cell,
      clock: systemClock,
      route: { tier: null, why: null },
      limits: noLimits({ journal, project }),
      callAttempts: 1,
      seat: { project, item: 1, itemTitle: 'Cost', role: 'developer', step: name, task: null, round: 1 },
      signal,
      newId: randomUUID,
    });
    const outcome = await runAgent({
      gateway,
      prompt: {
        system: 'You change a document.',
        firstMessage: shape === 'document' ? document : 'Collect the parts.',
        madeFrom: null,
      },
      deliverables: [],
      effort: null,
      maxOutputTokens: 1_000,
      maxTurns: turns + 1,
      repetitions: turns + 1,
      signal,
    });
    if (outcome.outcome !== 'done') throw new Error(`${name}: ${outcome.outcome}: ${outcome.message}`);
    await gateway.finish({ outcome: 'done', summary: 'done', commit: null, findings: [] });
  } finally {
    await cell.close();
  }
}

function answerAtOnce(run: {
  name: string;
  shape: Shape;
  turns: number;
  onTurn: (done: number) => Promise<void>;
}): ModelProvider {
  let done = 0;
  return {
    name: 'scripted',
    isRealModel: false,
    async generate() {
      await run.onTurn(done);
      const step = done;
      done += 1;
      const usage = { inputTokens: 1_000, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 50 };
      if (step >= run.turns)
        return { ok: true, reply: { content: [{ type: 'text', text: 'done' }], stop: 'end', usage } };
      const content = [{ type: 'tool_call' as const, id: `call-${step}`, ...callOf(run, step) }];
      return { ok: true, reply: { content, stop: 'tool_call', usage } };
    },
  };
}

function callOf(
  run: { name: string; shape: Shape; turns: number },
  step: number,
): { tool: string; input: JsonObject } {
  switch (run.shape) {
    case 'document':
      return {
        tool: 'edit',
        input: { path: 'state.txt', old_text: `step ${step};`, new_text: `step ${step + 1};` },
      };
    case 'conversation':
      return { tool: 'read', input: { path: `part-${step}.txt` } };
    case 'authored': {
      const content = makeText(`${run.name}/${step}`, stateBytes / run.turns);
      return { tool: 'write', input: { path: `part-${step}.txt`, content } };
    }
  }
}
