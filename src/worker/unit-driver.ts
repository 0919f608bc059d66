/** What the worker holds for each claim unit it owns: mesh, cluster, target. */
import type { ControlWatch } from '../controls/control-watch.ts';
import type { Claim } from '../journal/journal.ts';
import type { WorkerContext } from './worker-context.ts';

/** What of a project this worker drives. */
export interface Scope {
  /** Only these items; null: all. */
  items: ReadonlySet<number> | null;
  /** Carry out what persons asked for, but begin and continue nothing: no agent is seated, no check is run. */
  requestsOnly: boolean;
}

export interface UnitOptions {
  /** Guarded for this claim. */
  context: WorkerContext;
  claim: Claim;
  scope: Scope;
  controls: ControlWatch;
  /** Something has changed or ended. */
  onChange: () => void;
  /** A line for whoever watches this worker. */
  onNotice: (line: string) => void;
  /** The unit cannot be driven on in this process (claim lost, storage away, corrupted stream). */
  onFailure: (error: unknown) => void;
}

export interface UnitDriver {
  claim: Claim;
  /** Looks at what has arrived; called on a wake, on a change, and every poll. Never overlaps itself. */
  tick(): Promise<void>;
  isIdle(): boolean;
  /** Work can go on without a message: whoever comes next should claim it at once. Asked when it is given back. */
  isDue(): boolean;
  /** When it has to be looked at although nothing arrives; null: never. */
  dueAtMs(): number | null;
  /** The controls have changed: what they kill is ended at once, without waiting for a turn. */
  obey(): void;
  /** Nothing of what is killed runs any more. */
  isObedient(): boolean;
  stop(): Promise<void>;
}
