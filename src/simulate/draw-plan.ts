/** Draws a world from a seed: how many workers and briefs, what persons do, what breaks and when. Pure. */
import { drawControls } from './control-acts.ts';
import { drawAskFaults, drawAsks } from './draw-asks.ts';
import type { Act, CallFault, Fault, ItemPlan, ModelFault, Plan, WorldPlan } from './plan.ts';
import { createRandom, type Random } from './random.ts';

/** Nothing of a plan begins later than this; from then on faults stop and persons answer everything. */
export const calmMs = 60_000;

export function drawPlan(seed: number): Plan {
  const random = createRandom('plan', seed);
  const world = drawWorld(random);
  const items = drawItems(random);
  const acts = drawMany(random, 6, () => drawAct(random, items.length));
  const faults = drawMany(random, 9, () => drawFault(random, world));
  const controls = drawControls(seed, items.length);
  const asks = drawAsks(seed);
  return { seed, world, items, acts, controls, asks, faults: [...faults, ...drawAskFaults(seed, asks)] };
}

/** Up to `most`, few more often than many, none in a fifth of the worlds. */
function drawMany<T>(random: Random, most: number, draw: () => T): T[] {
  const count = random.chance(0.2) ? 0 : random.rank(most);
  return Array.from({ length: count }, draw);
}

function drawWorld(random: Random): WorldPlan {
  const isUntilIdle = random.chance(0.2);
  return {
    workers: Array.from({ length: random.pick([1, 1, 2, 2, 3]) }, (_, index) => ({
      startMs: index === 0 || random.chance(0.3) ? 0 : random.between(0, 8_000),
      isUntilIdle,
    })),
    itemsAtOnce: random.between(1, 3),
    developerSeats: random.between(1, 3),
    turns: random.between(9, 14),
    breaker: random.between(2, 3),
    callAttempts: random.between(2, 4),
    stepTimeoutMs: random.pick([15_000, 40_000, 120_000]),
    baseline: random.pick(['green', 'green', 'green', 'red', 'flaky']),
    modelMs: random.pick([40, 150, 400]),
    checkMs: random.pick([30, 200, 1_000]),
    carelessness: random.pick([0, 0.1, 0.3, 0.5]),
    agentCeilingMicroUsd: random.pick([300_000, 1_000_000, 3_000_000]),
    itemCeilingMicroUsd: random.pick([500_000, 2_000_000, 10_000_000]),
  };
}

function drawItems(random: Random): ItemPlan[] {
  return Array.from({ length: random.pick([1, 2, 3, 3, 4]) }, (_, index) => ({
    id: index + 1,
    // Some come at the very same time.
    addMs: index === 0 || random.chance(0.25) ? 0 : random.between(0, 6_000),
    flow: random.pick(['feature', 'feature', 'feature', 'feature', 'trio', 'trio', 'solo'] as const),
    priority: random.between(0, 2),
    ceilingMicroUsd: random.chance(0.3) ? random.between(100_000, 1_500_000) : null,
    hasPlan: random.chance(0.15),
    taskCount: random.pick([1, 2, 3, 4, 5, 6]),
    answerMs: random.rank(2_500),
    verdicts: drawVerdicts(random),
    patience: random.between(0, 3),
  }));
}

function drawVerdicts(random: Random): ItemPlan['verdicts'] {
  const last = random.pick(['accept', 'accept', 'accept', 'accept', 'reject', 'nothing'] as const);
  return random.chance(0.85) ? [last] : ['accept', last];
}

function drawAct(random: Random, itemCount: number): Act {
  const kinds: Act['kind'][] = [
    'pause',
    'pause',
    'takeover',
    'takeover',
    'takeover',
    'resume',
    'resume',
    'cancel',
    'accept',
    'reject',
    'stale_accept',
    'odd_message',
  ];
  return {
    kind: random.pick(kinds),
    item: random.between(1, itemCount),
    atMs: random.chance(0.4) ? random.rank(30_000) : random.between(1, 15_000),
    lateMs: random.chance(0.3) ? random.between(1, 4_000) : 0,
    twice: random.chance(0.4) ? random.between(0, 3_000) : null,
  };
}

