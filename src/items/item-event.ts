/** Every fact in an item's life: the event kinds of the stream `item:<project>/<number>`; their schemas are in item-kinds.ts. */
import type { Finding } from '../artifacts/finding.ts';
import type { WaitMode } from '../policy/stakeholders.ts';

/** Names a step within the flow: `plan/planner`, `build/T1/developer`, `build/rework-2/developer`. */
export type StepKey = string;

export type ItemEvent =
  /** A person asked. The brief's text is a blob (it may be personal). `plan`: blob of a plan written by the person. */
  | {
      kind: 'item.added';
      data: {
        number: number;
        title: string;
        brief: string;
        criteria: string[];
        priority: number;
        tags: string[];
        flow: string | null;
        ceilingMicroUsd: number | null;
        plan: string | null;
      };
    }
  /** It goes on from event `at` of item `from`; what follows up to where it goes on is that item's history, without its costs. */
  | { kind: 'item.forked'; data: { from: number; at: number } }
  /** The mesh gave it to a cluster (a stream id). */
  | { kind: 'item.routed'; data: { cluster: string } }
  /**
   * Work begins: compiled team (blob), the commit it starts from, the branch it works on, the target it is for, the ceiling
   * of its account (null: written by a version that did not say).
   */
  | {
      kind: 'item.started';
      data: {
        team: string;
        flow: string;
        base: string;
        branch: string;
        target: string;
        ceilingMicroUsd: number | null;
      };
    }
  | { kind: 'phase.entered'; data: { phase: string; round: number; findings: Finding[] } }
  /** Intent: an agent is seated. `agent` is its stream. `base` is the branch head its workspace starts from. */
  | {
      kind: 'step.started';
      data: {
        step: StepKey;
        role: string;
        task: string | null;
        attempt: number;
        agent: string;
        base: string;
      };
    }
  /** Its agent ended well. `artifacts`: name → blob hash. `commit`: the new branch head when it committed a change. */
  | {
      kind: 'step.finished';
      data: {
        step: StepKey;
        attempt: number;
        summary: string;
        artifacts: Record<string, string>;
        commit: string | null;
        costMicroUsd: number;
      };
    }
  /** Its agent did not: `reason` says why; a new attempt gets the findings. */
  | {
      kind: 'step.failed';
      data: {
        step: StepKey;
        attempt: number;
        reason: StepFailure;
        message: string;
        findings: Finding[];
        costMicroUsd: number;
      };
    }
  /**
   * Its agent asked a person and goes on with the answer; until then nothing of it runs. `call`: the tool call that has no result
   * yet. `ask`: `Q-7`, or `A-2` for an approval.
   */
  | {
      kind: 'step.asked';
      data: { step: StepKey; attempt: number; agent: string; call: string; ask: string; mode: WaitMode };
    }
  /** It was given to other people, and is waited for as they are. */
  | { kind: 'step.rerouted'; data: { step: StepKey; ask: string; mode: WaitMode } }
  /** What came of it, in one line; `by` null: the mesh itself. The agent reads the whole of it where it was asked. */
  | {
      kind: 'step.answered';
      data: { step: StepKey; ask: string; how: string; by: string | null; summary: string };
    }
  /** Everything that could go on waits for somebody who may take their time: the item gives its place in the cluster away. */
  | { kind: 'item.parked'; data: { asks: string[] } }
  /** Answered, and there was room: it has a place again. */
  | { kind: 'item.requeued'; data: Record<string, never> }
  /**
   * A decision that its agents worked by does not hold any more: `supersededBy` does, which says `instead`. What they made is put
   * right before the item goes on; `finding` names the old decision and the new.
   */
  | { kind: 'item.overturned'; data: Overturned }
  /** Intent: gate number `gate` (0-based) of the phase is judged on `commit`. */
  | { kind: 'gate.started'; data: { phase: string; round: number; gate: number; commit: string } }
  | {
      kind: 'gate.judged';
      data: {
        phase: string;
        round: number;
        gate: number;
        isPassed: boolean;
        /** One line for people, e.g. `2 of 43 tests failed`. */
        summary: string;
        findings: Finding[];
      };
    }
  | { kind: 'item.sent_back'; data: { from: string; to: string; findings: Finding[] } }
  /** The flow is through; the commit waits for a person. */
  | { kind: 'item.ready'; data: { commit: string } }
  /** A person said yes to exactly this commit. */
  | { kind: 'item.accepted'; data: { commit: string; by: string } }
  | { kind: 'item.landed'; data: { commit: string; target: string } }
  /**
   * What would have landed was red or did not merge; nothing reached the target. `onto`: the branch as it goes on, with
   * the target (`base`) merged in; files that conflict carry markers.
   */
  | {
      kind: 'item.landing_refused';
      data: { reason: LandingRefusal; findings: Finding[]; onto: { base: string; head: string } | null };
    }
  /** Work stops, all of it is kept; `resume` goes on. */
  | { kind: 'item.paused'; data: Pause }
  /**
   * `by` is a person, or the cluster when the moment had come that the pause named. `account`: whose ceiling is `ceilingMicroUsd`
   * from now on: the item's own, its step's or its agent's; null: the item's.
   */
  | { kind: 'item.resumed'; data: { by: string; ceilingMicroUsd: number | null; account: string | null } }
  /**
   * A person has it: nothing runs until it is handed back. `commit`: the branch head as it was handed out. `to`: who works on
   * it, in `folder`, a clone of their own. Steps that ran have ended before this.
   */
  | {
      kind: 'item.taken_over';
      data: { by: string; to: string; commit: string; branch: string; folder: string };
    }
  /**
   * `commit`: the new branch head, on top of the one handed out; null: unchanged. `note`: what the next attempt is told; null:
   * nothing. Without both the item is where it was.
   */
  | { kind: 'item.handed_back'; data: { by: string; commit: string | null; note: string | null } }
  /** A person's commit is judged: all gates of the phase again, on the new head. `answered`: steps that it stands in for. */
  | { kind: 'phase.reopened'; data: { phase: string; round: number; answered: StepKey[] } }
  | { kind: 'item.rejected'; data: { by: string; reason: string } }
  | { kind: 'item.canceled'; data: { by: string; reason: string } }
  /** A message of the item's inbox changed nothing: a request that the state does not allow, a result out of date. */
  | { kind: 'item.message_ignored'; data: { message: string; reason: string } };

