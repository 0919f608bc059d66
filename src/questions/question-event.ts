/** Every fact in a question's life: the event kinds of the shared stream `question:<project>/<number>`. */
import { type StreamId, streamId } from '../journal/event.ts';
import type { EventKinds } from '../journal/upcast.ts';
import type { Handle, Route, WaitMode } from '../policy/stakeholders.ts';
import type { Answer, Asker, QuestionKey } from './question.ts';

export type QuestionEvent =
  /** Somebody asked. `text`: blob of a QuestionText. `route` null: its kind has none, it waits until it has. `asker` null: the product itself. */
  | {
      kind: 'question.asked';
      data: {
        number: number;
        key: QuestionKey;
        text: string;
        title: string;
        optionCount: number;
        defaultOption: number | null;
        isCompliance: boolean;
        asker: Asker | null;
        /** Of the cluster that a blocking one stops, where no agent asks; else the asker's. */
        cluster: string | null;
        route: Route | null;
        mode: WaitMode;
        /** ISO: end of the first SLA; null: no route yet. */
        dueAt: string | null;
      };
    }
  /** The same was asked again while it was open: one answer is for all. */
  | { kind: 'question.joined'; data: { asker: Asker } }
  /** Who asked needs no answer any more. */
  | { kind: 'question.left'; data: { agent: StreamId; why: string } }
  /**
   * Its kind has a route now (`by` null, the same kind), or somebody said that another kind is right: then `route` is null where
   * that one has none, and the question waits for it.
   */
  | {
      kind: 'question.routed';
      data: {
        by: Handle | null;
        fromKind: string;
        toKind: string;
        route: Route | null;
        mode: WaitMode;
        dueAt: string | null;
      };
    }
  /**
   * Intent: these people are asked, in these channels; posted to the outbox in the same unit. `rung`: 0 the primary. `urgency`:
   * 0 the first ask, rising with every further one.
   */
  | {
      kind: 'question.notified';
      data: {
        to: Handle;
        rung: number;
        urgency: number;
        why: 'asked' | 'reminder' | 'escalated' | 'deputy' | 'unreachable' | 'off_hours' | 'busy';
        deliveries: { id: string; channel: string }[];
        /** ISO: what happens next happens then. */
        dueAt: string;
      };
    }
  /** The channel has it; `ref` names it there, for threads. */
  | { kind: 'question.delivered'; data: { delivery: string; channel: string; ref: string } }
  | { kind: 'question.undeliverable'; data: { delivery: string; channel: string; why: string } }
  | { kind: 'question.acknowledged'; data: { by: Handle; dueAt: string } }
  /** The first valid answer; it rules. */
  | { kind: 'question.answered'; data: { by: Handle; via: string; answer: Answer } }
  /** Kept, reported, and without effect. */
  | {
      kind: 'question.answer_refused';
      data: {
        by: Handle;
        via: string;
        said: string;
        why: 'not_theirs' | 'late' | 'again' | 'contradictory' | 'no_such_option' | 'over';
      };
    }
  /** Nobody answered in time: the documented default holds, flagged for review. `asked`: who was, in order. */
  | { kind: 'question.defaulted'; data: { option: number; asked: Handle[]; why: string } }
  /** Nobody answered in time: the next rung, or again the last. */
  | { kind: 'question.escalated'; data: { from: Handle; to: Handle; rung: number; why: string } }
  /** Nobody acknowledged in time: the whole mesh is paused until somebody does. */
  | { kind: 'question.mesh_paused'; data: { why: string } }
  | { kind: 'question.withdrawn'; data: { why: string } }
  /** Memory has it: a decision that came meanwhile answers it. */
  | { kind: 'question.remembered'; data: { decision: string; text: string } }
  /** After a default a person ruled otherwise. `decision` follows in `question.recorded`. */
  | { kind: 'question.overturned'; data: { by: Handle; via: string; answer: Answer } }
  /** A person says that a default is right as it is. */
  | { kind: 'question.confirmed'; data: { by: Handle } }
  /** What came of it is in memory (null: nothing to remember there); with this the stream leaves the open ones. */
  | { kind: 'question.recorded'; data: { decision: string | null } };

export const questionKinds: EventKinds<QuestionEvent['kind']> = {
  'question.asked': [],
  'question.joined': [],
  'question.left': [],
  'question.routed': [],
  'question.notified': [],
  'question.delivered': [],
  'question.undeliverable': [],
  'question.acknowledged': [],
  'question.answered': [],
  'question.answer_refused': [],
  'question.defaulted': [],
  'question.escalated': [],
  'question.mesh_paused': [],
  'question.withdrawn': [],
  'question.remembered': [],
  'question.overturned': [],
  'question.confirmed': [],
  'question.recorded': [],
};

export function questionStream(project: string, number: number): StreamId {
  return streamId('question', project, number);
}
