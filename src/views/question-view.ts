/** Questions as people read them: the open ones at a glance, and one with everything that happened to it. */
import { MeshwrightError } from '../base/errors.ts';
import { readJsonBlobIfKept } from '../journal/blob-text.ts';
import { type StoredEvent, streamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import type { Handle, Route, Stakeholders, WaitMode } from '../policy/stakeholders.ts';
import { composeConsequence } from '../questions/compose-consequence.ts';
import { foldQuestion } from '../questions/fold-question.ts';
import { describeAnswer } from '../questions/judge-answer.ts';
import type { Asker, QuestionName, QuestionText } from '../questions/question.ts';
import { questionStream } from '../questions/question-event.ts';
import {
  type Ask,
  isOpen,
  type QuestionState,
  type QuestionStatus,
  questionName,
  type RefusedAnswer,
  type Ruling,
  rulingOf,
} from '../questions/question-state.ts';
import { type HistoryEntry, historyOf } from './ask-history.ts';
import type { Moment } from './local-time.ts';
import { type ReadStreams, readEach, type UnreadableStream } from './read-each.ts';

/** What a person must see of a question to know whether it is theirs. */
export interface QuestionRow {
  question: QuestionName;
  /** A few words, then the options by number, where the text is still there: `export times: 1 UTC (default) · 2 local`. */
  line: string;
  title: string;
  /** As it is routed now. */
  kind: string;
  topic: string;
  scope: string;
  status: QuestionStatus;
  isOpen: boolean;
  mode: WaitMode;
  /** Whose it is now; null: its kind has no route. */
  addressee: Handle | null;
  /** Nobody was told yet: off hours, or others come first. */
  isInOrder: boolean;
  askedAt: string;
  /** When something follows without an answer; null: nothing does by itself. */
  dueAt: string | null;
  /** That time has passed, and nothing has followed yet: no worker runs. */
  isOverdue: boolean;
  /** One sentence: what follows then, with the time at the reader's place. */
  consequence: string;
  /** Answers by number: from 1 to this. */
  optionCount: number;
  /** Whose items wait for it. */
  items: number[];
  /** What was ruled, taken by default, or remembered; null: nothing yet. */
  outcome: string | null;
  /** Taken by default, and no person has confirmed or overturned it. */
  isFlagged: boolean;
  /** What came of it in memory: `D-3`. */
  decision: string | null;
}

export interface QuestionReport extends QuestionRow {
  /** Null: retention deleted it. */
  text: QuestionText | null;
  route: Route | null;
  /** Everybody who was asked, in order; who was asked again is here again. */
  asks: readonly Ask[];
  /** Who asked and has not gone on without the answer, in order. */
  askers: readonly Asker[];
  acknowledgedBy: Handle | null;
  answer: Ruling | null;
  byDefault: QuestionState['default'];
  overturned: Ruling | null;
  confirmedBy: Handle | null;
  refused: readonly RefusedAnswer[];
  misclassified: QuestionState['misclassified'];
  history: HistoryEntry[];
}

/** What a reading needs besides the journal. */
export interface QuestionFacts extends Moment {
  stakeholders: Stakeholders;
  /** Who reads. */
  reader: Handle;
}

/** By number. `isOpenOnly`: those that wait for a ruling. */
export async function viewQuestions(
  journal: Journal,
  project: string,
  { isOpenOnly, ...facts }: QuestionFacts & { isOpenOnly: boolean },
): Promise<{ questions: QuestionRow[]; unreadable: UnreadableStream[] }> {
  const { found, unreadable } = await readQuestionHistories(journal, project, { isOpenOnly });
  const states = found.map(({ state }) => state).filter((state) => !isOpenOnly || isOpen(state));
  return { questions: await viewRows(journal, states, facts), unreadable };
}

export function viewRows(
  journal: Journal,
  states: readonly QuestionState[],
  facts: QuestionFacts,
): Promise<QuestionRow[]> {
  return Promise.all(
    states.map(async (state) => rowOf(state, await readQuestionText(journal, state), facts)),
  );
}

/** One question with everything that happened to it. */
export interface QuestionHistory {
  state: QuestionState;
  events: StoredEvent[];
}

/** By number. `isOpenOnly`: those that the mesh has to do with, the open ones among them. */
export async function readQuestionHistories(
  journal: Journal,
  project: string,
  { isOpenOnly }: { isOpenOnly: boolean },
): Promise<ReadStreams<QuestionHistory>> {
  const where = isOpenOnly ? { claimUnit: streamId('mesh', project) } : {};
  const heads = await journal.streams(project, { prefix: 'question:', ...where });
  const { found, unreadable } = await readEach(heads, async (stream) => {
    const events = await journal.read(stream);
    const state = foldQuestion(events);
    return state && { state, events };
  });
  return { found: found.sort((a, b) => a.state.number - b.state.number), unreadable };
}

/** @throws MeshwrightError `no_such_question`. */
export async function viewQuestion(
  journal: Journal,
  project: string,
  number: number,
  facts: QuestionFacts,
): Promise<{ report: QuestionReport; events: StoredEvent[] }> {
  const events = await journal.read(questionStream(project, number));
  const state = foldQuestion(events);
  if (state === null) throw noSuchQuestion(project, number);
  const text = await readQuestionText(journal, state);
  const { route, asks, askers, acknowledgedBy, answer, overturned, confirmedBy, refused, misclassified } =
    state;
  return {
    events,
    report: {
      ...rowOf(state, text, facts),
      text,
      route,
      asks,
      askers,
      acknowledgedBy,
      answer,
      byDefault: state.default,
      overturned,
      confirmedBy,
      refused,
      misclassified,
      history: historyOf(events),
    },
  };
}

export function noSuchQuestion(project: string, number: number): MeshwrightError {
  return new MeshwrightError(
    'no_such_question',
    `there is no question ${questionName(number)} in ${project}`,
    {
      hint: '`meshwright questions --all` lists them.',
      exitCode: 2,
    },
  );
}

function rowOf(
  state: QuestionState,
  text: QuestionText | null,
  { reader, ...facts }: QuestionFacts,
): QuestionRow {
  const isLate = state.dueAt !== null && Date.parse(state.dueAt) < facts.nowMs;
  return {
    question: state.name,
    line: text === null ? state.title : askLine(text),
    title: state.title,
    kind: state.kind,
    topic: state.key.topic,
    scope: state.key.scope,
    status: state.status,
    isOpen: isOpen(state),
    mode: state.mode,
    addressee: state.addressee,
    isInOrder: state.status === 'asked',
    askedAt: state.askedAt,
    dueAt: state.dueAt,
    isOverdue: isOpen(state) && isLate,
    consequence: composeConsequence(state, { ...facts, to: reader }),
    optionCount: state.optionCount,
    items: [...new Set(state.askers.map(({ item }) => item))].sort((a, b) => a - b),
    outcome: outcomeOf(state, text),
    isFlagged: isFlagged(state),
    decision: decisionOf(state),
  };
}

/** `export times: 1 UTC (default) · 2 local`. */
export function askLine({ title, options, defaultOption }: QuestionText): string {
  const numbered = options.map(
    ({ label }, index) => `${index + 1} ${label}${index + 1 === defaultOption ? ' (default)' : ''}`,
  );
  return `${title}: ${numbered.join(' · ')}`;
}

/** Taken by default, and no person has confirmed or overturned it. */
export function isFlagged(state: QuestionState): boolean {
  return state.default !== null && state.overturned === null && state.confirmedBy === null;
}

/** What came of it in memory, or what memory had instead. */
export function decisionOf({ recorded, remembered }: QuestionState): string | null {
  return recorded?.decision ?? remembered?.decision ?? null;
}

/** In words; null: it is open. */
export function outcomeOf(state: QuestionState, text: QuestionText | null): string | null {
  const labelled = (option: number) => {
    const label = text?.options[option - 1]?.label;
    return label === undefined ? `option ${option}` : `${option} ${label}`;
  };
  const ruling = rulingOf(state);
  if (ruling !== null) {
    const { option, text: words } = ruling.answer;
    const said =
      option === null ? describeAnswer(ruling.answer) : `${labelled(option)}${words ? ` (${words})` : ''}`;
    return `${said}, by ${ruling.by}`;
  }
  if (state.default !== null) return `${labelled(state.default.option)}, by default`;
  if (state.remembered !== null) return `${state.remembered.text}, as ${state.remembered.decision} says`;
  return state.withdrawnWhy === null ? null : `withdrawn: ${state.withdrawnWhy}`;
}

/** Null: retention deleted it. */
export function readQuestionText(
  journal: Journal,
  { text }: Pick<QuestionState, 'text'>,
): Promise<QuestionText | null> {
  return readJsonBlobIfKept<QuestionText>(journal, text);
}
