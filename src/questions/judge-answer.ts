/**
 * What a person's word does to a question: it rules, it is kept without effect, or it is the second thought about a default.
 * Pure; what they typed was read before (parse-answer.ts), who they are was established at the door.
 */
import { isComplianceKind, mayAnswer } from '../policy/route-of.ts';
import type { Handle, Route, Stakeholders } from '../policy/stakeholders.ts';
import { modeOf } from './find-route.ts';
import type { Answer } from './question.ts';
import type { QuestionEvent } from './question-event.ts';
import { isOpen, type QuestionState, rulingOf } from './question-state.ts';
import { slaEndsAt } from './sla.ts';

export interface Judgement {
  /** What is to be written; none: nothing came of it, and nothing has to be kept. */
  events: QuestionEvent[];
  /** One line for the person. */
  line: string;
  /** What they wanted is so. */
  isAccepted: boolean;
}

/** Somebody says something; `via`: `cli`, or the channel's name. */
export interface Speaker {
  by: Handle;
  via: string;
}

type RefusalReason = Extract<QuestionEvent, { kind: 'question.answer_refused' }>['data']['why'];

/** A first answer rules; to a default that nobody has reviewed, it overturns or confirms; anything else is kept. */
export function judgeAnswer(
  state: QuestionState,
  speaker: Speaker,
  answer: Answer,
  stakeholders: Stakeholders,
): Judgement {
  const refuse = refusal(state, speaker, describeAnswer(answer));
  if (!mayAnswerQuestion(state, speaker.by, stakeholders)) return refuse('not_theirs', whoseLine(state));
  const problem = findProblem(state, answer);
  if (problem !== null) return refuse('no_such_option', problem);
  const { name } = state;
  if (isOpen(state)) {
    return {
      events: [{ kind: 'question.answered', data: { ...speaker, answer } }],
      line: `${name} is answered: ${describeAnswer(answer)}`,
      isAccepted: true,
    };
  }
  if (state.status === 'withdrawn' || state.status === 'remembered') return refuse('over', overLine(state));
  const ruling = rulingOf(state);
  if (ruling === null) return judgeDefault(state, speaker, answer);
  const line = `${name} was answered by ${ruling.by} before, and that holds: ${describeAnswer(ruling.answer)}`;
  return refuse(isSameAnswer(ruling.answer, answer) ? 'again' : 'contradictory', line);
}

/** Why it is no answer to this question, whoever gives it; null: it is one. */
function findProblem(state: QuestionState, { option, text }: Answer): string | null {
  const { name, kind, optionCount, isCompliance, isOwn } = state;
  if (option !== null) {
    if (Number.isInteger(option) && option >= 1 && option <= optionCount) return null;
    return optionCount === 0
      ? `${name} has no options: answer in words`
      : `${name} has the options 1 to ${optionCount}`;
  }
  if (text !== null) return null;
  if (isCompliance || isComplianceKind(kind))
    return `${name} is about compliance, which no agent judges: answer yes (1), no (2), or in words`;
  return isOwn
    ? `${name} was asked by no agent that could judge it: answer with an option or in words`
    : null;
}

/** Nobody answered in time, and now somebody does. */
function judgeDefault(state: QuestionState, speaker: Speaker, answer: Answer): Judgement {
  const { name } = state;
  const option = state.default?.option ?? 0;
  if (answer.option === null && answer.text === null) {
    const line = `${name} was taken by default, option ${option}, and the work went on with it; answer with an option or in words to change it`;
    return refusal(state, speaker, describeAnswer(answer))('late', line);
  }
  if (answer.option === option && answer.text === null) {
    if (state.confirmedBy !== null) {
      return refusal(
        state,
        speaker,
        describeAnswer(answer),
      )('again', `${name} was confirmed by ${state.confirmedBy}`);
    }
    return {
      events: [{ kind: 'question.confirmed', data: { by: speaker.by } }],
      line: `${name}: the default, option ${option}, is confirmed`,
      isAccepted: true,
    };
  }
  return {
    events: [{ kind: 'question.overturned', data: { ...speaker, answer } }],
    line: `${name}: option ${option}, taken by default, is overturned: ${describeAnswer(answer)}; items that used it are opened again`,
    isAccepted: true,
  };
}

