/**
 * A process whose home is on a small disk of its own: fills it, tries what it can, frees it, goes on. Says what it saw
 * as one line of JSON. `full-disk-process.ts <mount point> tables|log`: what PostgreSQL runs out of space for.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MeshwrightError } from '../../src/base/errors.ts';
import { openLog } from '../../src/base/log.ts';
import { type StreamId, streamId } from '../../src/journal/event.ts';
import { verifyChain } from '../../src/journal/hash-chain.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { connectClient } from '../../src/postgres/connect.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { openDatabase, waitForServerEnd } from '../../src/postgres/open-database.ts';

export interface Refusal {
  code: string;
  message: string;
  hint: string;
}

export interface FullDiskReport {
  /** What each attempt on the full disk was refused with; null where it was carried out. */
  refusals: Record<'append' | 'appendAgain' | 'blob' | 'newcomer', Refusal | null>;
  /** Events read while the disk was full; null when the server was down. */
  readWhileFull: number | null;
  acknowledged: number;
  stored: number;
  isChainIntact: boolean;
  wasLoggedAfterwards: boolean;
}

const [mount = '', outOf = ''] = process.argv.slice(2);
const home = join(mount, 'home');
const ballast = join(mount, 'ballast');

function fillDisk(): void {
  const file = openSync(ballast, 'w');
  try {
    for (let chunk = 1 << 20; chunk >= 4_096; chunk /= 2) {
      try {
        for (;;) writeSync(file, Buffer.alloc(chunk));
      } catch {
        // Full for pieces of this size.
      }
    }
  } finally {
    closeSync(file);
  }
}

/** Until PostgreSQL needs a new file for its own log, finds no room for it, and dies of that. */
async function useUpLog(url: string): Promise<void> {
  for (;;) {
    const client = await connectClient(url, { applicationName: 'test' }).catch(() => undefined);
    if (!client) return;
    const used = await client.query(`select pg_switch_wal(), pg_logical_emit_message(true, 'p', 'x')`).then(
      () => true,
      () => false,
    );
    await client.end().catch(() => {});
    if (!used) return;
  }
}

async function refusalOf(attempt: () => Promise<unknown>): Promise<Refusal | null> {
  try {
    await attempt();
    return null;
  } catch (error) {
    if (!(error instanceof MeshwrightError)) throw error;
    return { code: error.code, message: error.message, hint: error.hint ?? '' };
  }
}

interface Writer {
  acknowledged: number;
  append(bytes: number): Promise<void>;
}

function writerOf(journal: Journal, stream: StreamId): Writer {
  let version = 0;
  return {
    get acknowledged() {
      return version;
    },
    async append(bytes) {
      const data = { text: Array.from({ length: bytes / 36 }, () => randomUUID()).join('') };
      const outcome = await journal.append({
        id: randomUUID(),
        project: 'p',
        stream,
        expectedVersion: version,
        fence: null,
        events: [{ kind: 'thing.happened', schema: 1, actor: 'person:ada', data }],
      });
      if (outcome.outcome !== 'appended') throw new Error(`append: ${outcome.outcome}`);
      version += 1;
    },
  };
}

mkdirSync(home);
const log = openLog({ home, level: 'info', command: 'test' });
const database = await openDatabase({ home });
const journal = await openPostgresJournal(database);
const stream = streamId('item', 'p', 1);
const writer = writerOf(journal, stream);
await writer.append(20_000);

fillDisk();
for (let line = 0; line < 100; line += 1) log.info('x'.repeat(1_000));
if (outOf === 'log') await useUpLog(database.url);
const appendMany = async (): Promise<void> => {
  for (let count = 0; count < 500; count += 1) await writer.append(20_000);
};
const refusals = {
  append: await refusalOf(appendMany),
  appendAgain: await refusalOf(appendMany),
  blob: await refusalOf(() => journal.putBlob(Buffer.from(randomUUID().repeat(10_000)))),
  newcomer: await refusalOf(async () => (await openDatabase({ home })).close()),
};
const whileFull = await journal.read(stream).catch(() => null);

rmSync(ballast);
const deadline = performance.now() + 60_000;
while ((await refusalOf(() => writer.append(20_000))) && performance.now() < deadline) await delay(100);
// The log tries its file again after a while.
for (let tries = 0; tries < 30 && !readFileSync(log.file, 'utf8').includes('after'); tries += 1) {
  log.info('after');
  await delay(200);
}
await log.close();
const events = await journal.read(stream);
const report: FullDiskReport = {
  refusals,
  readWhileFull: whileFull === null ? null : whileFull.length,
  acknowledged: writer.acknowledged,
  stored: events.length,
  isChainIntact: verifyChain(events).isIntact,
  wasLoggedAfterwards: readFileSync(log.file, 'utf8').includes('"msg":"after"'),
};
await journal.close();
await database.close();
await waitForServerEnd(home);
console.log(JSON.stringify(report));
