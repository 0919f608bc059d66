/** What those who asked are told when their question is settled: the message to each item, and the text for the agent. */
import type { JsonObject } from '../base/json.ts';
import { streamId } from '../journal/event.ts';
import type { InboxPost } from '../journal/unit.ts';
import {
  type Answer,
  type Asker,
  askRerouted,
  askSettled,
  type QuestionText,
  type ReroutedAsk,
  type Settlement,
} from './question.ts';
import type { QuestionEvent } from './question-event.ts';
import { isOpen, type QuestionState, rulingOf } from './question-state.ts';

const settling: ReadonlySet<QuestionEvent['kind']> = new Set([
  'question.answered',
  'question.defaulted',
  'question.withdrawn',
  'question.remembered',
]);

/** `state` as it is after `event`. Nobody is told twice: a later ruling reopens work, it resumes nobody. */
export function settlementPosts(
  { project, actor }: { project: string; actor: string },
  state: QuestionState,
  event: QuestionEvent,
): InboxPost[] {
  const told = settling.has(event.kind)
    ? state.askers
    : event.kind === 'question.joined' && !isOpen(state)
      ? [event.data.asker]
      : [];
  return told.map((asker) => ({
    stream: streamId('item', project, asker.item),
    id: `settled/${state.name}/${asker.agent}/${asker.call}`,
    kind: askSettled,
    actor,
    data: settlementOf(state, asker) as unknown as JsonObject,
  }));
}

/** `state` as it is after the question was routed. */
export function reroutePosts(
  { project, actor, newId }: { project: string; actor: string; newId: () => string },
  { name, mode, askers }: QuestionState,
): InboxPost[] {
  return askers.map(({ item, agent }) => {
    const rerouted: ReroutedAsk = { ask: name, agent, mode };
    return {
      stream: streamId('item', project, item),
      id: `rerouted/${newId()}`,
      kind: askRerouted,
      actor,
      data: { ...rerouted },
    };
  });
}

/** Of a settled question. */
export function settlementOf(state: QuestionState, asker: Asker): Settlement {
  const { agent, call, step } = asker;
  const ruling = rulingOf(state);
  return {
    ask: state.name,
    agent,
    call,
    step,
    how: howOf(state),
    by: ruling?.by ?? null,
    summary: `${state.name} (${state.title}) ${summaryOf(state)}`,
  };
}

function howOf({ status, overturned }: QuestionState): Settlement['how'] {
  if (overturned) return 'answered';
  if (status === 'answered' || status === 'defaulted' || status === 'withdrawn' || status === 'remembered') {
    return status;
  }
  throw new Error(`a question that is ${status} has no settlement`);
}

function summaryOf(state: QuestionState): string {
  const ruling = rulingOf(state);
  if (ruling) return `was answered by ${ruling.by}: ${briefAnswer(ruling.answer)}`;
  if (state.default) return `was not answered in time: option ${state.default.option} holds by default`;
  if (state.remembered) return `is answered by ${state.remembered.decision}`;
  return `was withdrawn: ${state.withdrawnWhy ?? ''}`;
}

function briefAnswer({ option, text }: Answer): string {
  if (option !== null) return `option ${option}`;
  return text === null ? 'use your judgment' : 'in their own words';
}

/** The whole result of the agent's call: what holds, on whose word, and what is expected of the agent. */
export function settlementText(state: QuestionState, text: QuestionText): string {
  const ruling = rulingOf(state);
  if (ruling) return answeredText(state, ruling.by, ruling.answer, text);
  if (state.default) return defaultedText(state, state.default, text);
  if (state.remembered) {
    const { decision, text: statement } = state.remembered;
    return `${state.name} is answered by decision ${decision}, which was made meanwhile: ${statement}\nIt binds you.`;
  }
  if (state.status === 'withdrawn') {
    return `${state.name} was withdrawn without an answer: ${state.withdrawnWhy ?? ''}`;
  }
  throw new Error(`${state.name} is ${state.status}: there is nothing to say yet`);
}

function answeredText(state: QuestionState, by: string, answer: Answer, text: QuestionText): string {
  if (answer.option === null && answer.text === null) {
    return `${state.name}: ${by} says: use your judgment.\nChoose yourself, among the options or otherwise, and say in your summary what you chose and why.`;
  }
  if (answer.option === null)
    return `${state.name} was answered by ${by}:\n${answer.text}\n${bindsAs(state)}`;
  const remark = answer.text === null ? '' : `\n${by} adds: ${answer.text}`;
  return `${state.name} was answered by ${by}: option ${answer.option}, ${labelOf(text, answer.option)}${remark}\n${bindsAs(state)}`;
}

/** In memory a moment after the answer: whoever is told later is told its name there too. */
function bindsAs({ recorded }: QuestionState): string {
  return recorded?.decision ? `It binds you, as decision ${recorded.decision}.` : 'It binds you.';
}

function defaultedText(
  { name }: QuestionState,
  { option, why }: { option: number; why: string },
  text: QuestionText,
): string {
  return [
    `Nobody answered ${name} in time (${why}), so its documented default holds: option ${option}, ${labelOf(text, option)}`,
    'Go on with it. It is flagged for review: a person may still rule otherwise, and then the work is opened again.',
  ].join('\n');
}

/** As the option was written. */
export function labelOf({ options }: QuestionText, option: number): string {
  return options[option - 1]?.label ?? `option ${option}`;
}
