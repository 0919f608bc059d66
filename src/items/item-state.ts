/** What is known of an item after folding its events. */
import type { Finding } from '../artifacts/finding.ts';
import type { Plan } from '../artifacts/plan.ts';
import type { WaitMode } from '../policy/stakeholders.ts';
import type { LandingRefusal, Overturned, Pause, StepFailure, StepKey } from './item-event.ts';

export type ItemStatus =
  | 'queued'
  | 'running'
  | 'paused'
  /** A person works on it, in a clone of their own. */
  | 'taken_over'
  | 'ready'
  | 'landing'
  | 'landed'
  | 'rejected'
  | 'canceled';

export interface ItemState {
  number: number;
  /** The item that it was forked from, and after which of its events. */
  fork: { from: number; at: number } | null;
  title: string;
  /** Blob hash of the brief. */
  brief: string;
  criteria: readonly string[];
  priority: number;
  tags: readonly string[];
  flowName: string | null;
  ceilingMicroUsd: number | null;
  status: ItemStatus;
  cluster: string | null;
  /** Blob hash of the compiled team. */
  team: string | null;
  base: string | null;
  branch: string | null;
  target: string | null;
  /** Head of the item's branch. */
  head: string | null;
  /** Current phase, or null before the start and after the end. */
  phase: PhaseRun | null;
  /** How often each phase has sent the item back since the last allowance. */
  sentBack: Readonly<Record<string, number>>;
  /** How often each phase was entered (its round). */
  rounds: Readonly<Record<string, number>>;
  /** Latest version of each artifact: name → blob hash. */
  artifacts: Readonly<Record<string, string>>;
  pause: Pause | null;
  /** Holds no place in the cluster: it waits for people who may take their time, or since their answer for a place. */
  isParked: boolean;
  /** Rulings against decisions that it worked by, until it is sent back with them. */
  overturned: readonly Overturned[];
  /** Ceilings that persons raised for its steps and agents, by account. */
  raised: Readonly<Record<string, number>>;
  takeover: Takeover | null;
  /** What a person handed back, until the flow has taken it up (take-up-handback.ts). */
  handedBack: { hasCommit: boolean; notes: readonly Finding[] } | null;
  /** The commit that is ready, was accepted, or landed. */
  readyCommit: string | null;
  acceptedBy: string | null;
  /** Artifacts that the person handed in with the brief; in round 1 the steps that would write them are skipped. */
  provided: readonly string[];
  /** The phase that a send-back leads to, until it is entered. */
  returnTo: { phase: string; findings: readonly Finding[] } | null;
  /** Why the last landing was refused, until the item is sent back or accepted again. */
  refusal: { reason: LandingRefusal; findings: readonly Finding[] } | null;
  /** How often a person resumed it after `attempts`, or handed it back to go on: each time all counters of attempts start anew. */
  allowances: number;
  landedCommit: string | null;
  costMicroUsd: number;
  eventCount: number;
}

export interface Takeover {
  by: string;
  to: string;
  commit: string;
  branch: string;
  folder: string;
  /** What it is again when it is handed back as it was. */
  before: Pick<ItemState, 'status' | 'pause' | 'readyCommit'>;
}

export interface PhaseRun {
  name: string;
  round: number;
  /** Entered with findings (sent back): an `each` phase then runs one rework task instead of the plan. */
  findings: readonly Finding[];
  /** What persons said when they handed the item back; every step that starts is told. */
  notes: readonly Finding[];
  /** Steps that a person's commit stands in for; they count as done. */
  answered: readonly StepKey[];
  steps: Readonly<Record<StepKey, StepRun>>;
  gates: readonly GateRun[];
}

export interface StepRun {
  status: 'running' | 'done' | 'failed';
  role: string;
  task: string | null;
  attempt: number;
  agent: string;
  base: string;
  /** What its agent waits for; null: for nobody. */
  waiting: StepWait | null;
  /** Failed attempts that count against the limit, and interrupted ones that do not; both since the last allowance. */
  failedCount: number;
  interruptedCount: number;
  /** Stopped by a ceiling and no person has resumed the item since. */
  isHeld: boolean;
  /** A person resumed the item after this step's breaker had opened: its next failure opens it again. */
  isOnTrial: boolean;
  /** What the attempts cost that count against the limit. */
  failedCostMicroUsd: number;
  /** Of the last failed attempt; kept while the next one runs. */
  failure: { reason: StepFailure; message: string; findings: readonly Finding[] } | null;
}

export interface StepWait {
  /** `Q-7` or `A-2`. */
  ask: string;
  call: string;
  mode: WaitMode;
}

export interface GateRun {
  gate: number;
  status: 'running' | 'passed' | 'failed';
  commit: string;
  summary: string | null;
  findings: readonly Finding[];
}

/** What the interpreter reads besides the state. `plan` is the parsed plan artifact of an `each` phase, when there is one. */
export interface ItemFacts {
  project: string;
  plan: Plan | null;
  seats: Readonly<Record<string, number>>;
  /** Consecutive failures of one step in one round that open its breaker (interruptions aside). */
  breaker: number;
}
