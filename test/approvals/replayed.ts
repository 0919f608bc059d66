/** Yeses that are used once more. */
import { useApproval } from '../../src/questions/approval-record.ts';
import { project } from './approval-world.ts';
import {
  type Attack,
  approve,
  ask,
  attack,
  forceUse,
  rightPeople,
  sayInVain,
  usedBefore,
  windowOf,
} from './attack.ts';

export const replayed: Attack[] = [
  attack('replayed', 'the same call again after its use', usedBefore, async (world, asked) => {
    await asked.seat.call(asked.input);
    await forceUse(world, asked.approval, {});
  }),
  attack('replayed', 'the same input as a new call', usedBefore, async (world, asked) => {
    await asked.seat.call(asked.input, 'call-2');
    await forceUse(world, asked.approval, { call: 'call-2' });
  }),
  attack('replayed', 'another call before its use', async (world, random) => {
    const asked = await ask(world, random);
    await approve(world, asked);
    await forceUse(world, asked.approval, { call: 'call-2' });
    return asked.approval;
  }),
  attack('replayed', 'the same answer after the use', usedBefore, async (world, asked) => {
    for (const by of rightPeople[asked.program]) await sayInVain(world, asked.approval, { by });
    await asked.seat.call(asked.input, 'call-3');
  }),
  attack('replayed', 'the same answer before the use', async (world, random) => {
    const asked = await ask(world, random);
    await approve(world, asked);
    for (const by of rightPeople[asked.program]) await sayInVain(world, asked.approval, { by });
    await forceUse(world, asked.approval, { call: 'call-2' });
    return asked.approval;
  }),
  attack('replayed', 'the yes of a further person when there were enough', async (world, random) => {
    const asked = await ask(world, random, 'release');
    await approve(world, asked);
    world.clock.advance(windowOf(world, asked.approval) - 1);
    await sayInVain(world, asked.approval, { by: '@alex-engineering-lead' });
    // It would have made the first one last longer.
    world.clock.advance(1);
    await asked.seat.call(asked.input);
    return asked.approval;
  }),
  attack('replayed', 'two workers that use it at once', async (world, random) => {
    const asked = await ask(world, random);
    await approve(world, asked);
    const { journal, newId, clock, people } = world;
    const { number, asker, actionHash } = asked.approval;
    const { agent, call } = asker;
    const use = { number, agent, call, actionHash, nowMs: clock.now(), stakeholders: people.now };
    const all = await Promise.all([1, 2, 3].map(() => useApproval({ journal, newId, project, ...use })));
    if (all.filter((refused) => refused === null).length !== 1) throw new Error(`used: ${all.join()}`);
    // The one use died before its run: nothing runs it later.
    await asked.seat.call(asked.input);
    return asked.approval;
  }),
];
