/** What one question says about the people who were asked and about its route: who replied, when, and whether in time. Pure. */
import type { StoredEvent } from '../journal/event.ts';
import type { Handle, Route, Stakeholders } from '../policy/stakeholders.ts';
import type { QuestionEvent } from '../questions/question-event.ts';
import { isOpen, type QuestionState } from '../questions/question-state.ts';
import { slaTimeBetween } from '../questions/sla.ts';
import { knownQuestionEvent } from './known-event.ts';

/** One person's part in one question. */
export interface ResponseCase {
  question: string;
  /** Kind as it was routed when they were asked. */
  kind: string;
  person: Handle;
  slaMs: number;
  askedAt: string;
  /**
   * From being asked first to their first word, also one that did not rule, or to their acknowledgement where the route wants one;
   * in the time that the SLA counts: only working hours, where it does. Null: they have not said anything yet.
   */
  responseMs: number | null;
  /** They replied after the SLA, or it passed without a word of theirs. */
  isLate: boolean;
  /** It passed while they were still asked, and they never said anything. */
  isSilent: boolean;
}

interface Part {
  person: Handle;
  kind: string;
  route: Route;
  askedAt: string;
  repliedAt: string | null;
  /** It became another kind of question: from then on their silence proves nothing. */
  movedAt: string | null;
}

/** Each person who was asked, once per kind. `state`: the fold of `events`; `nowMs`: an SLA that has not passed yet says nothing. */
export function responseCases(
  state: QuestionState,
  events: readonly StoredEvent[],
  { stakeholders, nowMs }: { stakeholders: Stakeholders; nowMs: number },
): ResponseCase[] {
  return partsOf(events).map((part) => {
    const { person, kind, route, askedAt, repliedAt } = part;
    const slaTimeUntil = (toMs: number) =>
      slaTimeBetween(route, stakeholders, { of: person, fromMs: Date.parse(askedAt), toMs });
    const responseMs = repliedAt === null ? null : slaTimeUntil(Date.parse(repliedAt));
    const isSilent = responseMs === null && slaTimeUntil(endMs(state, part, nowMs)) >= route.slaMs;
    const isLate = isSilent || (responseMs !== null && responseMs > route.slaMs);
    return { question: state.name, kind, person, slaMs: route.slaMs, askedAt, responseMs, isLate, isSilent };
  });
}

/** Until when they were asked. After a default they may still speak; after anything else that settles it nobody waits for them. */
function endMs(state: QuestionState, { movedAt }: Part, nowMs: number): number {
  if (movedAt !== null) return Date.parse(movedAt);
  const { status, settledAt } = state;
  const isOver = !isOpen(state) && status !== 'defaulted';
  return isOver && settledAt !== null ? Date.parse(settledAt) : nowMs;
}

function partsOf(events: readonly StoredEvent[]): Part[] {
  const parts: Part[] = [];
  let current: { kind: string; route: Route | null } | null = null;
  for (const stored of events) {
    const event = knownQuestionEvent(stored);
    if (event?.kind === 'question.asked') current = { kind: event.data.key.kind, route: event.data.route };
    if (event?.kind === 'question.routed') {
      if (event.data.by !== null) reply(parts, event.data.by, stored.at);
      for (const part of parts) part.movedAt ??= stored.at;
      current = { kind: event.data.toKind, route: event.data.route };
    }
    if (event?.kind === 'question.notified' && current?.route) {
      const { kind, route } = current;
      const person = event.data.to;
      if (parts.some((part) => part.person === person && part.movedAt === null)) continue;
      parts.push({ person, kind, route, askedAt: stored.at, repliedAt: null, movedAt: null });
    }
    const speaker = event === null ? null : speakerOf(event, current?.route ?? null);
    if (speaker !== null) reply(parts, speaker, stored.at);
  }
  return parts;
}

function reply(parts: readonly Part[], by: Handle, at: string): void {
  for (const part of parts)
    if (part.person === by && part.movedAt === null && part.repliedAt === null) part.repliedAt = at;
}

function speakerOf(event: QuestionEvent, route: Route | null): Handle | null {
  switch (event.kind) {
    case 'question.answered':
    case 'question.overturned':
    case 'question.confirmed':
    case 'question.answer_refused':
      return event.data.by;
    case 'question.acknowledged':
      return route?.requiresAcknowledgment ? event.data.by : null;
    default:
      return null;
  }
}
