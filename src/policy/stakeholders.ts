/** Who decides what, as the engine sees it: typed, frozen, complete. Text becomes this once, in load-stakeholders.ts. */

/** With its `@`, as people write it: `@sarah-pm`. A team or a channel of people may have one too. */
export type Handle = string;

/** What an agent's question is about; the key of a route: `requirement_ambiguity`. */
export type QuestionKind = string;

export interface Stakeholders {
  /** Every handle that the file names; who has no entry of their own has the defaults. */
  people: Readonly<Record<Handle, Person>>;
  routes: Readonly<Record<QuestionKind, Route>>;
  approvalTiers: Readonly<Record<string, ApprovalTier>>;
  /** Fills gaps and gets what nobody else does; null: nobody is named, so whoever may run commands. */
  engineeringLead: Handle | null;
  /** Minutes of the file run as seconds; every message says so. */
  isRehearsal: boolean;
  /** There is a file: only people whom it names may start work or answer. */
  isWritten: boolean;
}

export interface Person {
  handle: Handle;
  /** `cto`, `engineering_lead`…; null: not said. */
  role: string | null;
  /** Null: at any time. */
  hours: WorkingHours | null;
  /** Answers in their place. */
  deputy: Handle | null;
  /** Open asks at once; the rest waits in order. */
  attentionLimit: number;
  /** Member id for mentions and to know who answers; null: not known. */
  slackId: string | null;
}

export interface WorkingHours {
  /** IANA name. */
  timeZone: string;
  /** 1 Monday … 7 Sunday. */
  days: readonly number[];
  /** Minutes after midnight, local time; `to` is after `from`. */
  fromMinute: number;
  toMinute: number;
}

/**
 * `block`: the cluster stops until it is answered; `wait`: the item waits and the default is taken at the SLA; `park`: the
 * cluster goes on with other items, and without a declared timeout nothing is ever taken by default.
 */
export type WaitMode = 'block' | 'wait' | 'park';

export interface Route {
  kind: QuestionKind;
  primary: Handle;
  fallback: Handle | null;
  secondary: Handle | null;
  /** As written: `#product-questions`; null: only where people look by themselves. */
  channel: string | null;
  /** Real milliseconds, rehearsal already applied. */
  slaMs: number;
  /** As declared; null: nothing was. */
  onTimeout: OnTimeout | null;
  requiresAcknowledgment: boolean;
  mode: WaitMode;
  /** The answer binds the whole mesh, whatever scope the agent named. */
  writesToSharedMemory: boolean;
  /** Whether the SLA runs while the person asked is off. */
  clock: 'always' | 'working_hours';
}

export type OnTimeout =
  | { action: 'default_and_flag' }
  /** `role`: as written after `escalate_to_`; `to`: who that is. */
  | { action: 'escalate'; role: string; to: Handle }
  | { action: 'pause_all_clusters' };

export interface ApprovalTier {
  name: string;
  approvers: readonly Handle[];
  /** Distinct people who must say yes: 1 or 2. */
  peopleCount: number;
  /** How long an approval that was given may be used, and after which a request is asked anew. Real milliseconds. */
  windowMs: number;
  channel: string | null;
}
