/** A person records, supersedes, contests or retires what is remembered. What is over stays as it is. */
import { MeshwrightError } from '../base/errors.ts';
import type { Journal } from '../journal/journal.ts';
import { decideContest, decideRetire, expireDue, isPending } from '../memory/decide-record.ts';
import type { MemoryRecord } from '../memory/memory-record.ts';
import { parseScope } from '../memory/memory-scope.ts';
import { isLive, type Memory } from '../memory/memory-state.ts';
import { readMemory, recordDecision, writeMemory } from '../memory/memory-store.ts';
import { isTopic } from '../memory/memory-topic.ts';
import { handleOf } from '../policy/handle.ts';
import { noSuchRecord } from '../views/memory-view.ts';
import { maxReason, requireText } from './require-text.ts';

export interface MemoryRequest {
  journal: Pick<Journal, 'read' | 'append'>;
  newId: () => string;
  project: string;
  by: string;
  nowMs: number;
}

export type GivenRecord = Pick<
  MemoryRecord,
  'kind' | 'answers' | 'topic' | 'scope' | 'statement' | 'reasons' | 'rejected' | 'validUntil'
>;

/** Characters. */
const longestStatement = 500;
const longestTopic = 200;

/** The record that holds it now; one that contradicts another is contested with it. @throws MeshwrightError `usage`. */
export async function recordMemory(request: MemoryRequest, given: GivenRecord): Promise<MemoryRecord> {
  requireRecord(given, request.nowMs);
  return write(request, given, { supersedes: [], why: given.reasons });
}

/**
 * Says the same of something else: key, kind and scope stay, the statement is new.
 * @throws MeshwrightError `no_such_record`, `request_refused` for a pack's rule and for what is over, `usage`.
 */
export async function supersedeMemory(
  request: MemoryRequest,
  { id, statement, why }: { id: string; statement: string; why: string },
): Promise<MemoryRecord> {
  requireText('the reason', why, maxReason);
  const old = await requirePending(request, id);
  const given = { ...old, statement, reasons: why, rejected: [old.statement], validUntil: null };
  requireRecord(given, request.nowMs);
  return write(request, given, { supersedes: [id], why });
}

/** Neither of them binds until somebody has ruled. @throws as supersedeMemory. */
export async function contestMemory(
  request: MemoryRequest,
  { ids, why }: { ids: readonly [string, string]; why: string },
): Promise<Memory> {
  requireText('the reason', why, maxReason);
  if (ids[0] === ids[1]) throw refuse(`${ids[0]} cannot contradict itself`);
  for (const id of ids) {
    const record = await requirePending(request, id);
    if (record.status === 'proposed') throw refuse(`${id} is only proposed: it binds nobody`);
  }
  return writeMemory(doorOf(request), (memory) => [
    ...expireDue(memory, request.nowMs),
    ...decideContest(
      memory,
      ids.filter((id) => isLiveIn(memory, id, request.nowMs)),
      why,
    ),
  ]);
}

/** @throws as supersedeMemory. */
export async function retireMemory(
  request: MemoryRequest,
  { id, why }: { id: string; why: string },
): Promise<Memory> {
  requireText('the reason', why, maxReason);
  await requirePending(request, id);
  return writeMemory(doorOf(request), (memory) => decideRetire(memory, id, handleOf(request.by), why));
}

function write(
  request: MemoryRequest,
  { kind, answers, topic, scope, statement, reasons, rejected, validUntil }: GivenRecord,
  { supersedes, why }: { supersedes: readonly string[]; why: string },
): Promise<MemoryRecord> {
  const by = handleOf(request.by);
  const wanted = {
    ...{ kind, answers, topic, scope, statement, reasons, rejected, validUntil, supersedes, why, by },
    source: { from: 'person' as const, by },
    status: 'active' as const,
    check: null,
  };
  return recordDecision(doorOf(request), wanted, request.nowMs);
}

function doorOf({ journal, newId, project, by }: MemoryRequest) {
  return { journal, newId, project, actor: `person:${by}` };
}

function isLiveIn({ records }: Memory, id: string, nowMs: number): boolean {
  const record = records.get(id);
  return record !== undefined && isLive(record, nowMs);
}

async function requirePending({ journal, project }: MemoryRequest, id: string): Promise<MemoryRecord> {
  if (id.includes('/'))
    throw refuse(`${id} is a rule of a pack`, 'Change its file, or take the pack out of mesh.yaml.');
  const record = (await readMemory(journal, project)).records.get(id);
  if (record === undefined) throw noSuchRecord(project, id);
  if (!isPending(record)) throw refuse(`${id} is ${record.status}: it holds no longer`);
  return record;
}

function requireRecord(
  { answers, topic, scope, statement, reasons, validUntil }: GivenRecord,
  nowMs: number,
): void {
  requireText('the statement', statement, longestStatement);
  requireText('the reason', reasons, maxReason);
  requireText('the topic', topic, longestTopic);
  if (statement.trim() === '')
    throw usage('the statement says nothing', 'Say in one or two sentences what holds.');
  if (!isTopic(topic))
    throw usage(`the topic \`${topic}\` has fewer than two words`, 'Name it as in `export.timezone`.');
  if (answers !== null && !/^[a-z][a-z0-9_]{0,79}$/.test(answers))
    throw usage(`\`${answers}\` is no kind of question`, 'Name it as in `requirement_ambiguity`.');
  if (parseScope(scope) === undefined)
    throw usage(
      `\`${scope}\` is no scope`,
      'It is `mesh`, `team:<flow>`, `item:<number>` or `paths:<glob>,<glob>`.',
    );
  if (validUntil !== null && !(Date.parse(validUntil) > nowMs))
    throw usage(`\`${validUntil}\` is no time to come`, 'Give a date such as 2027-01-31.');
}

function refuse(message: string, hint?: string): MeshwrightError {
  return new MeshwrightError('request_refused', message, hint === undefined ? {} : { hint });
}

function usage(message: string, hint: string): MeshwrightError {
  return new MeshwrightError('usage', message, { hint, exitCode: 2 });
}
