/** How the desk writes to a question: as the mesh, and only to the question that it looked at. */
import { type QuestionWrite, writeQuestion } from '../questions/question-record.ts';
import type { QuestionState } from '../questions/question-state.ts';
import type { WorkerContext } from './worker-context.ts';

/** Nothing when somebody was faster: what is to be done is decided anew at the next look. */
export async function writeAsSeen(
  { journal, newId, project }: WorkerContext,
  seen: QuestionState,
  write: QuestionWrite,
): Promise<void> {
  await writeQuestion({
    journal,
    newId,
    project,
    number: seen.number,
    actor: `mesh:${project}`,
    decide: ({ version }) => (version === seen.version ? write : null),
  });
}
