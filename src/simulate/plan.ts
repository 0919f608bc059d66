/**
 * What happens in one simulated world besides the worker's own doing, as data: the briefs, the persons' acts, the
 * faults. Drawn from a seed (draw-plan.ts) and edited by the shrinker; a plan and its seed replay exactly.
 */

export interface Plan {
  seed: number;
  world: WorldPlan;
  items: ItemPlan[];
  acts: Act[];
  controls: ControlAct[];
  /** Null: no agent asks anything. */
  asks: AskPlan | null;
  faults: Fault[];
}

/** How much agents ask, and how soon something follows from silence. What is asked and answered is drawn where it happens. */
export interface AskPlan {
  /** How often an agent asks in one turn; 0 to 1. */
  share: number;
  /** Of every route. */
  slaMs: number;
  /** Open asks of one person at once. */
  attentionLimit: number;
}

export interface WorldPlan {
  workers: WorkerPlan[];
  /** Items in work at once. */
  itemsAtOnce: number;
  developerSeats: number;
  turns: number;
  breaker: number;
  callAttempts: number;
  stepTimeoutMs: number;
  baseline: 'green' | 'red' | 'flaky';
  /** How long one answer of the model takes, at most. */
  modelMs: number;
  /** How long the project's check takes, at most. */
  checkMs: number;
  /** How often synthetic developers write something that the check refuses; 0 to 1. */
  carelessness: number;
  agentCeilingMicroUsd: number;
  itemCeilingMicroUsd: number;
}

export interface WorkerPlan {
  startMs: number;
  /** Ends by itself when nothing can go on without a person, as `run --until-idle` does. */
  isUntilIdle: boolean;
}

export interface ItemPlan {
  /** 1-based; the number that it will have only if nobody was faster. */
  id: number;
  addMs: number;
  flow: 'solo' | 'trio' | 'feature';
  priority: number;
  ceilingMicroUsd: number | null;
  /** The person hands in a plan with the brief. */
  hasPlan: boolean;
  taskCount: number;
  /** How long its person takes to answer when it is ready or paused. */
  answerMs: number;
  /** What its person says when it is ready: at the first time, at the second…; the last one for ever after. */
  verdicts: ('accept' | 'reject' | 'nothing')[];
  /** How often its person resumes it before canceling it. */
  patience: number;
}

/** Something that a person asks out of turn. `twice`: the same message arrives again after so long; null: once. */
export interface Act {
  kind: 'pause' | 'cancel' | 'resume' | 'accept' | 'reject' | 'takeover' | 'stale_accept' | 'odd_message';
  item: number;
  atMs: number;
  /** How long the message is on its way after it was checked. */
  lateMs: number;
  twice: number | null;
}

/** A person lays a control on something, and takes it away after a while. */
export interface ControlAct {
  state: 'paused' | 'stopped' | 'killed';
  level: 'mesh' | 'cluster' | 'item' | 'agent';
  /** Which item, or whose agent. */
  item: number;
  atMs: number;
  forMs: number;
}

/** A call is named by its port and method, a family by its port alone: `journal.append`, `mirror`. */
export type CallFault = {
  op: string;
  /** The n-th call (from 1) with this name in the whole world. */
  nth: number;
};

export type Fault =
  /** The process that makes the call ends: before it took effect, or after and before it knows. */
  | ({
      kind: 'death';
      moment: 'before' | 'after';
      restartMs: number;
      /** Its workspaces are gone with it. */
      losesDisk: boolean;
    } & CallFault)
  /** Storage refuses: the call had no effect, or it had one and the answer is lost. */
  | ({ kind: 'error'; moment: 'before' | 'after' } & CallFault)
  /** The answer takes very long. */
  | ({ kind: 'delay'; byMs: number } & CallFault)
  | ({ kind: 'model'; how: ModelFault } & CallFault)
  /** A cell dies under its agent. */
  | ({ kind: 'cellBreaks' } & CallFault)
  | ({ kind: 'setupFails' } & CallFault)
  /** A person commits to the target just before the platform moves it. */
  | ({ kind: 'targetMoves'; file: string } & CallFault)
  /** SIGSTOP, and SIGCONT after a while. */
  | { kind: 'freeze'; worker: number; atMs: number; forMs: number }
  | { kind: 'slowStorage'; atMs: number; forMs: number; byMs: number }
  /** Every call of the journal fails. */
  | { kind: 'outage'; atMs: number; forMs: number }
  /** Every call of the model fails. */
  | { kind: 'modelOutage'; atMs: number; forMs: number; how: ModelFault }
  /** Notifications do not arrive. */
  | { kind: 'deafness'; atMs: number; forMs: number }
  | { kind: 'clockJump'; whose: 'host' | 'database'; atMs: number; byMs: number }
  /** A person has uncommitted changes on the target, or commits to it. */
  | { kind: 'dirtyTarget'; atMs: number; forMs: number }
  | { kind: 'movedTarget'; atMs: number; file: string };

export type ModelFault =
  | 'rate_limited'
  | 'overloaded'
  | 'unavailable'
  | 'cut_off'
  | 'malformed'
  | 'empty'
  | 'unauthorized'
  | 'hangs'
  | 'throws'
  | 'overbilled';
