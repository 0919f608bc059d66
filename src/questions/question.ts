/** What an agent asks a person, well-formed: everything that somebody needs who knows nothing of the work so far. */
import type { StreamId } from '../journal/event.ts';
import type { Handle, QuestionKind, WaitMode } from '../policy/stakeholders.ts';

/** The text of a question; kept as one blob (`QuestionEvent` names its hash). */
export interface QuestionText {
  /** A few words for lists and first lines. */
  title: string;
  /** What is being built. */
  building: string;
  question: string;
  /** At least two; people answer by their number, from 1. At most nine, so that one digit is enough. */
  options: readonly QuestionOption[];
  /** Why this person, not another. */
  whyYou: string;
  /** What unblocks the agent. */
  unblocks: string;
  /** Number of the option that is taken when nobody answers; null only where nothing is ever taken by default. */
  defaultOption: number | null;
  /** Of a compliance question, which is answered yes or no: both required there. */
  compliance: { accessPattern: string; reference: string; suggestion: string } | null;
}

export interface QuestionOption {
  /** Stands alone as a decision: `Export UTC with a timezone label`. */
  label: string;
  /** What it costs or brings. */
  tradeOff: string;
}

/** What answers to the question bind: exact matches only. */
export interface QuestionKey {
  kind: QuestionKind;
  /** At least two words, e.g. `export.timezone`. */
  topic: string;
  /** `mesh`, `team:<flow>`, `item:<number>`, or `paths:<glob>[,<glob>…]`, sorted. */
  scope: string;
}

/** Who waits for the answer. */
export interface Asker {
  item: number;
  /** Its title, for messages. */
  title: string;
  /** Name without the project: `main`. */
  cluster: string;
  step: string;
  role: string;
  agent: StreamId;
  /** Id of the agent's tool call. */
  call: string;
}

/** Kinds that the product itself asks; without a route of their own they go to the engineering lead. */
export const ownKinds = {
  /** A kind has no route. */
  gap: 'unrouted_kind',
  /** Two active decisions contradict each other. */
  contradiction: 'contradiction',
  /** An agent says that it will not do what it was asked. */
  refusal: 'agent_refusal',
  /** An agent says that it needs more information. */
  information: 'information_needed',
  /** So much of a ceiling is spent. */
  budget: 'budget_threshold_exceeded',
} as const;

/** What comes of an answer to one of these is done by the platform: no agent may ask for it. */
export function isOwnKind(kind: QuestionKind): boolean {
  return Object.values<string>(ownKinds).includes(kind);
}

/** `Q-7`. */
export type QuestionName = string;

export type Answer =
  /** By number, from 1. */
  | { option: number; text: string | null }
  /** In words that are none of the options. */
  | { option: null; text: string }
  /** “Use your judgment”: the agent chooses. */
  | { option: null; text: null };

/** What an asker is told when its question or approval is settled; posted to its item's inbox in the same unit. */
export const askSettled = 'ask.settled';

export interface Settlement {
  /** `Q-7` or `A-2`. */
  ask: string;
  agent: StreamId;
  call: string;
  step: string;
  how: 'answered' | 'defaulted' | 'withdrawn' | 'remembered' | 'approved' | 'denied';
  /** Null: the mesh itself (default, memory). */
  by: Handle | null;
  /** One line for people. */
  summary: string;
}

/** Message to an item whose agent asked: the question went to other people, and the item waits for them as their route says. */
export const askRerouted = 'ask.rerouted';

export interface ReroutedAsk {
  ask: QuestionName;
  agent: StreamId;
  mode: WaitMode;
}

/** Message to the mesh: an item's agent needs no answer any more. A DroppedAsk. */
export const askDropped = 'ask.dropped';

export interface DroppedAsk {
  ask: QuestionName;
  agent: StreamId;
  why: string;
}
