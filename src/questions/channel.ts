/** Where questions reach people: the port that channels implement. What a message says is decided before; a channel only says it. */
import type { Handle, WaitMode } from '../policy/stakeholders.ts';
import type { QuestionOption, QuestionText } from './question.ts';
import type { QuestionEvent } from './question-event.ts';

export type NotifiedWhy = Extract<QuestionEvent, { kind: 'question.notified' }>['data']['why'];

/** One thing to be said to one person, complete: a channel needs nothing else to show it. */
export type Notice =
  | AskNotice
  /** Something about a message that was sent before: settled, taken over by somebody else, refused. */
  | UpdateNotice
  | ApprovalNotice;

export interface UpdateNotice {
  about: 'update';
  /** `Q-7` or `A-2`. */
  question: string;
  to: Handle;
  thread: string | null;
  /** One sentence, which names what it is about. */
  line: string;
  /** Nobody is asked any more: what it is about can be answered no longer. */
  isSettled: boolean;
  isRehearsal: boolean;
}

export interface AskNotice {
  about: 'ask';
  /** `Q-7`. */
  question: string;
  kind: string;
  to: Handle;
  /** Member id there, where known. */
  memberId: string | null;
  /** The channel's own name for where it goes: `#product-questions`. */
  place: string | null;
  /** Ref of the first message about it, when this follows it; null: a new one. */
  thread: string | null;
  urgency: number;
  /** As in the `question.notified` that ordered it. */
  why: NotifiedWhy;
  mode: WaitMode;
  /** The answer binds every cluster. */
  bindsMesh: boolean;
  /** `main`, and the item's title. */
  from: { cluster: string; item: number | null; title: string };
  text: QuestionText;
  /** ISO times; `dueAt` is when the next consequence follows. */
  askedAt: string;
  dueAt: string;
  /** IANA zone in which clock times are shown. */
  timeZone: string;
  /** One sentence: what happens if nobody answers, and at which clock time. */
  consequence: string;
  /** `60 min SLA`. */
  slaText: string;
  needsAcknowledgment: boolean;
  isRehearsal: boolean;
}

export interface ApprovalNotice {
  about: 'approval';
  /** `A-2`. */
  approval: string;
  to: Handle;
  memberId: string | null;
  place: string | null;
  thread: string | null;
  urgency: number;
  from: { cluster: string; item: number | null; title: string };
  tier: string;
  /** Distinct people whose yes it takes. */
  peopleCount: number;
  /** Who said yes already. */
  approvedBy: readonly Handle[];
  /** One line: exactly what would be done. */
  action: string;
  /** The whole of it. */
  details: string;
  /** sha256 of the exact action; an answer carries it. */
  actionHash: string;
  expiresAt: string;
  timeZone: string;
  options: readonly QuestionOption[];
  isRehearsal: boolean;
}

export interface Delivery {
  /** Idempotency key. */
  id: string;
  notice: Notice;
  /** An earlier attempt may have got through: look for the key first. */
  isInDoubt: boolean;
}

export type DeliveryOutcome =
  /** `ref` names the message there (`<channel id>/<ts>`). */
  | { ok: true; ref: string }
  /** `isFinal`: trying again changes nothing (no such place, refused). */
  | { ok: false; isFinal: boolean; message: string; retryAfterMs: number | null };

export interface Channel {
  /** `slack`, `webhook`. */
  name: string;
  /** False: there is no way to this person there, so nothing is ordered; they look by themselves. */
  reaches(whom: { place: string | null; memberId: string | null }): boolean;
  /** Never rejects for what the other side does. */
  deliver(delivery: Delivery, signal: AbortSignal): Promise<DeliveryOutcome>;
}
