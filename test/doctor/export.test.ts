/** An export is all or nothing: every cut and every changed bit of the file is found, through the function that `doctor --verify <file>` uses. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportJournal, trailerLine } from '../../src/journal/export-journal.ts';
import { readExport } from '../../src/journal/read-export.ts';
import { formatSeal, parseSeal } from '../../src/journal/seal.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { verifyExport } from '../../src/views/verify-export.ts';
import { openTestDatabase, type TestDatabase } from '../postgres.ts';
import { fillSampleJournal, project } from './sample-journal.ts';
import { meaning, withRows } from './verify-sample.ts';

let database: TestDatabase;
let whole: Buffer;
beforeAll(async () => {
  database = await openTestDatabase();
  const journal = await openPostgresJournal({ url: database.url });
  await fillSampleJournal(journal, { isLong: true });
  await journal.close();
  whole = (await makeExport({ project: null, hasBlobs: true })).bytes;
});
afterAll(() => database?.close());

async function makeExport(options: { project: string | null; hasBlobs: boolean }) {
  const lines: string[] = [];
  const { names, ...rest } = { names: meaning.blobs, meshwright: '0.0.0', at: '2026-01-01T00:00:00.000Z' };
  const summary = await withRows(
    database.url,
    (rows) =>
      exportJournal(
        rows,
        { ...rest, names, hasBlobs: options.hasBlobs },
        async (line) => void lines.push(line),
      ),
    { project: options.project, blobs: options.hasBlobs ? 'bytes' : 'hashes' },
  );
  return { bytes: Buffer.from(lines.join('')), summary };
}

/** In chunks that end in the middle of lines. */
const opened = (bytes: Uint8Array, chunkBytes = 1_000) =>
  async function* () {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  };
const verify = async (bytes: Uint8Array) => (await verifyExport(opened(bytes), meaning)).damage;
const fileDamage = async (bytes: Uint8Array) => (await readExport(opened(bytes, 100_000))).damage;

/** The lines of the first project, so that every cut of it can be tried. */
async function smallExport(): Promise<Buffer> {
  return (await makeExport({ project, hasBlobs: true })).bytes;
}

