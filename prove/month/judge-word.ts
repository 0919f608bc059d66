/** Looks at what people said about a question: whose word counted, and whether what was refused had to be. */
import type { QuestionEvent } from '../../src/questions/question-event.ts';
import type { Observation } from './observation.ts';
import { type Case, mayRule, slasLater } from './observed-case.ts';
import { settle } from './settle-case.ts';

type Word = Extract<
  QuestionEvent,
  {
    kind:
      | 'question.acknowledged'
      | 'question.answered'
      | 'question.answer_refused'
      | 'question.overturned'
      | 'question.confirmed';
  }
>;

export function judgeWord(seen: Observation, known: Case, word: Word, atMs: number): void {
  if (word.kind === 'question.answer_refused') {
    judgeRefusal(seen, known, word.data, atMs);
    return;
  }
  seen.judgeSpeaker(known, word.data.by, atMs);
  switch (word.kind) {
    case 'question.acknowledged':
      judgeAcknowledgment(seen, known, word.data, atMs);
      break;
    case 'question.answered': {
      const { option, text } = word.data.answer;
      if (option !== null && (option < 1 || option > known.optionCount))
        seen.find('the right person rules', known, atMs, `option ${option} is none`);
      if (option === null && text === null && !isForAgents(known))
        seen.find('the right person rules', known, atMs, 'left to the judgment of an agent');
      settle(seen, known, { how: 'answered', option, text }, atMs);
      break;
    }
    case 'question.overturned':
      if (known.settled?.how !== 'defaulted' || known.overturnedBy !== null)
        seen.find('ends as its route says', known, atMs, 'overturned, and was no default any more');
      known.overturnedBy = word.data.by;
      break;
    case 'question.confirmed':
      if (known.settled?.how !== 'defaulted' || (known.overturnedBy ?? known.confirmedBy) !== null)
        seen.find('ends as its route says', known, atMs, 'confirmed, and was no default any more');
      known.confirmedBy = word.data.by;
  }
}

/** Compliance is never left to an agent's judgment, nor what no agent asked. */
function isForAgents({ isOwn, isCompliance, kind }: Case): boolean {
  return !isOwn && !isCompliance && !kind.startsWith('compliance');
}

function judgeAcknowledgment(
  seen: Observation,
  known: Case,
  { by, dueAt }: { by: string; dueAt: string },
  atMs: number,
): void {
  seen.lookAtTimers(known, atMs);
  const { expected } = known;
  if (known.isAcknowledged || expected === null) {
    seen.find('timers are neither early nor late', known, atMs, 'acknowledged again');
    return;
  }
  const dueMs = expected.needsAcknowledgment ? slasLater(expected, by, atMs) : known.dueMs;
  // The person's clock was read a moment before it was stored.
  if (Math.abs(Date.parse(dueAt) - dueMs) > 10_000)
    seen.find('timers are neither early nor late', known, atMs, `acknowledged, due ${dueAt}`);
  Object.assign(known, { isAcknowledged: true, isMeshPaused: false, dueMs: Date.parse(dueAt) });
}

function judgeRefusal(
  seen: Observation,
  known: Case,
  { by, said, why }: Extract<Word, { kind: 'question.answer_refused' }>['data'],
  atMs: number,
): void {
  const { settled, overturnedBy, confirmedBy } = known;
  const isRight = {
    not_theirs: !mayRule(known, by),
    no_such_option:
      Number(/^option (\d+)/.exec(said)?.[1] ?? 0) > known.optionCount ||
      (said === 'use your judgment' && !isForAgents(known)),
    again: settled?.how === 'answered' || overturnedBy !== null || confirmedBy !== null,
    contradictory: settled?.how === 'answered' || overturnedBy !== null,
    late: settled?.how === 'defaulted' && overturnedBy === null,
    over: settled !== null,
  }[why];
  if (!isRight) seen.find('the right person rules', known, atMs, `${by} was refused (${why}): ${said}`);
}
