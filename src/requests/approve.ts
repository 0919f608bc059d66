/**
 * A person's yes or no to one exact action, whichever way it came: judged against the approval as it is, kept whatever it comes
 * to. Whoever calls has established who the person is, and has shown them the action that the hash is of.
 */
import { MeshwrightError } from '../base/errors.ts';
import { handleOf } from '../policy/handle.ts';
import { writeApproval } from '../questions/approval-record.ts';
import { approvalNumber } from '../questions/approval-state.ts';
import { type AnswerVerdict, judgeApproval } from '../questions/judge-approval.ts';
import { noSuchApproval } from '../views/approval-view.ts';
import type { PersonsWord, WordOutcome } from './answer-question.ts';
import { maxReason, requireText } from './require-text.ts';

/** `name`: `A-2`. */
export interface ApprovalWord extends PersonsWord {
  verdict: 'approve' | 'deny';
  /** Of the action that the person was shown; its first twelve characters at least. */
  actionHash: string;
  /** Of a no; may be empty. */
  why: string;
}

const sha256Digits = 64;

/** Characters of a hash that a person has to give; fewer are those of another action. */
export const shortestHash = 12;

/** @throws MeshwrightError `no_such_approval`; `usage` for a reason that is too long or not plain, or a name that is none. */
export async function answerApproval(word: ApprovalWord): Promise<WordOutcome> {
  const { journal, newId, project, name, verdict, via, why, nowMs, stakeholders } = word;
  requireText('the reason', why, maxReason);
  requireText('the hash', word.actionHash, sha256Digits);
  const number = approvalNumber(name);
  if (number === null) throw noName(name);
  const by = handleOf(word.by);
  let judged: AnswerVerdict | null = null;
  await writeApproval({
    journal,
    newId,
    project,
    number,
    actor: `person:${by}`,
    decide: (state) => {
      const actionHash = completeHash(word.actionHash, state.actionHash);
      judged = judgeApproval(state, { by, via, verdict, actionHash, why, nowMs, stakeholders });
      return judged.events;
    },
  });
  const outcome = judged as AnswerVerdict | null;
  if (outcome === null) throw noSuchApproval(project, number);
  return { line: outcome.line, isAccepted: outcome.refused === null };
}

/** What a person typed of it stands for the whole where it is its beginning, and long enough that no other action has it too. */
function completeHash(given: string, whole: string): string {
  return given.length >= shortestHash && whole.startsWith(given) ? whole : given;
}

function noName(name: string): MeshwrightError {
  return new MeshwrightError('usage', `${name} is not the name of an approval`, {
    hint: 'They are named like A-2; `meshwright questions` lists them.',
    exitCode: 2,
  });
}
