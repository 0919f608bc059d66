/**
 * The append loop of one process: one batch in flight, the next one gathers while it commits. Owns the answers to
 * "an SQL error in the batch" (units again, one by one) and "connection lost" (is it stored? only then or never
 * send again). Knows nothing of followers or inboxes.
 */
import { MeshwrightError } from '../base/errors.ts';
import { type PreparedUnit, prepareUnit } from '../journal/prepare-unit.ts';
import type { AppendOutcome, Unit } from '../journal/unit.ts';
import { appendBatch } from './append-batch.ts';
import { readUnit } from './read.ts';
import { openSession } from './session.ts';
import { type DatabaseServer, diskFull, isDiskFull, unreachable } from './storage-fault.ts';

/** More gain nothing: at 512 the commit is already far cheaper than the inserts. */
const MAX_BATCH = 512;
/** A unit with which so many connections in a row were lost is likely the reason. */
const MAX_LOSSES = 20;

/**
 * Index lookups by key are the only good plan here, at any table size, and planning again would cost more than the
 * append. fsync and synchronous_commit: an acknowledged append survives a power cut, whatever the server's default.
 */
const SETTINGS = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
  synchronous_commit: 'on',
  search_path: 'pg_catalog',
};

interface Waiting {
  prepared: PreparedUnit;
  /** How often a connection was lost with it. */
  lossCount: number;
  /** A batch with it failed: it goes by itself, so that its neighbours do not fail with it. */
  isAlone: boolean;
  resolve(outcome: AppendOutcome): void;
  reject(error: unknown): void;
}

/** Outcomes in the order of the batch; undefined: not stored, because the connection was lost. */
interface BatchAnswer {
  outcomes: (AppendOutcome | undefined)[];
  lost: unknown;
}

export interface Appender {
  append(unit: Unit): Promise<AppendOutcome>;
  /** Waits for what was handed in, then disconnects. */
  close(): Promise<void>;
}

export function createAppender(server: DatabaseServer): Appender {
  const session = openSession(server, { name: 'meshwright append', settings: SETTINGS });
  let queue: Waiting[] = [];
  let running: Promise<void> | undefined;
  let isClosed = false;

  const runBatch = async (batch: Waiting[]): Promise<void> => {
    try {
      const answer = await session.run<BatchAnswer>(async (client, lost) => ({
        outcomes:
          lost === undefined ? await appendBatch(client, preparedOf(batch)) : await findStored(client, batch),
        lost,
      }));
      const again = settleBatch(server, batch, answer);
      // Before what came later: a stream's units stay in their order.
      if (again.length > 0) queue = [...again, ...queue];
    } catch (error) {
      if (error instanceof MeshwrightError) rejectAll([...batch, ...queue.splice(0)], error);
      else if (batch.length === 1) rejectAll(batch, error);
      else queue = [...batch.map((waiting) => Object.assign(waiting, { isAlone: true })), ...queue];
    }
  };
  const run = async (): Promise<void> => {
    while (queue.length > 0) {
      const { batch, rest } = takeBatch(queue);
      queue = rest;
      await runBatch(batch);
      // Callers just answered append again in the microtasks that follow; let them join the next batch.
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
    running = undefined;
  };

  return {
    append(unit) {
      const prepared = prepareUnit(unit);
      if (isClosed)
        throw new MeshwrightError('journal_closed', `The journal is closed; ${unit.stream} was not written.`);
      return new Promise((resolve, reject) => {
        queue.push({ prepared, lossCount: 0, isAlone: false, resolve, reject });
        running ??= new Promise<void>((begin) => process.nextTick(begin)).then(run);
      });
    },
    async close() {
      isClosed = true;
      await running;
      await session.close();
    },
  };
}

/** At most one unit per stream, in the order they came: a stream's second unit waits for the first one's outcome. */
function takeBatch(queue: readonly Waiting[]): { batch: Waiting[]; rest: Waiting[] } {
  const [first, ...others] = queue;
  if (first?.isAlone) return { batch: [first], rest: others };
  const batch: Waiting[] = [];
  const rest: Waiting[] = [];
  const streams = new Set<string>();
  const ids = new Set<string>();
  for (const waiting of queue) {
    const { stream, id } = waiting.prepared.unit;
    if (batch.length < MAX_BATCH && !streams.has(stream) && !ids.has(id)) batch.push(waiting);
    else rest.push(waiting);
    streams.add(stream);
    ids.add(id);
  }
  return { batch, rest };
}

function preparedOf(batch: readonly Waiting[]): PreparedUnit[] {
  return batch.map((waiting) => waiting.prepared);
}

/** The lost session has ended: what is not stored now never will be by itself. */
async function findStored(
  client: Parameters<typeof readUnit>[0],
  batch: readonly Waiting[],
): Promise<(AppendOutcome | undefined)[]> {
  const outcomes: (AppendOutcome | undefined)[] = [];
  for (const { prepared } of batch) {
    const events = await readUnit(client, prepared.unit.id);
    outcomes.push(events.length > 0 ? { outcome: 'appended', events, isDuplicate: false } : undefined);
  }
  return outcomes;
}

/** Answers what has an outcome. Returns what is to be sent again. */
function settleBatch(
  server: DatabaseServer,
  batch: readonly Waiting[],
  { outcomes, lost }: BatchAnswer,
): Waiting[] {
  const again: Waiting[] = [];
  for (const [index, waiting] of batch.entries()) {
    const outcome = outcomes[index];
    if (lost !== undefined) waiting.lossCount += 1;
    if (outcome) waiting.resolve(outcome);
    else if (lost === undefined) waiting.reject(withoutOutcome(waiting));
    // Sending it again would only bring the server down again.
    else if (isDiskFull(lost)) waiting.reject(diskFull(server, lost));
    else if (waiting.lossCount < MAX_LOSSES) again.push(waiting);
    else waiting.reject(unreachable(server.url, lost));
  }
  return again;
}

function withoutOutcome({ prepared }: Waiting): Error {
  return new Error(`the database gave no outcome for unit ${prepared.unit.id}`);
}

function rejectAll(waiting: readonly Waiting[], error: unknown): void {
  for (const { reject } of waiting) reject(error);
}
