import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { ToolAnswer } from '../../src/gateway/call-tool.ts';
import { streamId } from '../../src/journal/event.ts';
import { createMemoryJournal } from '../../src/journal/in-memory.ts';
import type { Journal } from '../../src/journal/journal.ts';
import {
  findApproval,
  openApproval,
  readOpenApprovals,
  useApproval,
  writeApproval,
} from '../../src/questions/approval-record.ts';
import { createRedactor } from '../../src/secrets/redactor.ts';
import { createRandom } from '../../src/simulate/random.ts';
import { type ApprovalWorld, approvalOf, openApprovalWorld, project, reread, say } from './approval-world.ts';
import { approve, ask, lookAgain } from './attack.ts';

let journal: Journal;
let world: ApprovalWorld;
const random = createRandom('approval');

beforeEach(async () => {
  journal = createMemoryJournal({ clock: systemClock });
  world = await openApprovalWorld(journal);
});
afterEach(async () => {
  await world.close();
  await journal.close();
});

function output(answer: ToolAnswer): string {
  return answer.type === 'waiting' ? `waits for ${answer.ask}` : answer.output;
}

describe('a call that needs a yes', () => {
  it('waits without being run, is run once after the yes, and its result is on the tape', async () => {
    const asked = await ask(world, random, 'release');
    expect(output(await asked.seat.call(asked.input))).toBe('waits for A-1');
    expect(world.executed).toEqual([]);
    await approve(world, asked);
    expect(world.executed).toEqual([]);
    expect(output(await asked.seat.call(asked.input))).toBe('exit code 0\ndone\n');
    expect(world.executed.map(({ argv }) => argv)).toEqual([asked.input.argv]);
    const tape = await journal.read(asked.seat.agent);
    expect(tape.find(({ kind }) => kind === 'tool.call_intended')?.data).toMatchObject({
      approval: 'A-1',
      rule: 'ask Bash(release:*) of the policy',
    });
  });

  it('is used up in the journal before anything of it runs', async () => {
    const asked = await ask(world, random, 'release');
    await approve(world, asked);
    world.crash.inRun = true;
    await expect(asked.seat.call(asked.input)).rejects.toThrow('the process ended');
    expect((await reread(world, asked.approval)).status).toBe('used');
  });

  it('that died while it ran is not run again, and the agent is told that the outcome is unknown', async () => {
    const asked = await ask(world, random, 'release');
    await approve(world, asked);
    world.crash.inRun = true;
    await expect(asked.seat.call(asked.input)).rejects.toThrow();
    world.crash.inRun = false;
    expect(output(await asked.seat.call(asked.input))).toMatch(/^interrupted, outcome unknown: run may/);
    expect(world.executed).toHaveLength(1);
  });

  it('that died between its use and its run is not run at all', async () => {
    const asked = await ask(world, random, 'release');
    await approve(world, asked);
    const { number, asker, actionHash } = asked.approval;
    const use = { number, agent: asker.agent, call: asker.call, actionHash };
    const at = { nowMs: world.clock.now(), stakeholders: world.people.now };
    expect(await useApproval({ journal, newId: world.newId, project, ...use, ...at })).toBeNull();
    expect(output(await asked.seat.call(asked.input))).toContain(
      'interrupted, outcome unknown: run was approved as A-1',
    );
    expect(world.executed).toEqual([]);
  });

  it('that is denied is refused, and the agent is told by whom and why', async () => {
    const asked = await ask(world, random, 'release');
    await say(world, asked.approval, { by: '@sarah-pm', verdict: 'deny', why: 'after the freeze' });
    expect(output(await asked.seat.call(asked.input))).toBe(
      'refused: @sarah-pm denied it (A-1): after the freeze',
    );
    expect(world.executed).toEqual([]);
  });

  it('waits on when the yes ran out before it was used, and asks anew at once', async () => {
    const asked = await ask(world, random, 'release');
    await approve(world, asked);
    world.clock.advance(25 * 3_600_000);
    expect(output(await asked.seat.call(asked.input))).toBe('waits for A-1');
    expect(await reread(world, asked.approval)).toMatchObject({ status: 'open', yeses: [] });
    await approve(world, asked);
    expect(output(await asked.seat.call(asked.input))).toBe('exit code 0\ndone\n');
    expect(world.executed).toHaveLength(1);
  });

  it('of an approval tier that is not defined is refused, and nobody is asked', async () => {
    world.people.now = { ...world.people.now, approvalTiers: {} };
    expect(output(await world.seat().call({ argv: ['release'] }))).toContain(
      'tier external, which .mesh/stakeholders.yaml does not define',
    );
    expect(await readOpenApprovals(journal, project)).toEqual([]);
  });

  it('shows and runs placeholders: no value of a secret is approved, run or kept', async () => {
    const value = 'hunter2-hunter2';
    const seat = world.seat({ redactor: createRedactor([{ name: 'TOKEN', value }]) });
    const approval = await approvalOf(world, await seat.call({ argv: ['release', value] }));
    expect(approval.line).toBe("run release '[secret:TOKEN]'");
    await say(world, approval, { by: '@sarah-pm' });
    // Another value of the same secret is the same action: it is no part of what runs.
    seat.redactor = createRedactor([{ name: 'TOKEN', value: 'other-value-2' }]);
    await seat.call({ argv: ['release', 'other-value-2'] });
    expect(world.executed.map(({ argv }) => argv)).toEqual([['release', '[secret:TOKEN]']]);
    const events = await journal.readAll({ after: 0, limit: 1_000 });
    expect(JSON.stringify(events)).not.toContain(value);
  });
});