/** Calls that faults may befall, with about how often they are made in one world. */
const callCounts: readonly (readonly [string, number])[] = [
  ['journal.append', 800],
  ['journal.append', 800],
  ['journal.append', 800],
  ['journal.claim', 300],
  ['journal.renew', 20],
  ['journal.inbox', 600],
  ['journal.read', 60],
  ['journal', 3_000],
  ['provider.generate', 150],
  ['mirror', 250],
  ['mirror.moveRef', 20],
  ['mirror.commitTree', 25],
  ['mirror.advanceBranch', 3],
  ['workspaces', 80],
  ['workspaces.captureTree', 20],
  ['workspaces.prepare', 25],
  ['cells', 250],
  ['cells.exec', 40],
  ['cells.open', 25],
];

function drawCall(random: Random): CallFault {
  const [op, count] = random.pick(callCounts);
  return { op, nth: random.chance(0.5) ? random.rank(count) : random.between(1, count) };
}

const modelFaults: readonly ModelFault[] = [
  'rate_limited',
  'overloaded',
  'unavailable',
  'cut_off',
  'malformed',
  'empty',
  'unauthorized',
  'hangs',
  'throws',
  'overbilled',
];

function drawFault(random: Random, world: WorldPlan): Fault {
  const moment = random.pick(['before', 'after'] as const);
  const atMs = random.rank(40_000);
  const forMs = random.between(200, 12_000);
  const model = (): Fault => ({
    kind: 'model',
    op: 'provider.generate',
    nth: random.between(1, 120),
    how: random.pick(modelFaults),
  });
  const death = (): Fault => ({
    kind: 'death',
    moment,
    restartMs: random.rank(20_000),
    losesDisk: random.chance(0.15),
    ...drawCall(random),
  });
  const draws: (() => Fault)[] = [
    death,
    death,
    death,
    death,
    () => ({ kind: 'error', moment, ...drawJournalCall(random) }),
    () => ({ kind: 'error', moment: 'after', op: 'journal.append', nth: random.between(1, 800) }),
    () => ({ kind: 'delay', byMs: random.between(50, 30_000), ...drawCall(random) }),
    model,
    model,
    model,
    () => ({ kind: 'cellBreaks', op: 'cells', nth: random.between(1, 250) }),
    () => ({ kind: 'setupFails', op: 'workspaces.setup', nth: random.between(1, 25) }),
    () => ({
      kind: 'freeze',
      worker: random.between(0, world.workers.length - 1),
      atMs,
      forMs: random.pick([500, 9_000, 16_000, 25_000]),
    }),
    () => ({ kind: 'slowStorage', atMs, forMs, byMs: random.between(2, 400) }),
    () => ({ kind: 'outage', atMs, forMs: random.between(50, 6_000) }),
    () => ({ kind: 'modelOutage', atMs, forMs, how: random.pick(['overloaded', 'unavailable'] as const) }),
    () => ({ kind: 'deafness', atMs, forMs }),
    () => ({
      kind: 'clockJump',
      whose: random.pick(['host', 'database'] as const),
      atMs,
      byMs: random.pick([-600_000, -20_000, -5_000, 5_000, 20_000, 3_600_000]),
    }),
    () => ({ kind: 'dirtyTarget', atMs, forMs: random.between(500, 20_000) }),
    () => ({
      kind: 'targetMoves',
      op: 'mirror.advanceBranch',
      nth: random.between(1, 3),
      file: random.pick(['shared.txt', 'own.txt']),
    }),
    () => ({ kind: 'movedTarget', atMs, file: random.pick(['shared.txt', 'own.txt']) }),
  ];
  const fault = random.pick(draws)();
  // A lease that ends ten minutes late would only make the world wait.
  if (fault.kind === 'clockJump' && fault.whose === 'database') fault.byMs = Math.max(-20_000, fault.byMs);
  return fault;
}

function drawJournalCall(random: Random): CallFault {
  for (;;) {
    const call = drawCall(random);
    if (call.op.startsWith('journal')) return call;
  }
}
