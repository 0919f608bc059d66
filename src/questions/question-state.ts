/**
 * What has become of one question; fold-question.ts folds it from its stream. Knows neither people nor clocks: whom to ask
 * and when is decided in decide-question.ts, whose answer counts in judge-answer.ts.
 *
 *   unrouted      asked, but its kind has no route: it waits for one, and nobody has been asked
 *   asked         has a route; nobody has been asked yet (off hours, attention limits)
 *   notified      somebody is asked; `dueAt` is when the next consequence follows
 *   acknowledged  the same, and somebody said that they have it
 *   answered      a person ruled
 *   defaulted     nobody did in time: the documented default holds, flagged; a person may still overturn or confirm it
 *   withdrawn     nobody needs the answer any more
 *   remembered    a decision that came meanwhile answers it
 *
 * unrouted → asked (routed) → notified ⇄ acknowledged → answered | defaulted; notified → notified (reminder, escalated);
 * asked | notified | acknowledged → asked | unrouted (routed: another kind was right); open → withdrawn | remembered.
 * Settled ones stay with the mesh until what came of them is in memory (recorded); an overturned default comes back for it.
 */
import type { Handle, QuestionKind, Route, WaitMode } from '../policy/stakeholders.ts';
import type { Answer, Asker, QuestionKey, QuestionName } from './question.ts';
import type { QuestionEvent } from './question-event.ts';

export type QuestionStatus =
  | 'unrouted'
  | 'asked'
  | 'notified'
  | 'acknowledged'
  | 'answered'
  | 'defaulted'
  | 'withdrawn'
  | 'remembered';

export interface QuestionState {
  number: number;
  name: QuestionName;
  key: QuestionKey;
  /** As it is routed now; differs from the key's where a person said that another one is right. */
  kind: QuestionKind;
  /** Blob of the QuestionText. */
  text: string;
  title: string;
  optionCount: number;
  defaultOption: number | null;
  isCompliance: boolean;
  cluster: string | null;
  status: QuestionStatus;
  mode: WaitMode;
  /** As it was when the question was routed; later changes of the map are for later questions. */
  route: Route | null;
  askedAt: string;
  /** When its first SLA began; null: no route yet. */
  routedAt: string | null;
  /** When the next consequence follows; null: no route, or settled. */
  dueAt: string | null;
  /** Whose question it is; null: its kind has no route. */
  addressee: Handle | null;
  /** 0 the primary. */
  rung: number;
  /** Of the last ask; -1 before the first. */
  urgency: number;
  /** Everybody who was asked, in order; one who was asked again is here again. */
  asks: readonly Ask[];
  /** How many of them came before it was routed as it is: those people are not asked any more. */
  asksBefore: number;
  /** Asks again at the present rung since it was reached, and on any rung since it was routed, each because an SLA had passed. */
  repings: number;
  timeouts: number;
  /** Who said last that they have it. */
  acknowledgedBy: Handle | null;
  isMeshPaused: boolean;
  misclassified: readonly { by: Handle; fromKind: QuestionKind; toKind: QuestionKind }[];
  /** Who waits for the answer now. */
  askers: readonly Asker[];
  /** The product itself asks: there is nobody who could need it no more. */
  isOwn: boolean;
  answer: Ruling | null;
  default: { option: number; asked: readonly Handle[]; why: string } | null;
  overturned: Ruling | null;
  confirmedBy: Handle | null;
  remembered: { decision: string; text: string } | null;
  withdrawnWhy: string | null;
  refused: readonly RefusedAnswer[];
  settledAt: string | null;
  /** What came of it is in memory; `decision` null: nothing to remember. */
  recorded: { decision: string | null } | null;
  version: number;
}

export interface Ask {
  to: Handle;
  rung: number;
  urgency: number;
  why: Extract<QuestionEvent, { kind: 'question.notified' }>['data']['why'];
  at: string;
  dueAt: string;
  /** Of its route then; null: it named none. */
  place: string | null;
  deliveries: readonly QuestionDelivery[];
}

export interface QuestionDelivery {
  id: string;
  channel: string;
  /** Its name there; null: not there yet. */
  ref: string | null;
  /** Why it never will be; null: it may. */
  failure: string | null;
}

export interface Ruling {
  by: Handle;
  via: string;
  answer: Answer;
  at: string;
}

export type RefusedAnswer = Extract<QuestionEvent, { kind: 'question.answer_refused' }>['data'] & {
  at: string;
};

/** `Q-7`. */
export function questionName(number: number): QuestionName {
  return `Q-${number}`;
}

/** Null: it is none. Takes `Q-7`, `q-7` and `7`. */
export function questionNumber(name: string): number | null {
  const digits = /^(?:[Qq]-)?([1-9]\d{0,8})$/.exec(name.trim())?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Nobody has ruled, nor has the clock. */
export function isOpen({ status }: QuestionState): boolean {
  return status === 'unrouted' || status === 'asked' || status === 'notified' || status === 'acknowledged';
}

/** Somebody has been asked, by the present route: it counts as one of the addressee's open asks. */
export function isAsked({ status }: QuestionState): boolean {
  return status === 'notified' || status === 'acknowledged';
}

/** What came of it is in memory: nothing is left to do. */
export function isRecorded({ recorded }: QuestionState): boolean {
  return recorded !== null;
}

/** What rules now: a person's word before the default. Null: nothing does, or memory (see `remembered`). */
export function rulingOf({ overturned, answer }: QuestionState): Ruling | null {
  return overturned ?? answer;
}
