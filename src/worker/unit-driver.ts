/** What the worker holds for each claim unit it owns: mesh, cluster, target. */
import type { Claim } from '../journal/journal.ts';

export interface UnitDriver {
  claim: Claim;
  /** Looks at what has arrived; called on a wake, on a change, and every poll. Never overlaps itself. */
  tick(): Promise<void>;
  isIdle(): boolean;
  stop(): Promise<void>;
}