describe('an export', { timeout: 180_000 }, () => {
  test('as it was written is whole, with and without blobs, of all projects and of one', async () => {
    for (const only of [null, project, 'other']) {
      for (const hasBlobs of [true, false]) {
        const { bytes, summary } = await makeExport({ project: only, hasBlobs });
        const found = await verifyExport(opened(bytes), meaning);
        expect(found.damage).toEqual([]);
        expect(found.verification?.events).toBe(summary.events);
        expect(found.digest).toBe(summary.digest);
        expect(found.seal).toEqual(summary.seal);
      }
    }
  });

  test('of one project holds nothing of another', async () => {
    const blobsOf = (text: string) =>
      [...text.matchAll(/"bytes":"([^"]+)"/g)].map(([, bytes = '']) =>
        Buffer.from(bytes, 'base64').toString(),
      );
    const own = (await smallExport()).toString();
    const other = (await makeExport({ project: 'other', hasBlobs: true })).bytes.toString();
    expect(own).not.toContain('notes:other');
    expect(blobsOf(own)).toContainEqual(expect.stringContaining('Mrs. Miller'));
    expect(other).not.toContain('orders-api');
    expect(blobsOf(other)).toEqual([]);
  });

  test('cut off at any byte is found to be cut off', async () => {
    const small = await smallExport();
    for (let length = 0; length < small.length; length += 1) {
      const damage = await fileDamage(small.subarray(0, length));
      expect(damage.length, `cut at ${length} of ${small.length}`).toBeGreaterThan(0);
    }
  });

  test('with any bit changed is found to be changed', async () => {
    const small = await smallExport();
    for (let index = 0; index < small.length; index += 1) {
      const bit = 1 << (index % 8);
      const changed = Uint8Array.from(small);
      changed[index] = (changed[index] ?? 0) ^ bit;
      const damage = await fileDamage(changed);
      expect(damage.length, `bit ${bit} of byte ${index}`).toBeGreaterThan(0);
    }
  });

  test('with every bit of its last line changed is found to be changed', async () => {
    const small = await smallExport();
    const start = small.lastIndexOf('\n', small.length - 2) + 1;
    for (let index = start; index < small.length; index += 1) {
      for (let bit = 1; bit < 256; bit *= 2) {
        const changed = Uint8Array.from(small);
        changed[index] = (changed[index] ?? 0) ^ bit;
        expect((await fileDamage(changed)).length, `bit ${bit} of byte ${index}`).toBeGreaterThan(0);
      }
    }
  });

  test('changed in a thousand places of its long form is found, whatever the audits make of its lines', async () => {
    const step = Math.ceil(whole.length / 300);
    for (let index = 0; index < whole.length; index += step) {
      const changed = Uint8Array.from(whole);
      changed[index] = (changed[index] ?? 0) ^ (1 << (index % 7));
      expect((await verify(changed)).length, `byte ${index}`).toBeGreaterThan(0);
    }
  });

  test('that lost, repeated or swapped a line is found', async () => {
    const lines = (await smallExport()).toString().split(/(?<=\n)/);
    const damageOf = (parts: string[]) => fileDamage(Buffer.from(parts.join('')));
    for (let index = 0; index < lines.length; index += 1) {
      expect(await damageOf(lines.toSpliced(index, 1)), `without line ${index}`).not.toEqual([]);
      expect(
        await damageOf(lines.toSpliced(index, 0, lines[index] ?? '')),
        `line ${index} twice`,
      ).not.toEqual([]);
      if (index === 0) continue;
      const swapped = lines.with(index, lines[index - 1] ?? '').with(index - 1, lines[index] ?? '');
      expect(await damageOf(swapped), `lines ${index - 1} and ${index} swapped`).not.toEqual([]);
    }
    expect(await damageOf([...lines, '\n'])).not.toEqual([]);
    expect(await damageOf([...lines, ...lines])).not.toEqual([]);
  });

  test('that was changed and given a fitting trailer is found by what its lines say', async () => {
    const records = whole
      .toString()
      .split(/(?<=\n)/)
      .slice(1, -1)
      .map((line) => JSON.parse(line));
    const forged = records.map((record) =>
      record.event?.kind === 'item.started'
        ? { event: { ...record.event, data: { ...record.event.data, ceilingMicroUsd: 1 } } }
        : record,
    );
    const rows = {
      project: null,
      migrations: new Array<null>(JSON.parse(whole.toString().split('\n')[0] ?? '').schema).fill(null),
      eventsOfKind: async function* () {},
      async *records() {
        for (const each of forged) {
          const [table, row] = Object.entries<Record<string, unknown>>(each)[0] ?? [];
          yield {
            table,
            row: table === 'event' ? { ...row, data: JSON.stringify(row?.data) } : row,
          } as never;
        }
      },
    };
    const lines: string[] = [];
    const options = { meshwright: '0', at: '', hasBlobs: true, names: meaning.blobs };
    await exportJournal(rows, options, async (line) => void lines.push(line));
    const damage = (await verify(Buffer.from(lines.join('')))).map(({ place, text }) => `${place}: ${text}`);
    expect(damage).toContainEqual(
      expect.stringMatching(/item:orders-api\/1 version 3: its content does not match/),
    );
    expect(damage).toContainEqual(expect.stringMatching(/its ceilingMicroUsd is 2000000; the events say 1/));
  });

  /** As somebody would who knows the format: every line but the last is theirs, and the last one fits. */
  function withTrailer(lines: readonly string[]): Buffer {
    const text = lines.join('');
    return Buffer.from(text + trailerLine(lines.length, createHash('sha256').update(text)).line);
  }

  test('whose blob was changed and given a fitting trailer is found by the bytes', async () => {
    const lines = whole
      .toString()
      .split(/(?<=\n)/)
      .slice(0, -1);
    expect(await verify(withTrailer(lines))).toEqual([]);
    const forged = lines.map((line) =>
      line.replace(/("bytes":")[^"]+/, (_, key) => key + Buffer.from('forged').toString('base64')),
    );
    const texts = (await verify(withTrailer(forged))).map(({ text }) => text);
    expect(texts).toHaveLength(3);
    for (const text of texts)
      expect(text).toMatch(/^its bytes are others than those that were stored; .+ names it$/);
  });

  test('of another format or version is refused, though its trailer fits', async () => {
    const [header = '', ...lines] = whole
      .toString()
      .split(/(?<=\n)/)
      .slice(0, -1);
    for (const [from, to] of [
      ['"version":1', '"version":2'],
      ['meshwright-export', 'another-export'],
      [/"schema":\d+/, '"schema":1000000000000'],
    ] as const) {
      const damage = await verify(withTrailer([header.replace(from, to), ...lines]));
      expect(damage[0], to).toEqual({
        place: 'line 1',
        text: 'is not the header of an export that this version reads',
      });
    }
  });

  test('is refused where it is no export, or one of a later version', async () => {
    for (const text of ['', '{}\n', 'hello', '{"format":"meshwright-export","version":2}\n', '\u0000\n']) {
      expect(await verify(Buffer.from(text)), JSON.stringify(text)).not.toEqual([]);
    }
  });
});

test('a seal survives being written down', () => {
  const seal = { project: null, position: 12, digest: 'a'.repeat(64) };
  expect(parseSeal(`${formatSeal(seal)}\n`)).toEqual(seal);
  expect(parseSeal(formatSeal({ ...seal, project: 'orders-api' }))?.project).toBe('orders-api');
  expect(parseSeal('seal:*:12:abc')).toBeUndefined();
  expect(parseSeal('journal.jsonl')).toBeUndefined();
});
