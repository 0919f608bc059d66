import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { findWaits } from '../../src/items/find-waits.ts';
import type { StreamId } from '../../src/journal/event.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { readApproval, readOpenApprovals } from '../../src/questions/approval-record.ts';
import type { WordOutcome } from '../../src/requests/answer-question.ts';
import { answerApproval } from '../../src/requests/approve.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { runWorker } from '../../src/worker/worker.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';
import { openTestDatabase, type TestDatabase } from '../postgres.ts';
import { engineeringLead, releasingFiles, releasingTeam } from './releasing-team.ts';
import type { WorkerProcessOptions } from './worker-process.ts';

let database: TestDatabase;
let project: TestProject;
let log: string;

beforeEach(async () => {
  database = await openTestDatabase();
  const journal = await openPostgresJournal({ url: database.url });
  project = await createTestProject({
    files: releasingFiles,
    model: (request) => releasingTeam(log)(request),
    journal,
    stakeholders: engineeringLead,
  });
  log = path.join(project.root, 'releases.log');
});
afterEach(async () => {
  await project.remove();
  await database.close();
});

function releases(): number {
  return existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean).length : 0;
}

/** The first approval's, by its hash. */
async function answer(verdict: 'approve' | 'deny', by = '@alex-engineering-lead'): Promise<WordOutcome> {
  const { journal } = project;
  const approval = await readApproval(journal, 'test', 1);
  const actionHash = approval?.actionHash ?? '';
  const word = { name: 'A-1', verdict, by, via: 'cli', actionHash, why: 'not today' };
  return answerApproval({
    ...word,
    journal,
    newId,
    project: 'test',
    stakeholders: engineeringLead,
    nowMs: Date.now(),
  });
}

async function resultsOfRelease(): Promise<string[]> {
  const approval = await readApproval(project.journal, 'test', 1);
  const tape = await project.journal.read(approval?.asker.agent as StreamId);
  return tape.flatMap(({ kind, data }) =>
    kind === 'tool.call_finished' || kind === 'tool.call_refused' ? [String(data.output)] : [],
  );
}

it('a command that needs a yes is not run before it, and once after it', async () => {
  const item = await project.add('# Release it');
  await project.run();
  const waiting = await project.item(item);
  expect([waiting.status, findWaits(waiting).map(({ ask }) => ask), releases()]).toEqual([
    'running',
    ['A-1'],
    0,
  ]);
  expect(await readApproval(project.journal, 'test', 1)).toMatchObject({
    status: 'open',
    told: ['@alex-engineering-lead'],
    line: `run sh release.sh ${log}`,
  });

  expect(await answer('approve', '@marketing-ops')).toMatchObject({ isAccepted: false });
  await project.run();
  expect(releases()).toBe(0);

  expect(await answer('approve')).toMatchObject({ isAccepted: true });
  await project.run();
  expect([(await project.item(item)).status, releases()]).toEqual(['ready', 1]);
  expect(await resultsOfRelease()).toEqual(['exit code 0']);
  expect(await readApproval(project.journal, 'test', 1)).toMatchObject({ status: 'used', isFiled: true });
}, 60_000);

it('a denied one is never run, and the agent goes on without it', async () => {
  const item = await project.add('# Release it');
  await project.run();
  await answer('deny');
  await project.run();
  expect([(await project.item(item)).status, releases()]).toEqual(['ready', 0]);
  expect(await resultsOfRelease()).toEqual(['refused: @alex-engineering-lead denied it (A-1): not today']);
}, 60_000);

it('one that nobody waits for any more is withdrawn', async () => {
  const item = await project.add('# Release it');
  await project.run();
  const request = { kind: 'cancel', by: 'test', reason: 'not needed' } as const;
  await askOfItem({ journal: project.journal, newId, project: 'test', number: item, request });
  await project.run();
  expect(await readApproval(project.journal, 'test', 1)).toMatchObject({
    status: 'withdrawn',
    isFiled: true,
  });
  expect(await readOpenApprovals(project.journal, 'test')).toEqual([]);
  expect(await answer('approve')).toMatchObject({ isAccepted: false });
}, 60_000);

it('a worker killed in the middle of it: it is not run a second time, and the agent is told so', async () => {
  const item = await project.add('# Release it');
  await project.run();
  writeFileSync(`${log}.slow`, '');
  await answer('approve');
  const { child, owner } = await startWorker();
  try {
    await until(() => releases() === 1);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(`${log}.slow`);
  const successor = { ...project.context, isOwnerDead: (name: string) => name === owner };
  await runWorker(successor, { untilIdle: true, signal: AbortSignal.timeout(60_000) });
  expect([(await project.item(item)).status, releases()]).toEqual(['ready', 1]);
  expect(await resultsOfRelease()).toEqual([
    'interrupted, outcome unknown: run may or may not have taken effect; look before you repeat it',
  ]);
}, 90_000);

async function startWorker(): Promise<{ child: ChildProcess; owner: string }> {
  const options: WorkerProcessOptions = {
    databaseUrl: database.url,
    root: project.root,
    repository: project.repository,
    log,
  };
  const script = path.join(import.meta.dirname, 'worker-process.ts');
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, owner: line.toString().trim() };
}

async function until(holds: () => boolean): Promise<void> {
  const endsAt = Date.now() + 40_000;
  while (!holds()) {
    if (Date.now() > endsAt) throw new Error('it did not come about');
    await sleep(20);
  }
}
