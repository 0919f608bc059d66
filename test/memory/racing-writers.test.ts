/** Memory written by two processes at once, in a real database: every contradiction is found, whoever was first. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { streamId } from '../../src/journal/event.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { findBinding } from '../../src/memory/memory-state.ts';
import { readMemory } from '../../src/memory/memory-store.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { openTestDatabase, type TestDatabase } from '../postgres.ts';

const project = 'orders';
const topics = 30;
let database: TestDatabase;
let journal: Journal;
const children: ChildProcess[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  journal = await openPostgresJournal(database);
});
afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  await journal.close();
  await database.close();
});

async function startWriter(who: string): Promise<ChildProcess> {
  const file = path.join(import.meta.dirname, 'writer-process.ts');
  const args = ['--disable-warning=ExperimentalWarning', file, database.url, project, who, `${topics}`];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout ?? child, 'data');
  return child;
}

it('two processes that decide the same things differently leave no two decisions that both bind', async () => {
  const writers = [await startWriter('@sarah-pm'), await startWriter('@alex-engineering-lead')];
  const ends = writers.map((child) => once(child, 'exit'));
  for (const child of writers) child.stdin?.write('go\n');
  expect((await Promise.all(ends)).map(([code]) => code)).toEqual([0, 0]);

  const memory = await readMemory(journal, project);
  const records = [...memory.records.values()];
  expect(records.map(({ id }) => id)).toEqual(Array.from({ length: 2 * topics }, (_, at) => `D-${at + 1}`));
  expect(records.filter(({ status }) => status !== 'contested')).toEqual([]);
  for (let topic = 0; topic < topics; topic += 1) {
    const key = { kind: 'requirement_ambiguity', topic: `export.${topic}`, scope: 'mesh' };
    expect(findBinding(memory, key, Date.now())).toBeNull();
  }
  const told = await journal.inbox(streamId('mesh', project));
  expect(told.filter(({ kind }) => kind === 'memory.contested')).toHaveLength(topics);
}, 60_000);
