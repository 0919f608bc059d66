/** Yeses of people who may not give them, or not alone. */
import { type Seat, say } from './approval-world.ts';
import { type Attack, ask, attack, forceUse, sayInVain } from './attack.ts';

/** None of them may say yes to anything, however they are spelt. */
const strangers = (seat: Seat): string[] => [
  '@product-channel',
  '@nobody',
  seat.agent,
  'developer',
  `person:@sarah-pm`,
  '@Sarah-pm',
  '@SARAH-PM',
  '@s\u0430rah-pm',
  '@sarah\u2010pm',
  '@sarah-pm\u200b',
  '@\uff53arah-pm',
  '@sarah_pm',
  '@sarah-pm.',
  '@@sarah-pm',
  '@alex-engineering-1ead',
  '@compliance-tean',
];

export const wrongPerson: Attack[] = [
  attack('wrong person', 'somebody who is not asked, or only looks so', async (world, random) => {
    const asked = await ask(world, random);
    for (const by of [random.pick(strangers(asked.seat)), random.pick(strangers(asked.seat))])
      await sayInVain(world, asked.approval, { by });
    await asked.seat.call(asked.input);
    return asked.approval;
  }),
  attack('wrong person', 'the agent that asks', async (world, random) => {
    const asked = await ask(world, random);
    for (const by of [asked.seat.agent, `@${asked.seat.agent}`])
      await sayInVain(world, asked.approval, { by });
    await asked.seat.call(asked.input);
    return asked.approval;
  }),
  attack('wrong person', 'the approver of another tier', async (world, random) => {
    const asked = await ask(world, random, 'pay');
    for (const by of ['@sarah-pm', '@alex-engineering-lead', '@cto-channel'])
      await sayInVain(world, asked.approval, { by });
    await asked.seat.call(asked.input);
    return asked.approval;
  }),
  attack('wrong person', 'the deputy of another tier’s approver', async (world, random) => {
    const asked = await ask(world, random, 'pay');
    await sayInVain(world, asked.approval, { by: '@marketing-ops' });
    await asked.seat.call(asked.input);
    return asked.approval;
  }),
  attack('wrong person', 'the same person twice, also as their own deputy', async (world, random) => {
    const asked = await ask(world, random, 'deploy');
    const by = '@alex-engineering-lead';
    await say(world, asked.approval, { by });
    for (const via of ['slack', 'cli', 'webhook']) await sayInVain(world, asked.approval, { by, via });
    await asked.seat.call(asked.input);
    await forceUse(world, asked.approval, {});
    return asked.approval;
  }),
  attack('wrong person', 'two handles of one person', async (world, random) => {
    const asked = await ask(world, random, 'deploy');
    await say(world, asked.approval, { by: '@sarah-pm' });
    await sayInVain(world, asked.approval, { by: '@cto-channel' });
    await asked.seat.call(asked.input);
    await forceUse(world, asked.approval, {});
    return asked.approval;
  }),
  attack('wrong person', 'two people who turn out to be one', async (world, random) => {
    const asked = await ask(world, random, 'deploy');
    const before = world.people.now;
    const { '@cto-channel': _, ...others } = before.people;
    world.people.now = { ...before, people: others };
    for (const by of ['@sarah-pm', '@cto-channel']) await say(world, asked.approval, { by });
    world.people.now = before;
    await asked.seat.call(asked.input);
    return asked.approval;
  }),
  attack('wrong person', 'one right person and one wrong one', async (world, random) => {
    const asked = await ask(world, random, 'deploy');
    await say(world, asked.approval, { by: '@alex-engineering-lead' });
    await sayInVain(world, asked.approval, { by: random.pick(strangers(asked.seat)) });
    await asked.seat.call(asked.input);
    await forceUse(world, asked.approval, {});
    return asked.approval;
  }),
];
