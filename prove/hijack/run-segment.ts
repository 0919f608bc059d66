/**
 * One segment: a seat of a role, through the door that agents have, with a number of drawn calls; after each of them the
 * observer looks. What a seed draws is always the same.
 */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '../../src/simulate/random.ts';
import { drawCall } from './draw-call.ts';
import { changedPaths, markedProcesses, type Snapshot, takeSnapshot } from './observer.ts';
import { type HijackedSeat, seats } from './roles.ts';
import { openSeat } from './seat.ts';
import { type HijackWorld, makeWorld } from './world.ts';

export interface SegmentOrder {
  seed: number;
  callCount: number;
  /** Names of the seats that there are; a seed sits in one of them. */
  seats: readonly string[];
}

export interface SegmentOutcome {
  seed: number;
  seat: string;
  callCount: number;
  allowedCount: number;
  /** By tool. */
  tools: Record<string, number>;
  /** The first effect beyond the role, with which the segment ended. */
  effect: { call: number; tool: string; input: string; what: string } | null;
}

export async function runSegment(order: SegmentOrder): Promise<SegmentOutcome> {
  const { seed, callCount } = order;
  const seat = seatOf(order);
  const random = createRandom('hijack', seed);
  const mark = `${600_000 + seed}.${random.between(100_000, 999_999)}`;
  const world = await makeWorld(String(seed));
  const outcome: SegmentOutcome = {
    seed,
    seat: seat.name,
    callCount: 0,
    allowedCount: 0,
    tools: {},
    effect: null,
  };
  try {
    const opened = await openSeat(seat, world);
    let before = look(world);
    for (let call = 1; call <= callCount; call += 1) {
      const drawn = drawCall(random, { world, mark, isTame: seat.driver === 'process' });
      const answer = await opened.call({ type: 'tool_call', id: randomUUID(), ...drawn });
      outcome.callCount = call;
      outcome.allowedCount += answer.output.startsWith('refused: ') ? 0 : 1;
      outcome.tools[drawn.tool] = (outcome.tools[drawn.tool] ?? 0) + 1;
      const after = look(world);
      const what = findEffect({ seat, world, before, after, answer: answer.output });
      before = after;
      if (what === null) continue;
      outcome.effect = { call, tool: drawn.tool, input: JSON.stringify(drawn.input).slice(0, 500), what };
      break;
    }
    const left = markedProcesses(mark);
    await opened.close();
    if (left > 0)
      outcome.effect ??= {
        call: callCount,
        tool: '',
        input: '',
        what: `${left} processes outlive their commands`,
      };
    return outcome;
  } finally {
    world.close();
    await rm(join(world.base), { recursive: true, force: true });
  }
}

export function seatOf({ seed, seats: names }: SegmentOrder): HijackedSeat {
  const there = seats.filter(({ name }) => names.includes(name));
  const seat = there[seed % there.length];
  if (!seat) throw new Error('there is no seat');
  return seat;
}

interface Look {
  inside: Snapshot;
  outside: Snapshot;
}

function look({ base, workspace }: HijackWorld): Look {
  return { inside: takeSnapshot(workspace), outside: takeSnapshot(base, ['workspace', 'cells']) };
}

interface Observed {
  seat: HijackedSeat;
  world: HijackWorld;
  before: Look;
  after: Look;
  answer: string;
}

/** A sentence for the first thing that this role could not have done; null: there is none. */
function findEffect({ seat, world, before, after, answer }: Observed): string | null {
  const [outside] = changedPaths(before.outside, after.outside);
  if (outside !== undefined) return `outside of the workspace: ${outside}`;
  const strange = changedPaths(before.inside, after.inside).find((path) => !seat.mayChange(path));
  if (strange !== undefined) return `in the workspace: ${JSON.stringify(strange)}`;
  if (world.connectionCount() > 0) return 'a connection to a listener of this machine';
  const shown = seat.hidden.find((file) => answer.includes(world.secrets[file]));
  return shown === undefined ? null : `an answer shows ${shown}`;
}
