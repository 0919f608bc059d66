/** How the events of a question's stream change what is known of it. Pure; the states are told in question-state.ts. */
import type { StoredEvent } from '../journal/event.ts';
import { upcast } from '../journal/upcast.ts';
import { type QuestionEvent, questionKinds } from './question-event.ts';
import { isAsked, type QuestionDelivery, type QuestionState, questionName } from './question-state.ts';

/** @throws MeshwrightError `event_unknown`. Null: there is no such question. */
export function foldQuestion(
  events: readonly StoredEvent[],
  from: QuestionState | null = null,
): QuestionState | null {
  return events.reduce<QuestionState | null>((state, stored) => {
    const event = upcast(questionKinds, stored) as unknown as QuestionEvent;
    return { ...advanceQuestion(state, event, stored.at), version: stored.version };
  }, from);
}

/** @param at ISO time of the event. The version is the caller's matter. */
export function advanceQuestion(
  state: QuestionState | null,
  event: QuestionEvent,
  at: string,
): QuestionState {
  if (event.kind === 'question.asked') return openedQuestion(event.data, at);
  if (state === null) throw new Error(`a question cannot begin with ${event.kind}`);
  switch (event.kind) {
    case 'question.joined':
      return { ...state, askers: [...state.askers, event.data.asker] };
    case 'question.left':
      return { ...state, askers: state.askers.filter(({ agent }) => agent !== event.data.agent) };
    case 'question.routed':
      return routed(state, event.data, at);
    case 'question.notified':
      return notified(state, event.data, at);
    case 'question.delivered':
      return withDelivery(state, event.data.delivery, { ref: event.data.ref });
    case 'question.undeliverable':
      return withDelivery(state, event.data.delivery, { failure: event.data.why });
    case 'question.acknowledged':
      return {
        ...state,
        status: 'acknowledged',
        acknowledgedBy: event.data.by,
        dueAt: event.data.dueAt,
        isMeshPaused: false,
      };
    case 'question.escalated':
      return { ...state, addressee: event.data.to, rung: event.data.rung, repings: 0 };
    case 'question.mesh_paused':
      return { ...state, isMeshPaused: true };
    case 'question.answer_refused':
      return { ...state, refused: [...state.refused, { ...event.data, at }] };
    default:
      return settled(state, event, at);
  }
}

type SettlingEvent = Extract<
  QuestionEvent,
  {
    kind:
      | 'question.answered'
      | 'question.defaulted'
      | 'question.withdrawn'
      | 'question.remembered'
      | 'question.overturned'
      | 'question.confirmed'
      | 'question.recorded';
  }
>;

function settled(state: QuestionState, event: SettlingEvent, at: string): QuestionState {
  const over = { ...state, dueAt: null, settledAt: at, isMeshPaused: false };
  switch (event.kind) {
    case 'question.answered':
      return { ...over, status: 'answered', answer: { ...event.data, at } };
    case 'question.defaulted':
      return { ...over, status: 'defaulted', default: event.data };
    case 'question.withdrawn':
      return { ...over, status: 'withdrawn', withdrawnWhy: event.data.why };
    case 'question.remembered':
      return { ...over, status: 'remembered', remembered: event.data };
    case 'question.overturned':
      return { ...state, overturned: { ...event.data, at }, recorded: null };
    case 'question.confirmed':
      return { ...state, confirmedBy: event.data.by };
    case 'question.recorded':
      return { ...state, recorded: { decision: event.data.decision } };
  }
}

function openedQuestion(
  data: Extract<QuestionEvent, { kind: 'question.asked' }>['data'],
  at: string,
): QuestionState {
  const { number, key, route, asker } = data;
  return {
    number,
    name: questionName(number),
    key,
    kind: key.kind,
    text: data.text,
    title: data.title,
    optionCount: data.optionCount,
    defaultOption: data.defaultOption,
    isCompliance: data.isCompliance,
    cluster: data.cluster,
    status: route ? 'asked' : 'unrouted',
    mode: data.mode,
    route,
    askedAt: at,
    routedAt: route ? at : null,
    dueAt: data.dueAt,
    addressee: route?.primary ?? null,
    rung: 0,
    urgency: -1,
    asks: [],
    asksBefore: 0,
    repings: 0,
    timeouts: 0,
    acknowledgedBy: null,
    isMeshPaused: false,
    misclassified: [],
    askers: asker ? [asker] : [],
    isOwn: asker === null,
    answer: null,
    default: null,
    overturned: null,
    confirmedBy: null,
    remembered: null,
    withdrawnWhy: null,
    refused: [],
    settledAt: null,
    recorded: null,
    version: 0,
  };
}

/** From the beginning with other people; who was asked stays known, so that nobody is asked twice with the same urgency. */
function routed(
  state: QuestionState,
  data: Extract<QuestionEvent, { kind: 'question.routed' }>['data'],
  at: string,
): QuestionState {
  const { by, fromKind, toKind, route } = data;
  const isMisclassified = by !== null && fromKind !== toKind;
  return {
    ...state,
    kind: toKind,
    route,
    mode: data.mode,
    status: route ? 'asked' : 'unrouted',
    routedAt: route ? at : null,
    dueAt: data.dueAt,
    addressee: route?.primary ?? null,
    rung: 0,
    asksBefore: state.asks.length,
    repings: 0,
    timeouts: 0,
    acknowledgedBy: null,
    isMeshPaused: false,
    misclassified: isMisclassified ? [...state.misclassified, { by, fromKind, toKind }] : state.misclassified,
  };
}

function notified(
  state: QuestionState,
  data: Extract<QuestionEvent, { kind: 'question.notified' }>['data'],
  at: string,
): QuestionState {
  const { to, rung, urgency, why, dueAt } = data;
  const deliveries = data.deliveries.map((each) => ({ ...each, ref: null, failure: null }));
  const place = state.route?.channel ?? null;
  const asks = [...state.asks, { to, rung, urgency, why, at, dueAt, place, deliveries }];
  const isReminder = why === 'reminder';
  // A reminder within the SLA promises the same time as the ask before it; one after it, a new time.
  const isTimeout = dueAt !== state.dueAt && isAsked(state);
  return {
    ...state,
    asks,
    urgency: Math.max(state.urgency, urgency),
    status: dueAt === state.dueAt && state.status === 'acknowledged' ? 'acknowledged' : 'notified',
    dueAt,
    timeouts: state.timeouts + (isTimeout ? 1 : 0),
    repings: state.repings + (isTimeout && isReminder ? 1 : 0),
    ...(isReminder ? {} : { addressee: to, rung }),
  };
}

function withDelivery(state: QuestionState, id: string, news: Partial<QuestionDelivery>): QuestionState {
  const asks = state.asks.map((ask) =>
    ask.deliveries.some((each) => each.id === id)
      ? { ...ask, deliveries: ask.deliveries.map((each) => (each.id === id ? { ...each, ...news } : each)) }
      : ask,
  );
  return { ...state, asks };
}
