/** Replays of items that really ran: PostgreSQL, git and cells are real; what a later version says otherwise is put in its place. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { streamId } from '../../src/journal/event.ts';
import type { Policy } from '../../src/policy/policy.ts';
import type { AgentReplay } from '../../src/replay/replay-agent.ts';
import type { ItemReplay } from '../../src/replay/replay-item.ts';
import { call, deliver, type SmallTeam, say, twoTasks, write } from '../engine/small-team.ts';
import { writeIn } from '../harness/project.ts';
import { openReplayWorld, type ReplayWorld } from './replay-world.ts';

/** What another version of the program says; null: as it is. */
const other = vi.hoisted(() => ({ reminder: null as string | null, readTool: null as string | null }));
vi.mock('../../src/agents/assemble-prompt.ts', async (original) => {
  const real = await original<typeof import('../../src/agents/assemble-prompt.ts')>();
  return { ...real, nudge: (names: string[]) => other.reminder ?? real.nudge(names) };
});
vi.mock('../../src/gateway/tool-specs.ts', async (original) => {
  const real = await original<typeof import('../../src/gateway/tool-specs.ts')>();
  return {
    ...real,
    toolSpecs: (...given: Parameters<typeof real.toolSpecs>) =>
      real
        .toolSpecs(...given)
        .map((tool) =>
          tool.name === 'read' && other.readTool ? { ...tool, description: other.readTool } : tool,
        ),
  };
});
afterEach(() => {
  other.reminder = null;
  other.readTool = null;
});

const brief = 'Make three files';

function agentOf(replay: ItemReplay, part: string): AgentReplay {
  const found = replay.agents.find(({ agent }) => agent.includes(part));
  if (!found) throw new Error(`no agent ${part} in ${replay.agents.map(({ agent }) => agent).join()}`);
  return found;
}

function developerRole(more: string, instructions: string): string {
  return `---\nname: developer\ndescription: Writes code.\ntools: Read, Write, Edit, Glob, Grep, Bash\nmodel: sonnet\n${more}\n---\n${instructions}\n`;
}

describe('an item that landed', () => {
  let world: ReplayWorld;
  beforeAll(async () => {
    const role = { '.mesh/roles/developer.md': developerRole('effort: low', 'You write code.') };
    world = await openReplayWorld({}, role);
    await world.project.add(brief);
    await world.project.run();
    await world.project.accept(1);
  });
  afterAll(() => world.remove());

  it('is replayed with the same requests, artifacts and trees, without a model, and nothing of it is changed', async () => {
    const { journal, context } = world.project;
    const head = await journal.head();
    const branch = await context.mirror.resolve('refs/heads/mesh/1');
    const replay = await world.replay();
    expect(replay).toMatchObject({ isIdentical: true, notes: [] });
    expect(replay.agents.map(({ divergence, outcome }) => ({ divergence, outcome }))).toEqual(
      Array.from({ length: 6 }, () => ({ divergence: null, outcome: 'done' })),
    );
    expect(agentOf(replay, 'planner').artifacts).toEqual([{ name: 'plan.json', isIdentical: true }]);
    for (const task of ['T1', 'T2', 'T3']) {
      const { tree, tools } = agentOf(replay, task);
      expect(tree?.remade).toBe(tree?.recorded);
      expect(tools).toMatchObject({ calls: 1, differences: [] });
    }
    const trees = replay.trees.map(({ of, isIdentical }) => [of, isIdentical]);
    const steps = ['build/T1/developer', 'build/T2/developer', 'build/T3/developer'];
    expect(trees.sort()).toEqual([...steps, 'main'].map((of) => [of, true]));
    expect(await journal.head()).toBe(head);
    expect(await context.mirror.resolve('refs/heads/mesh/1')).toBe(branch);
    expect(await context.workspaces.list()).toEqual([]);
  });

  it('can be replayed by one agent alone, and without running its tool calls', async () => {
    const agent = streamId('agent', 'test', 1, 'build/T2/developer', 1, 1);
    const replay = await world.replay({ agent, runsTools: false });
    expect(replay).toMatchObject({
      isIdentical: true,
      agents: [{ agent, calls: 2, tools: null, tree: null }],
    });
  });

  it('diverges at the first call of every agent when the description of a tool has changed', async () => {
    other.readTool = 'Shows a file.';
    const replay = await world.replay();
    expect(replay.isIdentical).toBe(false);
    for (const { divergence, tools } of replay.agents) {
      expect(divergence).toMatchObject({ call: 1, part: 'tools' });
      expect(divergence?.difference?.is.join()).toContain('Shows a file.');
      expect(tools).toBeNull();
    }
  });

  it('is as it was when a role file changes; with the files as they are now it diverges there', async () => {
    const changed = developerRole('effort: low', 'You write little code.');
    writeIn(world.project, '.mesh/roles/developer.md', changed);
    expect((await world.replay({ runsTools: false })).isIdentical).toBe(true);
    const replay = await world.replay({ isCurrent: true });
    writeIn(world.project, '.mesh/roles/developer.md', developerRole('effort: low', 'You write code.'));
    expect(agentOf(replay, 'T1').divergence).toMatchObject({
      call: 1,
      part: 'system text',
      difference: { was: ['You write code.'], is: ['You write little code.'] },
    });
    expect(agentOf(replay, 'planner').divergence).toBeNull();
  });

  it('is as it was when the policy changes; with the policy as it is now it diverges there', async () => {
    const { policy } = world.project.context;
    const { models, profile } = policy;
    expect((await world.replay({ isCurrent: true })).isIdentical).toBe(true);
    const cases: [Partial<Policy>, string][] = [
      [{ models: { ...models, aliases: { ...models.aliases, sonnet: 'claude-haiku-4-5' } } }, 'model'],
      [{ models: { ...models, maxOutputTokens: models.maxOutputTokens - 1 } }, 'output limit'],
      [{ profile: { ...profile, checks: [] } }, 'system text'],
    ];
    for (const [change, part] of cases) {
      const now = { policy: { ...policy, ...change } };
      const replay = await world.replay({ isCurrent: true }, now);
      expect(agentOf(replay, 'T1').divergence).toMatchObject({ call: 1, part });
      expect((await world.replay({ runsTools: false }, now)).isIdentical).toBe(true);
    }
  });
});

