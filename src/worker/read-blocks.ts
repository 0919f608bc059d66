/** What open questions stop right now, read from the questions themselves: the controls that they hold follow a moment later. */
import { clusterScope, meshScope } from '../controls/control-scope.ts';
import type { Journal } from '../journal/journal.ts';
import { type Block, blocksOf } from '../questions/blocks-of.ts';
import { readOpenQuestions } from '../questions/question-record.ts';

/** The first that stops this cluster; null: nothing does. */
export async function findBlock(
  journal: Pick<Journal, 'read' | 'streams'>,
  project: string,
  cluster: string,
): Promise<Block | null> {
  const open = await readOpenQuestions(journal, project);
  const scopes = [meshScope, clusterScope(cluster)];
  return blocksOf(open.values()).find(({ scope }) => scopes.includes(scope)) ?? null;
}
