/** What came of a question, in one line for those who were asked, in their thread. Pure. */
import { describeAnswer } from './judge-answer.ts';
import { type QuestionState, rulingOf } from './question-state.ts';

/** @param decision what memory holds of it; null: nothing. */
export function outcomeLine(
  state: QuestionState,
  decision: { id: string; statement: string } | null,
): string {
  const { name, remembered } = state;
  const holds = decision === null ? '' : ` ${decision.id} holds from now on: ${decision.statement}`;
  const ruling = rulingOf(state);
  if (ruling) return `${name} is answered by ${ruling.by}: ${describeAnswer(ruling.answer)}.${holds}`;
  if (state.default) {
    const { option } = state.default;
    return `${name}: nobody answered in time, so option ${option} is taken by default and flagged. Reply ${option} to confirm it, anything else to overturn it.${holds}`;
  }
  if (remembered) return `${name} is answered by ${remembered.decision}; no answer is needed.`;
  return `${name} is withdrawn: ${state.withdrawnWhy ?? 'nobody waits for it'}.`;
}
