/**
 * Durable single-event appends per second, beside a bare loop of one INSERT per commit with as many connections on
 * the same server. Both run in turns (A B A B …), so that a busy machine slows both; the ratio is what counts.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { type StreamId, streamId } from '../src/journal/event.ts';
import type { Journal } from '../src/journal/journal.ts';
import { connectClient } from '../src/postgres/connect.ts';
import { openPostgresJournal } from '../src/postgres/journal.ts';
import { openDatabase, waitForServerEnd } from '../src/postgres/open-database.ts';

const STREAM_COUNTS = [1, 16, 50];
const PAIRS = 5;
const CELL_MS = 1_500;
const WARM_UP_MS = 300;

interface Cell {
  streams: number;
  /** Appends per second, one figure per pair. */
  journal: number[];
  bare: number[];
  journalMedian: number;
  bareMedian: number;
  /** Median of the ratios of the pairs. */
  ratio: number;
}

export async function benchJournal(options: { isJson: boolean; outFile: string | undefined }): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'meshwright-bench-'));
  const database = await openDatabase({ home, databaseUrl: process.env.DATABASE_URL });
  try {
    const settings = await readSettings(database.url);
    const cells: Cell[] = [];
    for (const streams of STREAM_COUNTS) cells.push(await measureCell(database.url, streams));
    const report = { bench: 'journal', cpus: cpus().length, pairs: PAIRS, cellMs: CELL_MS, settings, cells };
    const json = `${JSON.stringify(report, null, 2)}\n`;
    if (options.outFile !== undefined) writeFileSync(options.outFile, json);
    process.stdout.write(options.isJson ? json : formatTable(settings, cells));
  } finally {
    await database.close();
    await waitForServerEnd(home);
    rmSync(home, { recursive: true, force: true });
  }
}

async function readSettings(url: string): Promise<Record<string, string>> {
  const client = await connectClient(url, { applicationName: 'meshwright bench' });
  try {
    const settings: Record<string, string> = {};
    for (const name of ['server_version', 'fsync', 'synchronous_commit', 'full_page_writes']) {
      const { rows } = await client.query<Record<string, string>>(`show ${name}`);
      settings[name] = rows[0]?.[name] ?? '?';
    }
    return settings;
  } finally {
    await client.end();
  }
}

async function measureCell(url: string, streams: number): Promise<Cell> {
  const journal = await openPostgresJournal({ url });
  const clients: Client[] = [];
  try {
    for (let i = 0; i < streams; i += 1)
      clients.push(await connectClient(url, { applicationName: 'bare loop' }));
    await clients[0]?.query(
      'create table if not exists bare (id bigserial primary key, stream text, data json)',
    );
    const writers = Array.from({ length: streams }, () => journalWriter(journal));
    const inserters = clients.map(bareWriter);
    await measureRate(writers, WARM_UP_MS);
    await measureRate(inserters, WARM_UP_MS);
    const rates: { journal: number; bare: number }[] = [];
    for (let pair = 0; pair < PAIRS; pair += 1) {
      const journalRate = await measureRate(writers, CELL_MS);
      rates.push({ journal: journalRate, bare: await measureRate(inserters, CELL_MS) });
    }
    return {
      streams,
      journal: rates.map((rate) => Math.round(rate.journal)),
      bare: rates.map((rate) => Math.round(rate.bare)),
      journalMedian: Math.round(median(rates.map((rate) => rate.journal))),
      bareMedian: Math.round(median(rates.map((rate) => rate.bare))),
      ratio: Number(median(rates.map((rate) => rate.journal / rate.bare)).toFixed(2)),
    };
  } finally {
    for (const client of clients) await client.end();
    await journal.close();
  }
}

/** About what a tool call's event carries. */
const payload = { tool: 'read', path: 'src/orders/export.ts', bytes: 1_834, text: 'x'.repeat(80) };

/** One sequential writer of one stream: the next append begins when the last one is durable. */
function journalWriter(journal: Journal): () => Promise<void> {
  const stream: StreamId = streamId('item', 'bench', randomUUID());
  let version = 0;
  return async () => {
    const events = [{ kind: 'tool.called', schema: 1, actor: 'agent:bench', data: payload }];
    const unit = {
      id: randomUUID(),
      project: 'bench',
      stream,
      expectedVersion: version,
      fence: null,
      events,
    };
    const { outcome } = await journal.append(unit);
    if (outcome !== 'appended') throw new Error(`append: ${outcome}`);
    version += 1;
  };
}

function bareWriter(client: Client): () => Promise<void> {
  const data = JSON.stringify(payload);
  const insert = {
    name: 'insert',
    text: 'insert into bare (stream, data) values ($1, $2)',
    values: ['bench', data],
  };
  return async () => {
    await client.query(insert);
  };
}

/** Calls per second over all writers, each calling again as soon as it was answered. */
async function measureRate(writers: (() => Promise<void>)[], forMs: number): Promise<number> {
  const startedAt = performance.now();
  let count = 0;
  const work = async (write: () => Promise<void>): Promise<void> => {
    while (performance.now() - startedAt < forMs) {
      await write();
      count += 1;
    }
  };
  await Promise.all(writers.map(work));
  return (count * 1_000) / (performance.now() - startedAt);
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

function formatTable(settings: Record<string, string>, cells: Cell[]): string {
  const rows = cells.map((cell) =>
    [cell.streams, cell.journalMedian, cell.bareMedian, cell.ratio.toFixed(2)].map((value) =>
      String(value).padStart(12),
    ),
  );
  return [
    `PostgreSQL ${Object.entries(settings)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
    `durable single-event appends per second, medians of ${PAIRS} alternating pairs on ${cpus().length} cores`,
    ['streams', 'journal', 'bare insert', 'ratio'].map((title) => title.padStart(12)).join(''),
    ...rows.map((row) => row.join('')),
    '',
  ].join('\n');
}
