/** Workers that are killed around a question: whoever comes next asks nothing twice, and the answer reaches its agent once. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { itemStream } from '../../src/items/item-stream.ts';
import { type StreamId, streamId } from '../../src/journal/event.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { questionStream } from '../../src/questions/question-event.ts';
import { readQuestion } from '../../src/questions/question-record.ts';
import { replyToQuestion } from '../../src/requests/answer-question.ts';
import { runWorker } from '../../src/worker/worker.ts';
import { createTestProject, inNextProcess, type TestProject } from '../harness/project.ts';
import { openTestDatabase } from '../postgres.ts';
import { askingTeam, hurried, killedFiles } from './killed-team.ts';
import { mapOf } from './people.ts';
import type { WorkerProcessOptions } from './worker-process.ts';

const unhurried = hurried.replace('sla_minutes: 8', 'sla_minutes: 600');

interface World extends TestProject {
  log: string;
  startWorker(): Promise<Worker>;
  /** Whoever comes after a worker that was killed: drives until nothing can go on without a person. */
  succeed(dead: Worker): Promise<void>;
  kinds(stream: StreamId): Promise<string[]>;
}

interface Worker {
  child: ChildProcess;
  owner: string;
}

async function openWorld(map: string): Promise<World> {
  const database = await openTestDatabase();
  onTestFinished(database.close);
  const journal = await openPostgresJournal({ url: database.url });
  const project = await createTestProject({
    files: killedFiles,
    model: (request) => askingTeam(log)(request),
    journal,
    stakeholders: mapOf(map),
  });
  onTestFinished(project.remove);
  const { root, repository, context } = project;
  const log = path.join(root, 'work.log');
  const databaseUrl = database.url;
  await project.add('# Export\n\nExport it.');
  return {
    ...project,
    log,
    startWorker: () => startWorker({ databaseUrl, root, repository, log, map }),
    async succeed({ owner }) {
      const next = inNextProcess(context, { journal, owner: `test-${newId()}` });
      const successor = { ...next, isOwnerDead: (name: string) => name === owner };
      await runWorker(successor, { untilIdle: true, signal: AbortSignal.timeout(60_000) });
    },
    kinds: async (stream) => (await journal.read(stream)).map(({ kind }) => kind),
  };
}

async function startWorker(options: WorkerProcessOptions): Promise<Worker> {
  const script = path.join(import.meta.dirname, 'worker-process.ts');
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => kill(child));
  const [line] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [Buffer];
  if (child.exitCode !== null) throw new Error('the worker did not start');
  return { child, owner: line.toString().trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const endsAt = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > endsAt) throw new Error(`waited in vain: ${what}`);
    await sleep(20);
  }
}

/** A worker whose item waits, and whose desk has asked. */
async function workUntilAsked(world: World): Promise<Worker> {
  const worker = await world.startWorker();
  await until(
    'it is asked',
    async () => (await readQuestion(world.journal, 'test', 1))?.status === 'notified',
  );
  await until('the item waits', async () =>
    (await world.kinds(itemStream('test', 1))).includes('step.asked'),
  );
  return worker;
}

async function answer({ journal }: World, text: string): Promise<void> {
  const word = { journal, newId, project: 'test', stakeholders: mapOf(hurried), nowMs: Date.now() };
  const said = await replyToQuestion({ ...word, name: 'Q-1', by: '@sarah-pm', via: 'cli', text });
  expect(said.isAccepted).toBe(true);
}

/** Asked once under one number, settled and remembered once, told once; and the item is ready. */
async function expectOnce(world: World, settling: string, told: string): Promise<void> {
  const agent = streamId('agent', 'test', 1, 'build/T1/developer', 1, 1);
  expect((await world.item(1)).status).toBe('ready');
  expect(await world.kinds(questionStream('test', 1))).toEqual([
    'question.asked',
    'question.notified',
    settling,
    'question.recorded',
  ]);
  expect(await world.kinds(questionStream('test', 2))).toEqual([]);
  const ofItem = await world.kinds(itemStream('test', 1));
  expect(ofItem.filter((kind) => /asked|answered|failed|ignored/.test(kind))).toEqual([
    'step.asked',
    'step.answered',
  ]);
  const tape = await world.journal.read(agent);
  expect(tape.filter(({ kind }) => kind === 'agent.seated')).toHaveLength(1);
  const results = tape.filter(({ kind, data }) => kind === 'tool.call_finished' && data.tool === 'ask');
  expect(results.map(({ data }) => String(data.output))).toEqual([expect.stringContaining(told)]);
  expect(await world.kinds(streamId('memory', 'test'))).toEqual(['memory.recorded']);
}

it('killed while its question is open: the answer finds the agent all the same', async () => {
  const world = await openWorld(unhurried);
  const worker = await workUntilAsked(world);
  await kill(worker.child);
  await answer(world, '2');
  await world.succeed(worker);
  await expectOnce(world, 'question.answered', 'Q-1 was answered by @sarah-pm: option 2');
}, 90_000);

it('killed with its question open: whoever comes next asks nobody again, and waits', async () => {
  const world = await openWorld(unhurried);
  const worker = await workUntilAsked(world);
  await kill(worker.child);
  await world.succeed(worker);
  expect(await readQuestion(world.journal, 'test', 1)).toMatchObject({
    status: 'notified',
    asks: [{ to: '@sarah-pm' }],
  });
  expect((await world.item(1)).phase?.steps['build/T1/developer']?.waiting).toMatchObject({ ask: 'Q-1' });
  await answer(world, '1');
  await world.run();
  await expectOnce(world, 'question.answered', 'option 1');
}, 90_000);

it('killed before it has heard of an answer that is stored', async () => {
  const world = await openWorld(unhurried);
  const worker = await workUntilAsked(world);
  worker.child.kill('SIGSTOP');
  await answer(world, 'in their own zone');
  await kill(worker.child);
  await world.succeed(worker);
  await expectOnce(world, 'question.answered', 'in their own zone');
}, 90_000);

it('killed while the agent goes on with the answer: it is not told again, and goes on where it was', async () => {
  const world = await openWorld(unhurried);
  const worker = await workUntilAsked(world);
  writeFileSync(`${world.log}.slow`, '');
  await answer(world, '2');
  await until('it works again', () => existsSync(world.log));
  await kill(worker.child);
  rmSync(`${world.log}.slow`);
  await world.succeed(worker);
  await expectOnce(world, 'question.answered', 'option 2');
  expect(readFileSync(world.log, 'utf8')).toBe('worked\n');
}, 90_000);

it('a default whose time came while no worker was there is taken by the next one', async () => {
  const world = await openWorld(hurried);
  const worker = await world.startWorker();
  await until('the item waits', async () =>
    (await world.kinds(itemStream('test', 1))).includes('step.asked'),
  );
  await kill(worker.child);
  const asked = await readQuestion(world.journal, 'test', 1);
  expect(asked).toMatchObject({ status: 'notified', default: null });
  await until('its time has come', () => Date.now() > Date.parse(asked?.dueAt ?? ''));
  await world.succeed(worker);
  await expectOnce(world, 'question.defaulted', 'its documented default holds: option 1');
}, 90_000);