/** The planner forgets its plan and is reminded; T1 prints what is never twice the same; T2 writes it. */
const restless: SmallTeam = {
  planner: (_, turn) => (turn === 0 ? say('all planned') : deliver(turn - 1, 'plan.json', twoTasks)),
  developer: ({ seat }, turn) => {
    if (seat.task === 'T1' && turn === 0) return call('run', { argv: ['sh', '-c', 'echo "process $$"'] });
    if (seat.task === 'T2' && turn === 0) return call('run', { argv: ['sh', '-c', 'date +%s%N > when.txt'] });
    const isWritten = turn > (seat.task === 'T1' ? 1 : 0);
    return isWritten ? say('done') : write(`${seat.task}.txt`, 'x\n');
  },
};

describe('an item whose agents did what nobody can repeat', () => {
  let world: ReplayWorld;
  beforeAll(async () => {
    world = await openReplayWorld(restless);
    await world.project.add(brief);
    await world.project.run();
  });
  afterAll(() => world.remove());

  it('differs in the file that comes out otherwise, and says which; an answer that differs is a note', async () => {
    const replay = await world.replay();
    expect(replay.isIdentical).toBe(false);
    expect(agentOf(replay, 'T2').tree?.paths).toEqual(['when.txt']);
    expect(replay.trees.find(({ of }) => of === 'build/T2/developer')?.isIdentical).toBe(false);
    const first = agentOf(replay, 'T1');
    expect(first.isIdentical).toBe(true);
    expect(first.tools?.differences[0]?.difference.was.join()).toMatch(/^process \d+/);
  });

  it('diverges at the call where a reminder was said, when another one would be said now', async () => {
    expect((await world.replay({ runsTools: false })).isIdentical).toBe(true);
    other.reminder = 'Where is it?';
    const replay = await world.replay({ runsTools: false });
    expect(agentOf(replay, 'planner').divergence).toMatchObject({
      call: 2,
      part: 'message 3',
      difference: { is: ['Where is it?'] },
    });
    expect(agentOf(replay, 'T1').divergence).toBeNull();
  });
});

/** T1's first attempt uses up its turns; T2's worker stops in the middle. */
function interrupted(stop: AbortController): SmallTeam {
  return {
    developer: (request, turn) => {
      const { task } = request.seat;
      if (task === 'T2' && turn === 1) stop.abort();
      const hasKeptWork = JSON.stringify(request.messages[0]).includes('Earlier work');
      const isLong = task === 'T1' && !hasKeptWork;
      return isLong || turn === 0 ? write(`${task}-${turn}.txt`, 'part\n') : say('done');
    },
  };
}

describe('an item whose agents were cut short', () => {
  let world: ReplayWorld;
  beforeAll(async () => {
    const stop = new AbortController();
    const role = { '.mesh/roles/developer.md': developerRole('maxTurns: 2', 'You write code.') };
    world = await openReplayWorld(interrupted(stop), role);
    await world.project.add(brief);
    await world.project.run(stop.signal);
  });
  afterAll(() => world.remove());

  it('is replayed as far as its tapes go, and then as far as they went on', async () => {
    const open = agentOf(await world.replay({ runsTools: false }), 'T2');
    expect(open).toMatchObject({ isIdentical: true, outcome: null });
    expect(open.notes.join()).toContain('has not ended');
    await world.project.run();
    const replay = await world.replay();
    expect(replay.isIdentical).toBe(true);
    expect(agentOf(replay, 'T1/developer/1/1')).toMatchObject({ outcome: 'turn_limit', tree: null });
    expect(agentOf(replay, 'T1/developer/1/1').notes.join()).toContain('files were not recorded');
    const second = agentOf(replay, 'T1/developer/1/2');
    expect(second).toMatchObject({ outcome: 'done', isIdentical: true });
    expect(second.tree?.remade).toBe(second.tree?.recorded);
  });
});
