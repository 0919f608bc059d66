/**
 * One operating-system process of a simulated world, as far as the code in it can tell: its clock, and every call it
 * makes of a port. A call has two moments, taking effect and being answered; in between, and before, the process may
 * die, after which nothing in it ever goes on. Knows no port.
 */
import type { Clock } from '../base/clock.ts';
import { MeshwrightError } from '../base/errors.ts';
import type { CallFault, Fault } from './plan.ts';
import type { Moment, Scheduler } from './scheduler.ts';

/** What chance and the plan's faults make of one call. */
export interface CallFate {
  /** Until it takes effect. */
  sendUs: number;
  /** From then until the process knows. */
  answerUs: number;
  /** It takes effect also when the process dies first (storage has it already). */
  isOnItsWay: boolean;
  death: 'before' | 'after' | null;
  /** Until somebody starts it again after that death, and whether its workspaces are gone then. */
  restartMs: number;
  losesDisk: boolean;
  error: 'before' | 'after' | null;
  /** What the port itself makes go wrong; a model that hangs never takes effect. */
  special: SpecialFault | null;
}

export type SpecialFault = Extract<
  Fault,
  { kind: 'model' | 'cellBreaks' | 'setupFails' | 'targetMoves' } & CallFault
>;

export interface CallOptions {
  /** Added to the fate's own: how long the work takes before its effect, and after it. */
  workUs?: number;
  restUs?: number;
  /** When it aborts, a call that had not taken effect never does, and is answered with the reason. */
  signal?: AbortSignal | undefined;
}

export type Death = Pick<CallFate, 'restartMs' | 'losesDisk'>;

export interface ProcessHooks {
  scheduler: Scheduler;
  fateOf(process: SimulatedProcess, op: string): CallFate;
  /** Microseconds by which the machine's wall clock is off. */
  wallOffsetUs(): number;
  /** The process has ended; its code will not run again. Somebody starts another one after so long. */
  onDeath(process: SimulatedProcess, after: Death): void;
}

/** Something outside failed, on purpose; what a process does about it is its own matter. The codes are those of the adapters. */
export class SimulatedFault extends MeshwrightError {
  readonly processName: string;

  constructor(processName: string, op: string) {
    const code = op.startsWith('journal.') ? 'database_unreachable' : 'git_failed';
    super(code, `${op} failed in ${processName} (simulated)`);
    this.name = 'SimulatedFault';
    this.processName = processName;
  }
}

/** Milliseconds since the epoch when every world begins. */
export const worldEpochMs = Date.UTC(2026, 0, 1);

/** States: running ⇄ frozen (nothing in it goes on, what it had sent takes effect) → dead. */
export class SimulatedProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly #hooks: ProcessHooks;
  readonly #held: (() => void)[] = [];
  #state: 'running' | 'frozen' | 'dead' = 'running';

  constructor(name: string, hooks: ProcessHooks) {
    this.name = name;
    this.#hooks = hooks;
    const { scheduler } = hooks;
    this.clock = {
      now: () => worldEpochMs + Math.floor((scheduler.nowUs() + hooks.wallOffsetUs()) / 1000),
      monotonicMs: () => scheduler.nowUs() / 1000,
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
  }

  get isAlive(): boolean {
    return this.#state !== 'dead';
  }

  get isFrozen(): boolean {
    return this.#state === 'frozen';
  }

  /** Runs it when this process gets to it: at once, after a freeze, or never. */
  deliver(happen: () => void): void {
    if (this.#state === 'running') happen();
    else if (this.#state === 'frozen') this.#held.push(happen);
  }

  freeze(): void {
    if (this.#state === 'running') this.#state = 'frozen';
  }

  thaw(): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'running';
    for (const happen of this.#held.splice(0)) this.#hooks.scheduler.after(0, () => this.deliver(happen));
  }

  die(after: Death = { restartMs: 1_000, losesDisk: false }): void {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.#held.length = 0;
    this.#hooks.onDeath(this, after);
  }

  /** The result of `run`, which takes effect at a moment of the scheduler's choice. Never settles once the process is dead. */
  call<T>(
    op: string,
    run: (special: SpecialFault | null) => Promise<T>,
    options: CallOptions = {},
  ): Promise<T> {
    const { scheduler } = this.#hooks;
    if (!this.isAlive) return new Promise(() => {});
    if (options.signal?.aborted) return Promise.reject(options.signal.reason);
    const fate = this.#hooks.fateOf(this, op);
    return new Promise<T>((resolve, reject) => {
      const fail = () => new SimulatedFault(this.name, op);
      let next: Moment | null = null;
      const answerAfter = (delayUs: number, settle: () => void): void => {
        next = scheduler.after(delayUs, () =>
          this.deliver(() => {
            options.signal?.removeEventListener('abort', abort);
            settle();
          }),
        );
      };
      const settled = (settle: () => void): void => {
        if (fate.death === 'after') this.die(fate);
        answerAfter(
          fate.answerUs + (options.restUs ?? 0),
          fate.error === 'after' ? () => reject(fail()) : settle,
        );
      };
      const takeEffect = (): void => {
        if (!this.isAlive && !fate.isOnItsWay) return;
        if (fate.death === 'before') this.die(fate);
        else if (fate.error === 'before') answerAfter(fate.answerUs, () => reject(fail()));
        else {
          run(fate.special).then(
            (value) => settled(() => resolve(value)),
            (error: unknown) => settled(() => reject(error)),
          );
        }
      };
      const abort = (): void => {
        if (next) next.isCanceled = true;
        answerAfter(fate.answerUs, () => reject(options.signal?.reason));
      };
      const isEndless = fate.special?.kind === 'model' && fate.special.how === 'hangs';
      if (!isEndless) next = scheduler.after(fate.sendUs + (options.workUs ?? 0), takeEffect);
      options.signal?.addEventListener('abort', abort, { once: true });
    });
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (!this.isAlive) return new Promise(() => {});
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        timer.isCanceled = true;
        reject(signal?.reason);
      };
      const timer = this.#hooks.scheduler.after(ms * 1000, () =>
        this.deliver(() => {
          signal?.removeEventListener('abort', abort);
          resolve();
        }),
      );
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}
