/** What an anchor proves: ends and chains that were rewritten together with everything that hangs on them. */
import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashOfRow } from '../../src/journal/audit-events.ts';
import { compareWithExport, compareWithSeal } from '../../src/journal/compare-journals.ts';
import { exportJournal } from '../../src/journal/export-journal.ts';
import { ZERO_HASH } from '../../src/journal/hash-chain.ts';
import type { EventRow } from '../../src/journal/journal-record.ts';
import { readExport } from '../../src/journal/read-export.ts';
import { connectClient } from '../../src/postgres/connect.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { openTestDatabase, type TestDatabase } from '../postgres.ts';
import { agent, fillSampleJournal, item } from './sample-journal.ts';
import { meaning, verifyDatabase, withRows } from './verify-sample.ts';

let database: TestDatabase;
let client: Client;
beforeEach(async () => {
  database = await openTestDatabase();
  const journal = await openPostgresJournal({ url: database.url });
  await fillSampleJournal(journal);
  await journal.close();
  client = await connectClient(database.url, { applicationName: 'meshwright test' });
});
afterEach(async () => {
  await client?.end();
  await database?.close();
});

/** As somebody would who knows the format: every hash from there on, and the head, fit again. */
async function rewriteChain(stream: string): Promise<void> {
  const rows = await withRows(database.url, async (all) => {
    const found: EventRow[] = [];
    for await (const { table, row } of all.records())
      if (table === 'event' && row.stream === stream) found.push(row);
    return found;
  });
  let hash = ZERO_HASH;
  for (const row of rows) {
    hash = hashOfRow(row, hash) ?? '';
    await client.query("update meshwright.event set hash = decode($1, 'hex') where position = $2", [
      hash,
      row.position,
    ]);
  }
  await client.query("update meshwright.stream set last_hash = decode($1, 'hex') where id = $2", [
    hash,
    stream,
  ]);
}

async function damagePlaces(): Promise<string[]> {
  return (await verifyDatabase(database.url)).damage.map(({ place, text }) => `${place}: ${text}`);
}

async function keepOutside() {
  const lines: string[] = [];
  const names = meaning.blobs;
  const options = { meshwright: '0', at: new Date().toISOString(), hasBlobs: false, names };
  const summary = await withRows(database.url, (rows) =>
    exportJournal(rows, options, async (line) => void lines.push(line)),
  );
  const file = await readExport(async function* () {
    yield Buffer.from(lines.join(''));
  });
  return { summary, file };
}

const forge = (version: number) =>
  client.query(`update meshwright.event set actor = 'person:eve' where stream = $1 and version = $2`, [
    item,
    version,
  ]);

describe('an anchor', { timeout: 60_000 }, () => {
  test('finds an event that was changed with its whole chain and head', async () => {
    await forge(1);
    await rewriteChain(item);
    expect(await damagePlaces()).toEqual([
      expect.stringMatching(`${item} version 4: is not what the anchor of .* recorded: it was rewritten`),
    ]);
  });

  test('finds the end of a stream that was cut off with its head', async () => {
    await client.query('delete from meshwright.event where stream = $1 and version = 8', [agent]);
    await client.query(
      'update meshwright.stream s set version = 7, last_hash = e.hash, last_at = e.at from meshwright.event e where s.id = $1 and e.stream = s.id and e.version = 7',
      [agent],
    );
    expect(await damagePlaces()).toContainEqual(
      expect.stringMatching(`${agent} version 8: was there when the anchor of .* and is missing`),
    );
  });

  test('finds a claim unit whose fence was lowered', async () => {
    await client.query("update meshwright.claim_unit set fence = 1 where id = 'mesh:orders-api'");
    expect(await damagePlaces()).toEqual([
      expect.stringMatching('claim unit mesh:orders-api: has fence 1; it had'),
    ]);
  });

  test('knows nothing of what came after it; a seal or an export kept outside does', async () => {
    const { summary, file } = await keepOutside();
    expect(file.damage).toEqual([]);
    expect(await withRows(database.url, (rows) => compareWithSeal(rows, summary.seal))).toEqual([]);
    expect(await withRows(database.url, (rows) => compareWithExport(rows, file.rows))).toEqual([]);

    await forge(5);
    await rewriteChain(item);
    expect(await damagePlaces()).toEqual([]);
    expect(await withRows(database.url, (rows) => compareWithSeal(rows, summary.seal))).toEqual([
      { place: 'position 18', text: 'the events up to there are not those that the seal covers' },
    ]);
    expect(await withRows(database.url, (rows) => compareWithExport(rows, file.rows))).toEqual([
      { place: `${item} version 5`, text: 'is another event in the journal than in the export' },
    ]);
  });

  test('the end of the journal, cut off with all its heads, is missed inside and found from outside', async () => {
    const { summary, file } = await keepOutside();
    await client.query('delete from meshwright.event where position = 18');
    await client.query('update meshwright.journal_head set position = 17');
    await client.query(
      'update meshwright.stream s set version = 4, last_hash = e.hash, last_at = e.at from meshwright.event e where s.id = $1 and e.stream = s.id and e.version = 4',
      [item],
    );
    expect(await damagePlaces()).toEqual([]);
    expect(await withRows(database.url, (rows) => compareWithSeal(rows, summary.seal))).toEqual([
      { place: 'position 18', text: 'the journal ends at position 17 there' },
    ]);
    expect(await withRows(database.url, (rows) => compareWithExport(rows, file.rows))).toEqual([
      { place: `${item} version 5`, text: 'is in the export and not in the journal' },
    ]);
  });

  test('events that fit in every hash and cannot follow, or are of no known kind, are found by what they mean', async () => {
    const journal = await openPostgresJournal({ url: database.url });
    const events = [
      { kind: 'item.landed', schema: 1, actor: 'person:eve', data: { commit: 'c9', target: 'main' } },
      { kind: 'item.blessed', schema: 1, actor: 'person:eve', data: {} },
    ];
    for (const [index, event] of events.entries()) {
      await journal.append({
        id: randomUUID(),
        project: 'orders-api',
        stream: item,
        expectedVersion: 5 + index,
        fence: null,
        events: [event],
      });
    }
    await journal.close();
    expect(await damagePlaces()).toEqual([
      expect.stringMatching(`${item} version 6: cannot follow what came before it: .*it is running`),
      `${item} version 7: is item.blessed of schema 1, which this version does not know`,
    ]);
  });

  test('what is appended later is no difference to an export', async () => {
    const { summary, file } = await keepOutside();
    const journal = await openPostgresJournal({ url: database.url });
    await journal.append({
      id: randomUUID(),
      project: 'orders-api',
      stream: item,
      expectedVersion: 5,
      fence: null,
      events: [{ kind: 'item.message_ignored', schema: 1, actor: 'x', data: { message: 'm', reason: 'r' } }],
    });
    await journal.close();
    expect(await withRows(database.url, (rows) => compareWithExport(rows, file.rows))).toEqual([]);
    expect(await withRows(database.url, (rows) => compareWithSeal(rows, summary.seal))).toEqual([]);
  });
});
