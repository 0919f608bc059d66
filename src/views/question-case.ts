/** What one question says about the people who were asked and about its route: who replied, when, and whether in time. Pure. */
import type { StoredEvent } from '../journal/event.ts';
import type { Handle } from '../policy/stakeholders.ts';
import type { QuestionState } from '../questions/question-state.ts';
import { knownQuestionEvent } from './known-event.ts';

/** One person's part in one question. */
export interface ResponseCase {
  question: string;
  /** Kind as it is routed now. */
  kind: string;
  person: Handle;
  slaMs: number;
  askedAt: string;
  /** From being asked first to their first word that rules or would have; null: they have not said anything yet. */
  responseMs: number | null;
  /** They replied after the SLA, or it passed without a word of theirs. */
  isLate: boolean;
  /** It passed, or the question was settled by default, and they never said anything. */
  isSilent: boolean;
}

/** Each person who was asked, once. `state`: the fold of `events`; `nowMs`: an SLA that has not passed yet says nothing. */
export function responseCases(
  state: QuestionState,
  events: readonly StoredEvent[],
  nowMs: number,
): ResponseCase[] {
  const { route } = state;
  if (route === null) return [];
  const people = [...new Set(state.asks.map(({ to }) => to))];
  return people.map((person) => {
    const askedAt = state.asks.find(({ to }) => to === person)?.at ?? state.askedAt;
    const repliedAt = firstReply(events, person);
    const responseMs = repliedAt === null ? null : Date.parse(repliedAt) - Date.parse(askedAt);
    // Answered by somebody else in time: that they said nothing proves nothing.
    const endMs = state.answer === null ? nowMs : Date.parse(state.answer.at);
    const hasPassed = endMs - Date.parse(askedAt) >= route.slaMs;
    const isSilent = responseMs === null && hasPassed;
    const isLate = isSilent || (responseMs !== null && responseMs > route.slaMs);
    return {
      question: state.name,
      kind: state.kind,
      person,
      slaMs: route.slaMs,
      askedAt,
      responseMs,
      isLate,
      isSilent,
    };
  });
}

/** Their first answer, also one that came too late to rule: it shows how long they need. */
function firstReply(events: readonly StoredEvent[], person: Handle): string | null {
  for (const stored of events) {
    const event = knownQuestionEvent(stored);
    switch (event?.kind) {
      case 'question.answered':
      case 'question.overturned':
      case 'question.confirmed':
      case 'question.answer_refused':
      case 'question.routed':
        if (event.data.by === person) return stored.at;
    }
  }
  return null;
}