describe('the record of approvals', () => {
  it('asks once for one call, however many processes ask at once, and never shares one between calls', async () => {
    const { approval } = await ask(world, random, 'release');
    const { asker, tier } = approval;
    const action = {
      project,
      item: 1,
      agent: asker.agent,
      role: 'developer',
      tool: 'run',
      input: {},
      base: '',
    };
    const open = (call: string) =>
      openApproval({
        journal,
        newId: world.newId,
        project,
        asker: { ...asker, call },
        tier,
        action,
        rule: '',
        nowMs: 0,
      });
    const opened = await Promise.all(['c2', 'c3', 'c2', 'c3', 'c2', 'c4'].map(open));
    const names = new Map(opened.map(({ asker, name }) => [asker.call, name]));
    expect(opened.map(({ asker: { call }, name }) => names.get(call) === name)).not.toContain(false);
    expect([...names.values()].sort()).toEqual(['A-2', 'A-3', 'A-4']);
    expect(await readOpenApprovals(journal, project)).toHaveLength(4);
  });

  it('tells the item that waits in the same unit, and wakes the desk', async () => {
    const { approval } = await ask(world, random, 'release');
    await say(world, approval, { by: '@sarah-pm' });
    const posts = await journal.inbox(streamId('cluster', project, 'main'));
    expect(posts.map(({ stream, kind, data }) => [stream, kind, data])).toEqual([
      [
        'item:orders-api/1',
        'ask.settled',
        expect.objectContaining({ ask: 'A-1', call: 'call-1', how: 'approved', by: '@sarah-pm' }),
      ],
    ]);
    const woken = await journal.inbox(streamId('mesh', project));
    expect(woken.map(({ kind }) => kind)).toEqual(['approval.requested', 'approval.approved']);
  });

  it('still finds what came of a call when it has left those that are open', async () => {
    const asked = await ask(world, random, 'release');
    await approve(world, asked);
    await asked.seat.call(asked.input);
    const decide = () => [{ kind: 'approval.filed' as const, data: {} }];
    const { number, asker } = asked.approval;
    await writeApproval({ journal, newId: world.newId, project, number, actor: 'mesh:test', decide });
    expect(await readOpenApprovals(journal, project)).toEqual([]);
    expect(await findApproval(journal, project, asker)).toMatchObject({ name: 'A-1', status: 'used' });
    await lookAgain(world, asked.approval);
    expect((await reread(world, asked.approval)).status).toBe('used');
  });
});
