/**
 * What came of a settled question is put into memory, and with that the question is done. Each part can be repeated: killed
 * between any two of them, whoever comes next finds the record by its source, the new items by their ids, and goes on.
 */
import { idOf } from '../base/ids.ts';
import { isFinal } from '../items/is-final.ts';
import { itemReducer } from '../items/item-reducer.ts';
import type { ItemState } from '../items/item-state.ts';
import { itemStream } from '../items/item-stream.ts';
import { appendAdded } from '../items/number-item.ts';
import { putTextBlob, readJsonBlob } from '../journal/blob-text.ts';
import { type Folded, foldStream } from '../journal/fold-stream.ts';
import type { InboxPost } from '../journal/unit.ts';
import { isUnknownEvent } from '../journal/upcast.ts';
import type { MemoryRecord } from '../memory/memory-record.ts';
import { recordDecision } from '../memory/memory-store.ts';
import type { Stakeholders } from '../policy/stakeholders.ts';
import { describeAnswer } from '../questions/judge-answer.ts';
import type { QuestionText } from '../questions/question.ts';
import { writeQuestion } from '../questions/question-record.ts';
import { isOpen, type QuestionState, rulingOf } from '../questions/question-state.ts';
import { decisionOf, overturnedBy } from './decision-of.ts';
import { carryOut } from './desk-gaps.ts';
import { findItemsThatUsed } from './find-memory-uses.ts';
import { orderUpdates } from './question-notices.ts';
import type { WorkerContext } from './worker-context.ts';

/** Message to an item: a decision that it went by holds no longer. `by`: the record that holds instead; null: none does. */
export const decisionOverturned = 'decision.overturned';

export interface OverturnedNotice {
  question: string;
  /** `D-3`. */
  decision: string;
  was: string;
  by: string | null;
  is: string;
}

export async function recordOutcome(
  context: WorkerContext,
  stakeholders: Stakeholders,
  settled: QuestionState,
): Promise<void> {
  const { journal, newId, project, clock } = context;
  const actor = `mesh:${project}`;
  const text = await readJsonBlob<QuestionText>(journal, settled.text);
  const memory = await context.memory();
  const wanted = decisionOf(settled, text, memory);
  const door = { journal, newId, project, actor, memory };
  const record = wanted && (await recordDecision(door, wanted, clock.now()));
  const overturned = overturnedBy(settled, memory);
  await carryOut(context, settled);
  const posts = [
    ...(await reopenWork(context, settled, { overturned, record })),
    ...(await orderUpdates({ context, stakeholders }, settled, {
      what: settled.overturned ? 'overturned' : 'settled',
      line: outcomeLine(settled, record),
      isSettled: settled.status !== 'defaulted' || settled.overturned !== null,
    })),
  ];
  const decision = record?.id ?? settled.remembered?.decision ?? null;
  await writeQuestion({
    journal,
    newId,
    project,
    number: settled.number,
    actor,
    decide: (now) =>
      now.version === settled.version && !isOpen(now)
        ? { events: [{ kind: 'question.recorded', data: { decision } }], posts }
        : null,
  });
}

/** Items that went by it: those under way are told; for what has landed or waits to, a new item says what changed. */
async function reopenWork(
  context: WorkerContext,
  { name }: QuestionState,
  { overturned, record }: { overturned: readonly MemoryRecord[]; record: MemoryRecord | null },
): Promise<InboxPost[]> {
  const { journal, project } = context;
  const posts: InboxPost[] = [];
  for (const old of overturned) {
    const by = record?.id ?? null;
    const is = record?.statement ?? 'nothing holds instead: use your judgment';
    const notice: OverturnedNotice = { question: name, decision: old.id, was: old.statement, by, is };
    for (const number of await findItemsThatUsed(journal, project, old.id)) {
      const item = await readItem(context, number);
      if (item === null || item.status === 'rejected' || item.status === 'canceled') continue;
      if (isFinal(item)) await addRework(context, item, notice);
      else {
        const stream = itemStream(project, number);
        const id = `overturned/${name}/${old.id}`;
        posts.push({ stream, id, kind: decisionOverturned, actor: `mesh:${project}`, data: { ...notice } });
      }
    }
  }
  return posts;
}

async function addRework(
  { journal, project }: WorkerContext,
  landed: ItemState,
  { question, decision, was, by, is }: OverturnedNotice,
): Promise<void> {
  const brief = [
    `# ${landed.title}: after ${by ?? question}`,
    '',
    `Item ${landed.number} (${landed.title}) has landed. It went by ${decision}, taken by default when nobody had answered ${question}:`,
    '',
    `> ${was}`,
    '',
    `A person has ruled otherwise since. What holds now${by === null ? '' : ` (${by})`}:`,
    '',
    `> ${is}`,
    '',
    'Change what that item brought so that it is as it is to be now, and nothing else.',
    '',
  ].join('\n');
  await appendAdded(journal, project, {
    id: idOf(`rework/${project}/${question}/${decision}/${landed.number}`),
    by: `mesh:${project}`,
    added: {
      title: `${landed.title}: after ${by ?? question}`,
      brief: await putTextBlob(journal, brief),
      criteria: [`It is so: ${is}`],
      priority: landed.priority,
      tags: [...landed.tags],
      flow: landed.flowName,
      ceilingMicroUsd: landed.ceilingMicroUsd,
      plan: null,
    },
  });
}

/** Null for one that a newer version wrote. */
async function readItem({ journal, project }: WorkerContext, number: number): Promise<ItemState | null> {
  try {
    const folded: Folded<ItemState> = await foldStream(journal, itemStream(project, number), itemReducer);
    return folded.version === 0 ? null : folded.state;
  } catch (error) {
    if (isUnknownEvent(error)) return null;
    throw error;
  }
}

/** For those who were asked, in their thread. */
function outcomeLine(state: QuestionState, record: MemoryRecord | null): string {
  const holds = record === null ? '' : ` ${record.id} holds from now on: ${record.statement}`;
  const ruling = rulingOf(state);
  if (ruling) return `${state.name} is answered by ${ruling.by}: ${describeAnswer(ruling.answer)}.${holds}`;
  if (state.default)
    return `${state.name}: nobody answered in time, so option ${state.default.option} is taken by default. An answer still changes it.${holds}`;
  if (state.remembered)
    return `${state.name} is answered by ${state.remembered.decision}; no answer is needed.`;
  return `${state.name} is withdrawn: ${state.withdrawnWhy ?? 'nobody waits for it'}.`;
}
