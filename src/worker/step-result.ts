/** What one run of a step came to, before the item's branch is touched. */
import type { Finding } from '../artifacts/finding.ts';
import type { Waiting } from '../gateway/question-door.ts';
import type { Pause, StepFailure } from '../items/item-event.ts';

export type StepResult = StepDone | StepFailed;

/** It can go on later where it is: no result yet, and its item pauses. */
export interface StepPaused {
  pause: Pause;
}

/** A person is asked: no result yet, the agent keeps its seat and goes on with the answer; other steps go on. */
export interface StepWaiting {
  waiting: Waiting;
}

/** What a run came to. */
export type StepOutcome = StepResult | StepPaused | StepWaiting;

export interface StepDone {
  ok: true;
  summary: string;
  /** Name → blob hash. */
  artifacts: Record<string, string>;
  /** On top of the step's base; null when nothing was changed or the step does not commit. */
  commit: string | null;
  costMicroUsd: number;
}

export interface StepFailed {
  ok: false;
  reason: StepFailure;
  message: string;
  findings: Finding[];
  costMicroUsd: number;
}

export function stepFailed(
  reason: StepFailure,
  message: string,
  more: Partial<Pick<StepFailed, 'findings' | 'costMicroUsd'>> = {},
): StepFailed {
  return { ok: false, reason, message, findings: [], costMicroUsd: 0, ...more };
}
