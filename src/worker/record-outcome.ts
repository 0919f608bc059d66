/**
 * What came of a settled question is put into memory, and with that the question is done. Each part can be repeated: killed
 * between any two of them, whoever comes next finds the records by their source and goes on.
 */
import { itemStream } from '../items/item-stream.ts';
import { readJsonBlob } from '../journal/blob-text.ts';
import type { StreamId } from '../journal/event.ts';
import type { InboxPost } from '../journal/unit.ts';
import type { MemoryRecord } from '../memory/memory-record.ts';
import { recordDecision } from '../memory/memory-store.ts';
import type { Stakeholders } from '../policy/stakeholders.ts';
import { outcomeLine } from '../questions/outcome-line.ts';
import type { QuestionText } from '../questions/question.ts';
import type { QuestionState } from '../questions/question-state.ts';
import { findItemsThatUsed } from '../views/memory-uses.ts';
import { decisionsOf } from './decision-of.ts';
import { carryOut } from './desk-own-questions.ts';
import { orderUpdates } from './question-notices.ts';
import type { WorkerContext } from './worker-context.ts';
import { writeAsSeen } from './write-as-seen.ts';

/** Message to an item: a decision that it went by holds no longer, `by` does. */
export const decisionOverturned = 'decision.overturned';

export interface OverturnedNotice {
  question: string;
  /** `D-3`. */
  decision: string;
  was: string;
  by: string;
  is: string;
}

export async function recordOutcome(
  context: WorkerContext,
  stakeholders: Stakeholders,
  settled: QuestionState,
): Promise<void> {
  const text = await readJsonBlob<QuestionText>(context.journal, settled.text);
  // Somebody may have been faster than the record of the default; the items were told the default all the same.
  const old = settled.overturned ? await remember(context, { ...settled, overturned: null }, text) : [];
  const records = await remember(context, settled, text);
  const record = records[0] ?? null;
  await carryOut(context, settled);
  const posts = [
    ...(await overturnedPosts(context, settled, { old, records })),
    ...(await orderUpdates({ context, stakeholders }, settled, {
      what: settled.overturned ? 'overturned' : 'settled',
      line: outcomeLine(settled, record),
      isSettled: settled.status !== 'defaulted' || settled.overturned !== null,
    })),
  ];
  const decision = record?.id ?? settled.remembered?.decision ?? null;
  await writeAsSeen(context, settled, { events: [{ kind: 'question.recorded', data: { decision } }], posts });
}

/** What it leaves in memory, written there. */
async function remember(
  context: WorkerContext,
  settled: QuestionState,
  text: QuestionText,
): Promise<MemoryRecord[]> {
  const { journal, newId, project, clock } = context;
  const memory = await context.memory();
  const door = { journal, newId, project, actor: `mesh:${project}`, memory };
  const records: MemoryRecord[] = [];
  for (const wanted of decisionsOf(settled, text, memory))
    records.push(await recordDecision(door, wanted, clock.now()));
  return records;
}

/**
 * Everybody who went by what was taken by default hears what holds instead; what follows for an item is the item's to say, as it
 * is when it hears it. `records`: in the same order.
 */
async function overturnedPosts(
  { journal, project }: WorkerContext,
  { name, askers }: QuestionState,
  { old, records }: { old: readonly MemoryRecord[]; records: readonly MemoryRecord[] },
): Promise<InboxPost[]> {
  const posts = new Map<StreamId, InboxPost>();
  for (const [index, { id: decision, statement: was }] of old.entries()) {
    const record = records[index];
    if (!record) continue;
    const notice: OverturnedNotice = { question: name, decision, was, by: record.id, is: record.statement };
    const users = await findItemsThatUsed(journal, project, decision);
    for (const number of [...askers.map(({ item }) => item), ...users]) {
      const stream = itemStream(project, number);
      if (posts.has(stream)) continue;
      const post = { stream, id: `overturned/${name}`, kind: decisionOverturned, actor: `mesh:${project}` };
      posts.set(stream, { ...post, data: { ...notice } });
    }
  }
  return [...posts.values()];
}
