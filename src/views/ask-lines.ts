/** A question or an approval at the moment it is asked, for whoever watches the work: what is asked, until when, how to answer. */
import type { StoredEvent } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import type { ApprovalEvent } from '../questions/approval-event.ts';
import { approvalName } from '../questions/approval-state.ts';
import { composeConsequence } from '../questions/compose-consequence.ts';
import { foldQuestion } from '../questions/fold-question.ts';
import type { QuestionText } from '../questions/question.ts';
import type { QuestionState } from '../questions/question-state.ts';
import { firstLine } from './event-line.ts';
import { knownEvent } from './known-event.ts';
import { localDue, localTime, type Moment } from './local-time.ts';
import { type QuestionFacts, readQuestionText } from './question-view.ts';

/** To stand below the line of the event; none: it asks nobody anything. */
export async function askLines(
  journal: Journal,
  event: StoredEvent,
  facts: QuestionFacts,
): Promise<string[]> {
  const known = knownEvent(event);
  if (known?.kind === 'approval.requested') return approvalLines(known.data, facts);
  const state = known?.kind === 'question.asked' ? foldQuestion([event]) : null;
  return state === null ? [] : questionLines(state, await readQuestionText(journal, state), facts);
}

function questionLines(state: QuestionState, text: QuestionText | null, facts: QuestionFacts): string[] {
  const { kind, mode, dueAt } = state;
  const due = dueAt === null ? '' : `; due ${localDue(dueAt, facts)}`;
  return [
    `${kind}: ${modeWords[mode]}${due}${facts.stakeholders.isRehearsal ? '; rehearsal, minutes run as seconds' : ''}`,
    ...(text === null ? [] : [inShort(text.question), ...optionLines(text)]),
    composeConsequence(state, { ...facts, to: facts.reader }),
    `${howToAnswer(state)}, or in words${state.route?.requiresAcknowledgment ? ', or ack' : ''}; meshwright show ${state.name} says all of it`,
  ];
}

const mostOfQuestion = 300;

/** As one paragraph; the whole of it is in `show Q-7`. */
function inShort(text: string): string {
  const words = text.replace(/\s+/g, ' ').trim();
  return words.length > mostOfQuestion ? `${words.slice(0, mostOfQuestion - 1)}…` : words;
}

const modeWords = {
  block: 'the CLUSTER IS STOPPED until it is answered',
  wait: 'the item waits',
  park: 'the item is parked, others go on',
} as const;

/** `1  UTC (default): Nobody is surprised.` */
function optionLines({ options, defaultOption }: QuestionText): string[] {
  return options.map(({ label, tradeOff }, index) => {
    const mark = index + 1 === defaultOption ? ' (default)' : '';
    return `  ${index + 1}  ${firstLine(label)}${mark}: ${firstLine(tradeOff)}`;
  });
}

/** `meshwright answer Q-7 <1–3>` */
export function howToAnswer({ name, optionCount }: Pick<QuestionState, 'name' | 'optionCount'>): string {
  return `meshwright answer ${name} <1–${optionCount}>`;
}

function approvalLines(
  { number, tier, expiresAt }: Extract<ApprovalEvent, { kind: 'approval.requested' }>['data'],
  moment: Moment,
): string[] {
  const name = approvalName(number);
  return [
    `tier ${tier.name}, ${tier.peopleCount === 1 ? 'one yes' : `${tier.peopleCount} people`}; not done before, asked anew at ${localTime(expiresAt, moment)}`,
    `meshwright approve ${name} shows it whole and asks, meshwright deny ${name} --reason "…"`,
  ];
}
