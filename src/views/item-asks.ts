/** What an item's agents had to do with people and with what they decided: what they asked, what came of it, which decisions they used. */
import { readTapeEvent } from '../gateway/tape-codec.ts';
import { tapeKinds } from '../gateway/tape-kinds.ts';
import { readItemEvent } from '../items/item-stream.ts';
import type { StoredEvent, StreamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import { isKnown } from '../journal/upcast.ts';
import type { MemoryStatus } from '../memory/memory-record.ts';
import { readMemory } from '../memory/memory-store.ts';
import { approvalStream } from '../questions/approval-event.ts';
import { foldApproval } from '../questions/approval-state.ts';
import { foldQuestion } from '../questions/fold-question.ts';
import { questionStream } from '../questions/question-event.ts';
import { isOpen } from '../questions/question-state.ts';
import { decisionOf, isFlagged, outcomeOf, readQuestionText } from './question-view.ts';

export interface ItemAsk {
  /** `Q-7`, `A-2`. */
  ask: string;
  step: string;
  title: string;
  /** Of the question or approval. */
  status: string;
  /** Who is asked now; null: nobody, or it is over. */
  whom: string | null;
  /** What came of it; null: nothing yet. */
  outcome: string | null;
  /** Taken by default, and nobody has reviewed it. */
  isFlagged: boolean;
  decision: string | null;
}

export interface ItemDecision {
  id: string;
  /** Null: a pack's rule. */
  statement: string | null;
  status: MemoryStatus | null;
  /** Nobody answered in time. */
  isDefault: boolean;
  /** `asked`: the answer to a question of its agents; `answered`: told instead of asking; `shown`: in a prompt. */
  how: ('asked' | 'answered' | 'shown')[];
}

export interface ItemAsks {
  asks: ItemAsk[];
  decisions: ItemDecision[];
}

/** `events`: the item's own. */
export async function viewItemAsks(
  journal: Journal,
  project: string,
  events: readonly StoredEvent[],
): Promise<ItemAsks> {
  const asks: ItemAsk[] = [];
  const agents = new Set<StreamId>();
  for (const event of events.map(readItemEvent)) {
    if (event.kind === 'step.started') agents.add(event.data.agent as StreamId);
    if (event.kind !== 'step.asked') continue;
    const { ask, step } = event.data;
    const known = asks.some((each) => each.ask === ask && each.step === step);
    const found = known ? null : await readAsk(journal, project, { ask, step });
    if (found) asks.push(found);
  }
  return { asks, decisions: await readDecisions(journal, project, { asks, agents: [...agents] }) };
}

async function readAsk(
  journal: Journal,
  project: string,
  { ask, step }: { ask: string; step: string },
): Promise<ItemAsk | null> {
  const number = Number(ask.slice(2));
  if (ask.startsWith('A-')) {
    const state = foldApproval(await journal.read(approvalStream(project, number)));
    if (state === null) return null;
    const { line, status, told, ending } = state;
    const whom = status === 'open' ? told.join(', ') || null : null;
    const by = ending?.by ? ` by ${ending.by}` : '';
    const outcome = status === 'open' ? null : `${status}${by}${ending?.why ? `: ${ending.why}` : ''}`;
    return { ask, step, title: `may it ${line}?`, status, whom, outcome, isFlagged: false, decision: null };
  }
  const state = foldQuestion(await journal.read(questionStream(project, number)));
  if (state === null) return null;
  return {
    ask,
    step,
    title: state.title,
    status: state.status,
    whom: isOpen(state) ? state.addressee : null,
    outcome: outcomeOf(state, await readQuestionText(journal, state)),
    isFlagged: isFlagged(state),
    decision: decisionOf(state),
  };
}

async function readDecisions(
  journal: Journal,
  project: string,
  { asks, agents }: { asks: readonly ItemAsk[]; agents: readonly StreamId[] },
): Promise<ItemDecision[]> {
  const uses = new Map<string, Set<ItemDecision['how'][number]>>();
  const use = (id: string, how: ItemDecision['how'][number]) =>
    uses.set(id, (uses.get(id) ?? new Set()).add(how));
  for (const { decision } of asks) if (decision !== null) use(decision, 'asked');
  for (const agent of agents) {
    for (const stored of await journal.read(agent)) {
      const event = isKnown(tapeKinds, stored) ? readTapeEvent(stored) : null;
      if (event?.kind === 'memory.answered') use(event.data.id, 'answered');
      if (event?.kind === 'memory.recalled') for (const id of event.data.ids) use(id, 'shown');
    }
  }
  if (uses.size === 0) return [];
  const { records } = await readMemory(journal, project);
  return [...uses].map(([id, how]) => {
    const record = records.get(id);
    return {
      id,
      statement: record?.statement ?? null,
      status: record?.status ?? null,
      isDefault: record?.source.from === 'question' && record.source.isDefault,
      how: [...how],
    };
  });
}
