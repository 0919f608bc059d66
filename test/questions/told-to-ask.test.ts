/** What seats are told of asking: through the whole worker, on real PostgreSQL, with scripted models; and what a replay makes of it later. */
import { describe, expect, test } from 'vitest';
import { replayItem } from '../../src/replay/replay-item.ts';
import { say, write } from '../engine/small-team.ts';
import { openAskingWorld } from './asking-world.ts';
import { ask } from './question-input.ts';

const twoAtOnce = 'limits: { items_at_once: 2 }\n';

interface Told {
  item: string;
  role: string;
  system: string;
  first: string;
}

/** Item 1 asks about the time zone; every prompt is kept. */
async function openWorld(more: Parameters<typeof openAskingWorld>[1] = {}) {
  const told: Told[] = [];
  const world = await openAskingWorld(
    {
      developer({ seat, system, messages }, turn) {
        const first = JSON.stringify(messages[0]);
        if (turn === 0) told.push({ item: String(seat.item), role: seat.role, system, first });
        if (turn === 0 && String(seat.item) === '1') return ask();
        return turn < 2 ? write(`${seat.item}.txt`, 'x\n') : say('done');
      },
    },
    { flow: 'solo', policy: twoAtOnce, ...more },
  );
  const toldTo = (item: number) => told.filter((each) => each.item === String(item));
  return { ...world, toldTo };
}

describe('a seat that can ask', () => {
  test('is told when to, of which kinds, and what other items have asked that nobody has answered', async () => {
    const world = await openWorld();
    await world.add('# First\n\nDo it.');
    await world.run();
    await world.add('# Second\n\nDo it too.');
    await world.run();
    const [first] = world.toldTo(1);
    expect(first?.system).toContain('# When to ask people');
    expect(first?.system).toContain('  - `requirement_ambiguity`: @sarah-pm, 60 min SLA\n');
    // The product itself asks about money.
    expect(first?.system).not.toContain('budget_threshold_exceeded');
    expect(first?.first).not.toContain('Asked already');
    const [second] = world.toldTo(2);
    expect(second?.system).toBe(first?.system);
    const dueAt = (await world.question(1))?.dueAt;
    expect(second?.first).toContain(
      `- Q-1: \`export.timezone\`, kind \`requirement_ambiguity\`, scope \`mesh\`, @sarah-pm, due ${dueAt}`,
    );

    await world.say('Q-1', '1');
    await world.run();
    await world.add('# Third\n\nDo it as well.');
    await world.run();
    expect(world.toldTo(3)[0]?.first).not.toContain('Asked already');
    for (const item of [1, 2]) {
      const request = { item, agent: null, isCurrent: false, runsTools: false };
      const replay = await replayItem(world.context, { ...request, signal: AbortSignal.timeout(60_000) });
      expect(replay.agents.map(({ divergence }) => divergence)).toEqual([null]);
    }
  });

  test('is not told what is of another item or of the product alone', async () => {
    const world = await openAskingWorld(
      {
        developer({ seat, messages }, turn) {
          if (String(seat.item) === '1')
            return turn === 0 ? ask({ scope: 'item', kind: 'pricing_question' }) : say('done');
          return turn === 0 ? write('first.txt', JSON.stringify(messages[0])) : say('done');
        },
      },
      { flow: 'solo', policy: twoAtOnce },
    );
    await world.add('# First\n\nDo it.');
    await world.run();
    expect((await world.question(2))?.key.kind).toBe('unrouted_kind');
    const second = await world.add('# Second\n\nDo it too.');
    await world.run();
    expect((await world.item(second)).status).toBe('ready');
    expect(await world.context.mirror.show('refs/heads/mesh/2', 'first.txt')).not.toContain('Asked already');
  });
});

test('a seat whose role denies it is told nothing of asking', async () => {
  const world = await openWorld({
    change: (context) => ({
      ...context,
      async compileTeam(flow) {
        const team = await context.compileTeam(flow);
        const { developer } = team.roles;
        if (!developer) throw new Error('the flow has no developer');
        return {
          ...team,
          roles: { ...team.roles, developer: { ...developer, deniedTools: ['ask' as const] } },
        };
      },
    }),
  });
  await world.add('# First\n\nDo it.');
  await world.run();
  expect(world.toldTo(1)[0]?.system).not.toContain('When to ask people');
  expect(await world.question(1)).toBeNull();
});
