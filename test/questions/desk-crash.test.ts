/** The desk's worker dies after any of its writes: whoever comes next goes on, and nothing is lost or there twice. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { readControls } from '../../src/controls/control-record.ts';
import { type StreamId, streamId } from '../../src/journal/event.ts';
import type { Journal } from '../../src/journal/journal.ts';
import type { WorkerContext } from '../../src/worker/worker-context.ts';
import { type DeskWorld, minuteMs, openDeskWorld, project } from './desk-world.ts';
import { alwaysThere } from './people.ts';

/** What of a worker's writes is a step of its desk. */
const isDesk = (stream: StreamId) => /^(question|memory|control|item):/.test(stream);

class Dead extends Error {}

/** Dies right after the desk's write number `at` is stored, counted over all of the worker's life. */
function dyingAfter(at: number, seen: { count: number }) {
  return (context: WorkerContext): WorkerContext => {
    let isDead = false;
    const append: Journal['append'] = async (unit) => {
      if (isDead) throw new Dead();
      const outcome = await context.journal.append(unit);
      if (!isDesk(unit.stream) || unit.events[0]?.kind === 'control.obeyed') return outcome;
      seen.count += 1;
      isDead = seen.count === at;
      if (isDead) throw new Dead();
      return outcome;
    };
    return { ...context, journal: { ...context.journal, append } };
  };
}

/** Everything that came of it, without what depends on when. */
async function outcome(world: DeskWorld) {
  const told = await world.journal.inbox(streamId('item', project, 3));
  const { records } = await world.memory();
  const { byScope } = await readControls(world.journal, project);
  const state = await world.question(1);
  return {
    events: (await world.questionEvents(1)).toSorted(),
    decisions: [...records.values()].map(({ id, statement, status }) => `${id} ${status} ${statement}`),
    settlements: told.map(({ kind, data }) => `${kind} ${data.how}`),
    deliveries: new Set(world.deliveries.map(({ id }) => id)).size,
    held: [...byScope.values()].flat().length,
    recorded: state.recorded,
  };
}

async function live(die: (context: WorkerContext) => WorkerContext) {
  const world = await openDeskWorld({ map: alwaysThere });
  await world.ask('compliance_question');
  const dying = world.work({ change: die, mayDie: true });
  // Its successor knows that it is dead, as a neighbour on the same machine does.
  const change = (context: WorkerContext) => ({ ...context, isOwnerDead: () => true });
  void dying.ended.catch(() => world.work({ change }));
  onTestFinished(() => dying.stop().catch(() => {}));
  await world.until('it is asked', async () => (await world.question(1)).asks.length === 1);
  await world.until('the block', async () => (await readControls(world.journal, project)).byScope.size === 1);
  world.advance(31 * minuteMs);
  await world.until('it climbs', async () => (await world.question(1)).asks.length === 3);
  await world.say('@compliance-team', 'Q-1', '1');
  await world.recorded(1);
  await world.until(
    'nothing is held',
    async () => (await readControls(world.journal, project)).byScope.size === 0,
  );
  // Three asks of two people, and one word to where both were asked, whoever ordered them.
  await world.until(
    'everything is delivered',
    async () => new Set(world.deliveries.map(({ id }) => id)).size === 4,
  );
  const isDelivered = (kind: string) => kind === 'delivered';
  await world.until(
    'the question knows it',
    async () => (await world.questionEvents(1)).filter(isDelivered).length === 3,
  );
  return outcome(world);
}

describe('a compliance question, from the ask over one escalation to the decision', () => {
  const seen = { count: 0 };
  let undisturbed: Awaited<ReturnType<typeof live>>;

  it('ends in one decision when nobody dies', async () => {
    undisturbed = await live(dyingAfter(Number.POSITIVE_INFINITY, seen));
    expect(undisturbed).toMatchObject({
      events: [
        'answered',
        'asked',
        'delivered',
        'delivered',
        'delivered',
        'escalated',
        'notified',
        'notified',
        'notified',
        'recorded',
      ],
      settlements: ['ask.settled answered'],
      held: 0,
      recorded: { decision: 'D-1' },
    });
    // Ask, block, escalation, block of the new addressee, word of three deliveries, memory, record, end of the block.
    expect(seen.count).toBe(10);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'comes to the same when the worker dies after the %i. of these writes',
    async (at) => {
      expect(await live(dyingAfter(at, { count: 0 }))).toEqual(undisturbed);
    },
  );
});
