/** How each question of the demo ended, for the table at its end. Pure. */
import { formatDuration } from '../../base/duration.ts';
import type { StoredEvent } from '../../journal/event.ts';
import { gapKey } from '../../questions/find-route.ts';
import type { QuestionState } from '../../questions/question-state.ts';
import { itemOf } from '../../views/describe-event.ts';

/** Name, title and end of every question, then of those that nobody was asked. `events`: all of the project, in order. */
export function endingRows(questions: readonly QuestionState[], events: readonly StoredEvent[]): string[][] {
  const asked = questions.map((question) => [
    question.name,
    question.title,
    endingOf(question, questions, events),
  ]);
  const remembered = events
    .filter(({ kind }) => kind === 'memory.answered')
    .map((event) => {
      const first = questions.find(({ recorded }) => recorded?.decision === event.data.id);
      const title = `${first?.title ?? ''}, again`;
      return ['–', title, `NOBODY WAS ASKED: ${event.data.id} in memory answered #${itemOf(event)}`];
    });
  return [...asked, ...remembered];
}

function endingOf(
  question: QuestionState,
  questions: readonly QuestionState[],
  events: readonly StoredEvent[],
): string {
  const { askedAt, settledAt, answer, default: byDefault, status, recorded } = question;
  const lasted = durationBetween(askedAt, settledAt);
  const block = events.some(({ kind, data }) => kind === 'control.set' && data.holder === question.name);
  const what = [
    ...describeGap(question, questions),
    ...(block ? ['STOPPED the cluster'] : []),
    ...(byDefault ? [`nobody answered in ${lasted}: DEFAULT ${byDefault.option}, flagged for review`] : []),
    ...(answer ? [`answered by ${answer.by} after ${lasted}`] : []),
  ];
  const decision = recorded?.decision ? ` → ${recorded.decision}` : '';
  return `${what.join(', ') || status}${decision}`;
}

function describeGap(
  { key, askedAt, routedAt }: QuestionState,
  questions: readonly QuestionState[],
): string[] {
  const gap = questions.find((each) => each.key.topic === gapKey(key.kind).topic);
  return gap && routedAt !== askedAt ? [`had NO ROUTE until ${gap.name}`] : [];
}

function durationBetween(from: string, to: string | null): string {
  return to === null ? '–' : formatDuration(Date.parse(to) - Date.parse(from));
}