/** “I have it”: stops the reminder, and where the route requires it, begins the SLA of the answer. */
export function judgeAcknowledgment(
  state: QuestionState,
  speaker: Speaker,
  { stakeholders, nowMs }: { stakeholders: Stakeholders; nowMs: number },
): Judgement {
  const { name, route, dueAt } = state;
  const refuse = refusal(state, speaker, 'acknowledged');
  if (!mayAnswerQuestion(state, speaker.by, stakeholders)) return refuse('not_theirs', whoseLine(state));
  const nothing = (line: string): Judgement => ({ events: [], line, isAccepted: false });
  if (!isOpen(state)) return nothing(overLine(state));
  if (route === null || dueAt === null)
    return nothing(`${name} waits for a route of kind ${state.kind}; nothing runs out`);
  if (state.status === 'acknowledged') return nothing(`${name} was acknowledged by ${state.acknowledgedBy}`);
  const answerDueAt = slaEndsAt(route, stakeholders, { of: speaker.by, fromMs: nowMs });
  return {
    events: [
      {
        kind: 'question.acknowledged',
        data: { by: speaker.by, dueAt: route.requiresAcknowledgment ? answerDueAt : dueAt },
      },
    ],
    line: `${name} is acknowledged; it waits for your answer`,
    isAccepted: true,
  };
}

/**
 * “Not mine, this is kind X”: it begins again with the people of X. Without a route for X it waits for one.
 * @param to its route as the map and memory have it now
 */
export function judgeReroute(
  state: QuestionState,
  speaker: Speaker,
  to: { kind: string; route: Route | null },
  { stakeholders, nowMs }: { stakeholders: Stakeholders; nowMs: number },
): Judgement {
  const { name, kind } = state;
  const refuse = refusal(state, speaker, `not mine, ${to.kind}`);
  if (!mayAnswerQuestion(state, speaker.by, stakeholders)) return refuse('not_theirs', whoseLine(state));
  if (!isOpen(state)) return refuse('over', overLine(state));
  if (to.kind === kind) {
    return { events: [], line: `${name} is of kind ${kind} already`, isAccepted: false };
  }
  return {
    events: [routedTo({ state, toKind: to.kind, route: to.route, by: speaker.by, stakeholders, nowMs })],
    line:
      to.route === null
        ? `${name} is of kind ${to.kind} now, which has no route: it waits until it has one`
        : `${name} is of kind ${to.kind} now: ${to.route.primary} is asked`,
    isAccepted: true,
  };
}

/** Also what the desk writes when a kind that had no route has one. */
export function routedTo(facts: {
  state: QuestionState;
  toKind: string;
  route: Route | null;
  /** Null: nobody said so, the map has it now. */
  by: Handle | null;
  stakeholders: Stakeholders;
  nowMs: number;
}): QuestionEvent {
  const { state, toKind, route, by, stakeholders, nowMs } = facts;
  const dueAt = route && slaEndsAt(route, stakeholders, { of: route.primary, fromMs: nowMs });
  const mode = modeOf(route, toKind);
  return { kind: 'question.routed', data: { by, fromKind: state.kind, toKind, route, mode, dueAt } };
}

/**
 * Who is or was asked since it is of this kind, everybody on the chain, deputies, the engineering lead; nobody named at all: anybody.
 */
export function mayAnswerQuestion(state: QuestionState, by: Handle, stakeholders: Stakeholders): boolean {
  const { addressee, asks, asksBefore, route } = state;
  const isOrWasAsked = by === addressee || asks.slice(asksBefore).some(({ to }) => to === by);
  return isOrWasAsked || mayAnswer(by, route, stakeholders);
}

function refusal({ name }: QuestionState, { by, via }: Speaker, said: string) {
  return (why: RefusalReason, line: string): Judgement => ({
    events: [{ kind: 'question.answer_refused', data: { by, via, said, why } }],
    line: line.startsWith(name) ? line : `${name}: ${line}`,
    isAccepted: false,
  });
}

function whoseLine({ name, addressee, kind }: QuestionState): string {
  return addressee === null
    ? `${name} is not yours to answer: kind ${kind} has no route, the engineering lead is asked about it`
    : `${name} is not yours to answer: ${addressee} is asked`;
}

function overLine(state: QuestionState): string {
  const { name, status, remembered } = state;
  if (status === 'withdrawn') return `${name} was withdrawn: ${state.withdrawnWhy ?? ''}`;
  if (remembered) return `${name} is answered by decision ${remembered.decision}`;
  const ruling = rulingOf(state);
  if (ruling) return `${name} was answered by ${ruling.by}: ${describeAnswer(ruling.answer)}`;
  return `${name} was taken by default: option ${state.default?.option ?? ''}`;
}

/** `option 2, but only for exports`; without the options at hand. */
export function describeAnswer({ option, text }: Answer): string {
  if (option !== null) return text === null ? `option ${option}` : `option ${option}, ${text}`;
  return text ?? 'use your judgment';
}

function isSameAnswer(a: Answer, b: Answer): boolean {
  return a.option === b.option && (a.option !== null || a.text === b.text);
}
