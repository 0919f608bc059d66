/** Yeses that hold no more. */
import { writeApproval } from '../../src/questions/approval-record.ts';
import { hourMs, project, say } from './approval-world.ts';
import {
  type Attack,
  approve,
  ask,
  attack,
  forceUse,
  lookAgain,
  rightPeople,
  sayInVain,
  windowOf,
} from './attack.ts';

export const stale: Attack[] = [
  attack('stale', 'a yes after the window', async (world, random) => {
    const asked = await ask(world, random);
    world.clock.advance(windowOf(world, asked.approval) + random.between(0, hourMs));
    for (const by of rightPeople[asked.program]) await sayInVain(world, asked.approval, { by });
    await asked.seat.call(asked.input);
    return asked.approval;
  }),
  attack('stale', 'a use after the yes ran out', async (world, random) => {
    const asked = await ask(world, random);
    await approve(world, asked);
    world.clock.advance(windowOf(world, asked.approval) + random.between(0, hourMs));
    await asked.seat.call(asked.input);
    return asked.approval;
  }),
  attack('stale', 'a use after it was asked anew', async (world, random) => {
    const asked = await ask(world, random);
    await approve(world, asked);
    world.clock.advance(windowOf(world, asked.approval));
    await lookAgain(world, asked.approval);
    await forceUse(world, asked.approval, {});
    await asked.seat.call(asked.input);
    return asked.approval;
  }),
  attack('stale', 'a second yes when the first ran out', async (world, random) => {
    const asked = await ask(world, random, 'deploy');
    const [first = '', second = ''] = rightPeople.deploy;
    await say(world, asked.approval, { by: first });
    world.clock.advance(windowOf(world, asked.approval));
    await lookAgain(world, asked.approval);
    await say(world, asked.approval, { by: second });
    await asked.seat.call(asked.input);
    await forceUse(world, asked.approval, {});
    return asked.approval;
  }),
  attack('stale', 'a yes after a no', async (world, random) => {
    const asked = await ask(world, random);
    const [by = ''] = rightPeople[asked.program];
    await say(world, asked.approval, { by, verdict: 'deny' });
    for (const again of rightPeople[asked.program]) await sayInVain(world, asked.approval, { by: again });
    await asked.seat.call(asked.input);
    return asked.approval;
  }),
  attack('stale', 'a no after the yes', async (world, random) => {
    const asked = await ask(world, random);
    await approve(world, asked);
    const [by = ''] = rightPeople[asked.program];
    await say(world, asked.approval, { by, verdict: 'deny' });
    await asked.seat.call(asked.input);
    await forceUse(world, asked.approval, {});
    return asked.approval;
  }),
  attack('stale', 'a yes after it was withdrawn', async (world, random) => {
    const asked = await ask(world, random);
    const { journal, newId } = world;
    const { number } = asked.approval;
    const decide = () => [{ kind: 'approval.withdrawn' as const, data: { why: 'the item is over' } }];
    await writeApproval({ journal, newId, project, number, actor: 'mesh:test', decide });
    for (const by of rightPeople[asked.program]) await sayInVain(world, asked.approval, { by });
    await asked.seat.call(asked.input);
    return asked.approval;
  }),
  attack('stale', 'one yes of two, when the map has come to want only one', async (world, random) => {
    const asked = await ask(world, random, 'release');
    const before = world.people.now;
    const { external, ...tiers } = before.approvalTiers;
    if (!external) throw new Error('no external tier');
    world.people.now = { ...before, approvalTiers: { ...tiers, external: { ...external, peopleCount: 2 } } };
    await say(world, asked.approval, { by: '@sarah-pm' });
    world.people.now = before;
    await forceUse(world, asked.approval, {});
    return asked.approval;
  }),
  attack('stale', 'the yes of somebody who may not give it any more', async (world, random) => {
    const asked = await ask(world, random, 'pay');
    await approve(world, asked);
    const before = world.people.now;
    const { money, ...tiers } = before.approvalTiers;
    if (!money) throw new Error('no money tier');
    const approvalTiers = { ...tiers, money: { ...money, approvers: ['@product-channel'] } };
    world.people.now = { ...before, approvalTiers };
    await asked.seat.call(asked.input);
    world.people.now = before;
    return asked.approval;
  }),
];
