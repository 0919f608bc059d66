/** Readable lines for what happens while a person has an item. */
import type { ItemEvent } from '../items/item-event.ts';

/** As in describe-event.ts, without details. */
interface Line {
  mark: 'note' | 'wait';
  text: string;
}

export function describeTakeoverEvent(event: ItemEvent): Line | null {
  switch (event.kind) {
    case 'item.taken_over': {
      const { by, to, commit, folder } = event.data;
      const whom = by === to ? `by ${by}` : `by ${by} for ${to}`;
      return { mark: 'wait', text: `TAKEN OVER ${whom} at ${commit.slice(0, 7)}, in ${folder}` };
    }
    case 'item.handed_back': {
      const { by, commit, note } = event.data;
      const what = commit ? `with commit ${commit.slice(0, 7)}` : note ? 'without a commit' : 'as it was';
      return { mark: 'note', text: `handed back by ${by} ${what}${note ? `: ${note}` : ''}` };
    }
    case 'phase.reopened': {
      const { phase, answered } = event.data;
      const steps = answered.map((step) => step.replaceAll('/', ' ')).join(', ');
      return {
        mark: 'note',
        text: `${phase} goes on with what was handed back${steps ? `; done by it: ${steps}` : ''}`,
      };
    }
    default:
      return null;
  }
}
