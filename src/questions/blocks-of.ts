/** What open questions stop, as controls that each of them holds. Pure; lays nothing on by itself. */
import { type ControlScope, clusterScope, meshScope } from '../controls/control-scope.ts';
import type { Control } from '../controls/control-state.ts';
import { isOpen, type QuestionState } from './question-state.ts';

/** The control that an open question holds on a scope. */
export type Block = Pick<Control, 'scope' | 'holder' | 'why'> & { holder: string };

/** A blocking question stops the clusters of all who asked it; one whose alarm nobody acknowledged, the mesh. */
export function blocksOf(questions: Iterable<QuestionState>): Block[] {
  return [...questions].flatMap((question) => {
    const { name: holder } = question;
    return stoppedBy(question).map((scope) => ({ scope, holder, why: describeWait(question) }));
  });
}

function stoppedBy(question: QuestionState): ControlScope[] {
  if (!isOpen(question)) return [];
  const { mode, cluster, askers, isMeshPaused } = question;
  const clusters = mode === 'block' ? [cluster, ...askers.map((asker) => asker.cluster)] : [];
  const stopped = new Set(clusters.filter((name) => name !== null));
  return [...(isMeshPaused ? [meshScope] : []), ...[...stopped].map(clusterScope)];
}

/** `compliance_question, waits for @compliance-team`. */
export function describeWait({ kind, addressee }: Pick<QuestionState, 'kind' | 'addressee'>): string {
  return `${kind}, waits for ${addressee ?? 'a route'}`;
}
