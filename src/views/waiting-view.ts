/** What waits for people, most urgent first, each with the command that lets it go on. */
import { shortestScope } from '../controls/control-scope.ts';
import type { Journal } from '../journal/journal.ts';
import { type ApprovalRow, viewApprovals } from './approval-view.ts';
import { howToAnswer } from './ask-lines.ts';
import { type QuestionFacts, type QuestionRow, viewQuestions } from './question-view.ts';
import type { UnreadableStream } from './read-each.ts';
import type { ItemRow } from './status-view.ts';

export interface WaitingView {
  questionCount: number;
  approvalCount: number;
  /** Items that take no place meanwhile. */
  parkedCount: number;
  /** Questions whose time has passed without anything following: no worker runs. */
  overdueCount: number;
  /** Questions and approvals before items, blocking ones before others, then by the time at which something follows. */
  rows: WaitingRow[];
  /** Questions and approvals that this version cannot show; usually none. */
  unreadable: UnreadableStream[];
}

export interface WaitingRow {
  /** `Q-7`, `A-2`, `#3`. */
  name: string;
  /** Who is asked now; null: nobody by name. */
  whom: string | null;
  what: string;
  /** ISO; null: nothing follows by itself. */
  dueAt: string | null;
  isOverdue: boolean;
  /** What to type. */
  command: string;
}

export async function viewWaiting(
  journal: Journal,
  project: string,
  { items, ...facts }: QuestionFacts & { items: readonly ItemRow[] },
): Promise<WaitingView> {
  const asked = await viewQuestions(journal, project, { ...facts, isOpenOnly: true });
  const wanted = await viewApprovals(journal, project, { isOpenOnly: true });
  const { questions } = asked;
  const approvals = wanted.approvals.filter(({ status }) => status === 'open');
  return {
    questionCount: questions.length,
    approvalCount: approvals.length,
    parkedCount: items.filter(({ isParked }) => isParked).length,
    overdueCount: questions.filter(({ isOverdue }) => isOverdue).length,
    rows: [
      ...questions.toSorted(byUrgency).map(questionRow),
      ...approvals.map(approvalRow),
      ...items.flatMap(itemRows),
    ],
    unreadable: [...asked.unreadable, ...wanted.unreadable],
  };
}

function byUrgency(a: QuestionRow, b: QuestionRow): number {
  const weight = ({ mode }: QuestionRow) => (mode === 'block' ? 0 : 1);
  // What has no time waits for a route: after everything that has one.
  const due = ({ dueAt }: QuestionRow) => (dueAt === null ? Number.POSITIVE_INFINITY : Date.parse(dueAt));
  return weight(a) - weight(b) || (due(a) === due(b) ? 0 : due(a) - due(b));
}

function questionRow({
  question,
  title,
  addressee,
  mode,
  dueAt,
  isOverdue,
  optionCount,
}: QuestionRow): WaitingRow {
  const mark = { block: ' (the cluster is stopped)', wait: '', park: ' (parked)' }[mode];
  return {
    name: question,
    whom: addressee,
    what: `${title}${mark}${addressee === null ? ', its kind has no route' : ''}`,
    dueAt,
    isOverdue,
    command: howToAnswer({ name: question, optionCount }),
  };
}

function approvalRow({ approval, line, told, expiresAt }: ApprovalRow): WaitingRow {
  return {
    name: approval,
    whom: told.join(', ') || null,
    what: `may it ${line}?`,
    dueAt: expiresAt,
    isOverdue: false,
    command: `meshwright approve ${approval}`,
  };
}

function itemRows({ number, title, status, note, control, pauseReason }: ItemRow): WaitingRow[] {
  const command =
    control === null
      ? commandFor({ number, status, isCeiling: pauseReason === 'ceiling' })
      : control.holder === null
        ? `meshwright resume ${shortestScope(control.scope)}`
        : null;
  if (command === null) return [];
  // What the note of a ready item says is the command.
  const what = status === 'ready' || note === null ? `${status}: ${title}` : note;
  return [{ name: `#${number}`, whom: null, what, dueAt: null, isOverdue: false, command }];
}

/** Null: it waits for nobody by itself. */
function commandFor({
  number,
  status,
  isCeiling,
}: Pick<ItemRow, 'number' | 'status'> & { isCeiling: boolean }): string | null {
  switch (status) {
    case 'ready':
      return `meshwright diff ${number}, then meshwright accept ${number}`;
    case 'paused':
      return `meshwright resume ${number}${isCeiling ? ' --ceiling-usd <amount>' : ''}`;
    case 'taken_over':
      return `meshwright handback ${number}`;
    default:
      return null;
  }
}
