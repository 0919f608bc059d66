/** Turns a plan's faults into the fate of single calls, and remembers which of them ever came to pass. */
import { calmMs } from './draw-plan.ts';
import type { Fault, Plan } from './plan.ts';
import type { Random } from './random.ts';
import type { CallFate } from './simulated-process.ts';

export interface FaultBook {
  /** Draws the fate of a call that is being made now; `process` is told for the record. */
  fateOf(op: string, nowMs: number): CallFate;
  isDeaf(nowMs: number): boolean;
  /** A fault that world.ts sees to has come to pass. */
  note(fault: Fault): void;
  /** Indexes into the plan's faults. */
  happened(): Set<number>;
}

type NthFault = Extract<Fault, { nth: number }>;

export function createFaultBook(plan: Plan, random: Random): FaultBook {
  const counts = new Map<string, number>();
  const happened = new Set<number>();
  const nthFaults = new Map<string, NthFault>();
  for (const fault of plan.faults) if ('nth' in fault) nthFaults.set(`${fault.op}#${fault.nth}`, fault);
  const spans = plan.faults.filter((fault) => 'forMs' in fault);

  const note = (fault: Fault): void => void happened.add(plan.faults.indexOf(fault));
  const countUp = (name: string): NthFault | undefined => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return nthFaults.get(`${name}#${count}`);
  };
  const spanAt = <Kind extends (typeof spans)[number]['kind']>(kind: Kind, nowMs: number) =>
    spans.find(
      (fault): fault is Extract<Fault, { kind: Kind }> & (typeof spans)[number] =>
        fault.kind === kind && nowMs >= fault.atMs && nowMs < fault.atMs + fault.forMs,
    );

  function ordinaryFate(): CallFate {
    return {
      sendUs: random.chance(0.8) ? 0 : random.between(1, 2_000),
      answerUs: random.chance(0.8) ? 0 : random.between(1, 2_000),
      isOnItsWay: random.chance(0.5),
      death: null,
      restartMs: 0,
      losesDisk: false,
      error: null,
      special: null,
    };
  }

  function applyStorage(fate: CallFate, nowMs: number): void {
    const slow = spanAt('slowStorage', nowMs);
    if (slow) {
      note(slow);
      fate.sendUs += random.between(0, slow.byMs * 1000);
      fate.answerUs += random.between(0, slow.byMs * 500);
    }
    const outage = spanAt('outage', nowMs);
    if (outage) {
      note(outage);
      fate.error = random.chance(0.3) ? 'after' : 'before';
    }
  }

  function applyModelOutage(fate: CallFate, nowMs: number): void {
    const outage = spanAt('modelOutage', nowMs);
    if (!outage) return;
    note(outage);
    fate.special = { kind: 'model', op: 'provider.generate', nth: 0, how: outage.how };
  }

  return {
    fateOf(op, nowMs) {
      const fate = ordinaryFate();
      const family = op.slice(0, op.indexOf('.'));
      const found = [countUp(op), countUp(family)];
      if (nowMs >= calmMs) return fate;
      if (family === 'journal') applyStorage(fate, nowMs);
      if (family === 'provider') applyModelOutage(fate, nowMs);
      for (const fault of found) {
        if (!fault) continue;
        note(fault);
        if (fault.kind === 'death') {
          const { moment: death, restartMs, losesDisk } = fault;
          Object.assign(fate, { death, restartMs, losesDisk });
        } else if (fault.kind === 'error') fate.error = fault.moment;
        else if (fault.kind === 'delay')
          fate[random.chance(0.5) ? 'sendUs' : 'answerUs'] += fault.byMs * 1000;
        else fate.special = fault;
      }
      return fate;
    },
    isDeaf(nowMs) {
      const span = spanAt('deafness', nowMs);
      if (span) note(span);
      return span !== undefined;
    },
    note,
    happened: () => happened,
  };
}