/** A person's ruling against what was taken by default. */
export interface Overturned {
  question: string;
  /** `D-3`. */
  decision: string;
  supersededBy: string;
  instead: string;
  finding: Finding;
}

export type StepFailure =
  | 'ceiling'
  | 'model_failed'
  /** The provider refuses this key or model: trying again changes nothing, so a person is asked at once. */
  | 'model_refused'
  /** It did the same with the same result again and again, and went on when it was told. */
  | 'repetition'
  /** The command that its role declares instead of a model failed, or the role may not run it. */
  | 'command_failed'
  | 'turn_limit'
  | 'timed_out'
  | 'artifact_missing'
  | 'merge_conflict'
  | 'out_of_scope'
  /** Its change does what a rule of a pack says must be asked first. */
  | 'must_ask'
  | 'setup_failed'
  | 'interrupted'
  | 'internal';

export interface Pause {
  reason: PauseReason;
  message: string;
  ask: string;
  /** The ledger account that is full; null for other reasons, and where an earlier version did not say. */
  account: string | null;
  /** When it goes on by itself, ISO time: the account's window or the quota's ends; null: it waits for a person. */
  until: string | null;
  /** Whose breakers are open; only with that reason. */
  steps?: StepKey[];
}

/**
 * `ceiling`: a ledger account is full; `quota`: a provider's is used up; `breaker`: a step failed too often in a row;
 * `attempts`: a bound of the flow is reached (up to 0.1.0 also a step's); `person`: somebody paused it.
 */
export type PauseReason = 'ceiling' | 'quota' | 'breaker' | 'attempts' | 'person';

/** `target_busy`: the target moved or has uncommitted changes; nothing is wrong with the item. */
export type LandingRefusal = 'conflict' | 'red' | 'target_busy';
