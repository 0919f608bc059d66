/** Yeses to one action that are used for another. */
import { streamId } from '../../src/journal/event.ts';
import { type ApprovalAction, hashAction } from '../../src/questions/approval-action.ts';
import { createRedactor, noSecrets } from '../../src/secrets/redactor.ts';
import { approvalOf, project } from './approval-world.ts';
import {
  type Attack,
  approve,
  ask,
  attack,
  changeOneByte,
  forceUse,
  rightPeople,
  sayInVain,
} from './attack.ts';

/** The same action but for one thing. */
const otherwise: { [Field in keyof ApprovalAction]: ApprovalAction[Field] } = {
  project: 'orders-web',
  item: 2,
  agent: streamId('agent', project, 1, 'build', 'T0', 'developer', 1),
  role: 'tester',
  tool: 'write',
  input: { argv: ['release', 'more'] },
  base: 'b'.repeat(40),
};

export const swapped: Attack[] = [
  ...(Object.keys(otherwise) as (keyof ApprovalAction)[]).map((field) =>
    attack('swapped', `the same action but for its ${field}`, async (world, random) => {
      const asked = await ask(world, random);
      await approve(world, asked);
      const { agent, base } = asked.seat;
      const action: ApprovalAction = {
        ...{ project, item: 1, agent, role: 'developer' },
        tool: 'run',
        input: asked.input,
        base,
      };
      if (hashAction(action) !== asked.approval.actionHash) throw new Error('this is not what was asked for');
      await forceUse(world, asked.approval, {
        actionHash: hashAction({ ...action, [field]: otherwise[field] }),
      });
      return asked.approval;
    }),
  ),
  attack('swapped', 'a yes with the hash of another action', async (world, random) => {
    const asked = await ask(world, random);
    const other = await ask(world, random, asked.program);
    for (const by of rightPeople[asked.program])
      await sayInVain(world, asked.approval, { by, actionHash: other.approval.actionHash });
    await asked.seat.call(asked.input);
    return asked.approval;
  }),
  attack(
    'swapped',
    'a yes with the hash of the very same command of another agent',
    async (world, random) => {
      const asked = await ask(world, random);
      const other = await approvalOf(world, await world.seat().call(asked.input));
      for (const by of rightPeople[asked.program])
        await sayInVain(world, asked.approval, { by, actionHash: other.actionHash });
      await asked.seat.call(asked.input);
      return asked.approval;
    },
  ),
  attack('swapped', 'a yes with one digit of the hash changed', async (world, random) => {
    const asked = await ask(world, random);
    const actionHash = changeOneByte(asked.approval.actionHash, random);
    for (const by of rightPeople[asked.program]) await sayInVain(world, asked.approval, { by, actionHash });
    await asked.seat.call(asked.input);
    return asked.approval;
  }),
  attack('swapped', 'a yes with too little of the hash', async (world, random) => {
    const asked = await ask(world, random);
    const actionHash = asked.approval.actionHash.slice(0, random.between(0, 11));
    for (const by of rightPeople[asked.program]) await sayInVain(world, asked.approval, { by, actionHash });
    await asked.seat.call(asked.input);
    return asked.approval;
  }),
  attack('swapped', 'one byte of the action changed after the yes', async (world, random) => {
    const asked = await ask(world, random);
    await approve(world, asked);
    const [program = '', ...words] = asked.input.argv as string[];
    const at = random.between(0, words.length - 1);
    const argv = [
      program,
      ...words.map((word, index) => (index === at ? changeOneByte(word, random) : word)),
    ];
    await asked.seat.call({ argv });
    return asked.approval;
  }),
  attack('swapped', 'words split otherwise after the yes', async (world, random) => {
    const asked = await ask(world, random);
    await approve(world, asked);
    const [program = '', ...words] = asked.input.argv as string[];
    await asked.seat.call({ argv: [program, words.join(' ')] });
    return asked.approval;
  }),
  attack('swapped', 'another commit below it', async (world, random) => {
    const asked = await ask(world, random);
    await approve(world, asked);
    asked.seat.base = 'b'.repeat(40);
    await asked.seat.call(asked.input);
    return asked.approval;
  }),
  attack('swapped', 'another item', async (world, random) => {
    const asked = await ask(world, random);
    await approve(world, asked);
    asked.seat.item = 2;
    await asked.seat.call(asked.input);
    return asked.approval;
  }),
  attack('swapped', 'another agent with the same call', async (world, random) => {
    const asked = await ask(world, random);
    await approve(world, asked);
    const thief = world.seat();
    await thief.call(asked.input);
    await forceUse(world, asked.approval, { agent: thief.agent });
    return asked.approval;
  }),
  attack('swapped', 'another agent with the hash of its own action', async (world, random) => {
    const asked = await ask(world, random);
    await approve(world, asked);
    const thief = world.seat();
    const own = await approvalOf(world, await thief.call(asked.input));
    await forceUse(world, asked.approval, { agent: thief.agent, actionHash: own.actionHash });
    return asked.approval;
  }),
  attack('swapped', 'a value in place of the placeholder that was shown', async (world, random) => {
    const value = `token-${random.between(100_000, 999_999)}`;
    const seat = world.seat({ redactor: createRedactor([{ name: 'TOKEN', value }]) });
    const input = { argv: ['release', value] };
    const approval = await approvalOf(world, await seat.call(input));
    await approve(world, { seat, input, program: 'release', approval });
    // The value is no secret any more, so it would be run as it is.
    seat.redactor = noSecrets;
    await seat.call(input);
    return approval;
  }),
];
