/** Readable lines for what an item's agents asked people and which decisions they went by. */
import { firstLine, stepLabel } from './event-line.ts';
import type { ItemAsk, ItemDecision } from './item-asks.ts';

/** `? Q-7 export times: waits for @sarah-pm`, `! Q-7 export times: 1 UTC, by default (D-3), not reviewed: …` */
export function describeItemAsk({ ask, step, title, whom, outcome, isFlagged, decision }: ItemAsk): string {
  const mark = outcome === null ? '?' : isFlagged ? '!' : '✓';
  const what = outcome === null ? `waits for ${whom ?? 'somebody to be asked'}` : firstLine(outcome);
  const remembered = decision === null ? '' : ` (${decision})`;
  const review = isFlagged ? `, not reviewed: \`meshwright answer ${ask} …\`` : '';
  return `${mark} ${ask} ${firstLine(title)} (${stepLabel(step)}): ${what}${remembered}${review}`;
}

/** What was gone by, each on a line; then what was only shown, by id. */
export function describeDecisions(decisions: readonly ItemDecision[]): string[] {
  const used = decisions.filter(({ how }) => how.some((each) => each !== 'shown'));
  const shown = decisions.filter((each) => !used.includes(each));
  return [
    ...used.map(describeDecision),
    ...(shown.length === 0 ? [] : [`in its prompts: ${shown.map(({ id }) => id).join(', ')}`]),
  ];
}

function describeDecision({ id, statement, status, isDefault, how }: ItemDecision): string {
  const marks = [
    how.includes('answered') ? 'answered its question, nobody was asked' : 'the answer to its question',
    ...(isDefault ? ['taken by default'] : []),
    ...(status === null || status === 'active' ? [] : [`${status.toUpperCase()} now`]),
  ];
  return `decision ${id} ${statement === null ? '' : firstLine(statement)} (${marks.join(', ')})`;
}
