/** Turns a plan's faults into the fate of single calls, and remembers which of them ever came to pass. */
import { calmMs } from './draw-plan.ts';
import type { Fault, Plan } from './plan.ts';
import type { Random } from './random.ts';
import type { CallFate } from './simulated-process.ts';

type NthFault = Extract<Fault, { nth: number }>;
type SpanFault = Extract<Fault, { forMs: number }>;

export class FaultBook {
  readonly #plan: Plan;
  readonly #random: Random;
  readonly #counts = new Map<string, number>();
  readonly #happened = new Set<number>();
  readonly #nthFaults = new Map<string, Map<number, NthFault>>();
  readonly #spans: SpanFault[];

  constructor(plan: Plan, random: Random) {
    this.#plan = plan;
    this.#random = random;
    for (const fault of plan.faults) {
      if (!('nth' in fault)) continue;
      const ofOp = this.#nthFaults.get(fault.op) ?? new Map<number, NthFault>();
      this.#nthFaults.set(fault.op, ofOp.set(fault.nth, fault));
    }
    this.#spans = plan.faults.filter((fault) => 'forMs' in fault);
  }

  /** Draws the fate of a call that is being made now. */
  fateOf(op: string, nowMs: number): CallFate {
    const fate = this.#ordinaryFate();
    const family = op.slice(0, op.indexOf('.'));
    // The process itself opens a cell; all else is asked of somebody who may get to it after the process died.
    if (op === 'cells.open') fate.isOnItsWay = false;
    const found = [this.#countUp(op), this.#countUp(family)];
    if (nowMs >= calmMs) return fate;
    if (family === 'journal') this.#applyStorage(fate, nowMs);
    if (family === 'provider') this.#applyModelOutage(fate, nowMs);
    for (const fault of found) if (fault) this.#apply(fault, fate);
    return fate;
  }

  /** Notifications are lost now. */
  isDeaf(nowMs: number): boolean {
    return this.#spanAt('deafness', nowMs) !== null;
  }

  /** A fault that is seen to elsewhere has come to pass. */
  note(fault: Fault): void {
    this.#happened.add(this.#plan.faults.indexOf(fault));
  }

  /** Indexes into the plan's faults. */
  happened(): ReadonlySet<number> {
    return this.#happened;
  }

  #countUp(name: string): NthFault | undefined {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return this.#nthFaults.get(name)?.get(count);
  }

  /** The fault of this kind that is at work now; noted. */
  #spanAt<Kind extends SpanFault['kind']>(kind: Kind, nowMs: number): Extract<Fault, { kind: Kind }> | null {
    const found = this.#spans.find(
      (fault) => fault.kind === kind && nowMs >= fault.atMs && nowMs < fault.atMs + fault.forMs,
    );
    if (!found) return null;
    this.note(found);
    return found as Extract<Fault, { kind: Kind }>;
  }

  #ordinaryFate(): CallFate {
    const random = this.#random;
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

  #apply(fault: NthFault, fate: CallFate): void {
    this.note(fault);
    if (fault.kind === 'death') {
      const { moment: death, restartMs, losesDisk } = fault;
      Object.assign(fate, { death, restartMs, losesDisk });
    } else if (fault.kind === 'error') fate.error = fault.moment;
    else if (fault.kind === 'delay') {
      fate[this.#random.chance(0.5) ? 'sendUs' : 'answerUs'] += fault.byMs * 1000;
    } else fate.special = fault;
  }

  #applyStorage(fate: CallFate, nowMs: number): void {
    const random = this.#random;
    const slow = this.#spanAt('slowStorage', nowMs);
    if (slow) {
      fate.sendUs += random.between(0, slow.byMs * 1000);
      fate.answerUs += random.between(0, slow.byMs * 500);
    }
    if (this.#spanAt('outage', nowMs)) fate.error = random.chance(0.3) ? 'after' : 'before';
  }

  #applyModelOutage(fate: CallFate, nowMs: number): void {
    const outage = this.#spanAt('modelOutage', nowMs);
    if (outage) fate.special = { kind: 'model', op: 'provider.generate', nth: 0, how: outage.how };
  }
}
