/**
 * A person's word about a question, whichever way it came: read, judged against the question as it is, kept. The first valid
 * answer rules; everything else is kept without effect, and the person is told why.
 */
import { MeshwrightError } from '../base/errors.ts';
import { readJsonBlob } from '../journal/blob-text.ts';
import type { Journal } from '../journal/journal.ts';
import { findBinding } from '../memory/memory-state.ts';
import { readMemory } from '../memory/memory-store.ts';
import { handleOf } from '../policy/handle.ts';
import { readKind } from '../policy/question-kind.ts';
import type { Stakeholders } from '../policy/stakeholders.ts';
import { findRoute, gapKey } from '../questions/find-route.ts';
import {
  type Judgement,
  judgeAcknowledgment,
  judgeAnswer,
  judgeReroute,
  type Speaker,
} from '../questions/judge-answer.ts';
import { parseAnswer } from '../questions/parse-answer.ts';
import type { Answer, QuestionText } from '../questions/question.ts';
import { readQuestion, writeQuestion } from '../questions/question-record.ts';
import { type QuestionState, questionNumber } from '../questions/question-state.ts';
import { noSuchQuestion } from '../views/question-view.ts';
import { requireText } from './require-text.ts';

export interface PersonsWord {
  journal: Journal;
  newId: () => string;
  project: string;
  stakeholders: Stakeholders;
  nowMs: number;
  /** Of what it is about: `Q-7`. */
  name: string;
  /** With or without `@`; who they are was established by whoever calls. */
  by: string;
  /** `cli`, or the channel's name. */
  via: string;
}

export interface WordOutcome {
  /** One line for the person. */
  line: string;
  /** What they wanted is so. */
  isAccepted: boolean;
}

/** Characters of an answer in words. */
const maxAnswer = 2_000;

/**
 * Whatever they typed: a number, words, `use your judgment`, `ack`, `not mine, compliance_question`. What could mean more than one
 * thing changes nothing; the line says what to type instead.
 * @throws MeshwrightError `no_such_question`; `usage` for a text that is too long or not plain, or a name that is none.
 */
export async function replyToQuestion(word: PersonsWord & { text: string }): Promise<WordOutcome> {
  requireText('the answer', word.text, maxAnswer);
  const { journal, project } = word;
  const number = numberOf(word);
  const state = await readQuestion(journal, project, number);
  if (!state) throw noSuchQuestion(project, number);
  const reply = parseAnswer(word.text, await readJsonBlob<QuestionText>(journal, state.text));
  switch (reply.act) {
    case 'answer':
      return answerQuestion({ ...word, answer: reply.answer });
    case 'acknowledge':
      return acknowledgeQuestion(word);
    case 'reroute':
      return rerouteQuestion({ ...word, toKind: reply.toKind });
    case 'unclear':
      return { line: `${state.name}: ${reply.hint}`, isAccepted: false };
  }
}

/** @throws MeshwrightError `no_such_question`; `usage` for a text that is too long or not plain. */
export async function answerQuestion(word: PersonsWord & { answer: Answer }): Promise<WordOutcome> {
  const { answer, stakeholders } = word;
  requireText('the answer', answer.text ?? '', maxAnswer);
  return say(word, (state, speaker) => judgeAnswer(state, speaker, answer, stakeholders));
}

/** “I have it”. @throws MeshwrightError `no_such_question`. */
export async function acknowledgeQuestion(word: PersonsWord): Promise<WordOutcome> {
  return say(word, (state, speaker) => judgeAcknowledgment(state, speaker, word));
}

/** “Not mine, this is kind X”. @throws MeshwrightError `no_such_question`; `usage` for what is no kind. */
export async function rerouteQuestion(word: PersonsWord & { toKind: string }): Promise<WordOutcome> {
  const { journal, project, stakeholders, nowMs, toKind } = word;
  const kind = readKind(toKind);
  if (kind === null)
    throw new MeshwrightError('usage', `${JSON.stringify(toKind)} is no kind of question`, {
      hint: 'Name it as in `compliance_question`.',
      exitCode: 2,
    });
  const ruling = findBinding(await readMemory(journal, project), gapKey(kind), nowMs);
  const route = findRoute(kind, stakeholders, ruling?.statement ?? null);
  return say(word, (state, speaker) => judgeReroute(state, speaker, { kind, route }, word));
}

async function say(
  word: PersonsWord,
  judge: (state: QuestionState, speaker: Speaker) => Judgement,
): Promise<WordOutcome> {
  const { journal, newId, project, via } = word;
  const number = numberOf(word);
  const by = handleOf(word.by);
  let judged: Judgement | null = null;
  await writeQuestion({
    journal,
    newId,
    project,
    number,
    actor: `person:${by}`,
    decide(state) {
      judged = judge(state, { by, via });
      return judged;
    },
  });
  const outcome = judged as Judgement | null;
  if (outcome === null) throw noSuchQuestion(project, number);
  return { line: outcome.line, isAccepted: outcome.isAccepted };
}

function numberOf({ name }: PersonsWord): number {
  const number = questionNumber(name);
  if (number !== null) return number;
  throw new MeshwrightError('usage', `${name} is not the name of a question`, {
    hint: 'They are named like Q-7; `meshwright questions` lists them.',
    exitCode: 2,
  });
}
