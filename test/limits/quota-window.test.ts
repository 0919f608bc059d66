/** A provider's quota is used up until a known moment: real worker processes, a real journal, a provider double over HTTP. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { type ModelServer, startModelServer } from '../doubles/model-server.ts';
import { smallFiles } from '../engine/small-team.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';
import { openTestDatabase, type TestDatabase } from '../postgres.ts';
import type { WorkerProcessOptions } from './worker-process.ts';

const main = fileURLToPath(new URL('./worker-process.ts', import.meta.url));
const hourMs = 3_600_000;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface QuotaWorld {
  database: TestDatabase;
  server: ModelServer;
  project: TestProject;
}

async function openWorld(models: string): Promise<QuotaWorld> {
  const database = await openTestDatabase();
  closing.push(database.close);
  // One developer per item: it writes a file, then it is done.
  const server = await startModelServer({
    brain: ({ messages }) =>
      messages.some(({ role }) => role === 'assistant')
        ? { text: 'done' }
        : { toolCalls: [{ name: 'write', input: { path: 'made.txt', content: 'made\n' } }] },
    faults: [{ kind: 'rate_limited', retryAfter: '3600' }],
  });
  closing.push(server.close);
  const mesh = (smallFiles['.mesh/mesh.yaml'] ?? '')
    .replace(/^models: .*$/m, `models: ${models}`)
    .replace('flow: feature', 'flow: solo');
  const project = await createTestProject({
    files: { ...smallFiles, '.mesh/mesh.yaml': mesh },
    model: () => ({ text: 'nobody asks this one' }),
    journal: await openPostgresJournal({ url: database.url }),
  });
  closing.push(project.remove);
  return { database, server, project };
}

/** Resolves when the worker has ended by itself: nothing can go on any more. */
async function runWorkerProcess({ database, server, project }: QuotaWorld, aheadMs = 0): Promise<void> {
  const { root, repository } = project;
  const options: WorkerProcessOptions = {
    databaseUrl: database.url,
    root,
    repository,
    modelUrl: server.baseUrl,
    aheadMs,
  };
  const args = ['--disable-warning=ExperimentalWarning', main, JSON.stringify(options)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let complained = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complained += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`a worker's process ended with ${code}: ${complained}`);
}

async function pausesOf({ project }: QuotaWorld, numbers: readonly number[]) {
  return Promise.all(numbers.map(async (number) => (await project.item(number)).pause));
}

describe('a used-up quota with a known reset', () => {
  it('costs one call over all items and two worker processes, and the items go on by themselves after it', async () => {
    const world = await openWorld('{ provider: anthropic }');
    const { project, server } = world;
    const all = [await project.add('Make one'), await project.add('Make two')];
    const before = Date.now();
    await runWorkerProcess(world);
    all.push(await project.add('Make three'));
    await runWorkerProcess(world);

    for (const pause of await pausesOf(world, all)) {
      expect(pause).toMatchObject({ reason: 'quota', ask: 'engineering_lead' });
      expect(pause?.message).toMatch(/^build\/developer: the quota of claude-sonnet-5-5 is used up: /);
      const until = Date.parse(pause?.until ?? '');
      expect(until).toBeGreaterThanOrEqual(before + hourMs);
      expect(until).toBeLessThanOrEqual(Date.now() + hourMs);
    }
    expect(server.servedCount).toBe(1);

    // The database's clock cannot be moved, and by it the cluster is not due yet: a new item has it claimed.
    all.push(await project.add('Make four'));
    await runWorkerProcess(world, hourMs);
    const states = await Promise.all(all.map((number) => project.item(number)));
    expect(states.map(({ status }) => status)).toEqual(all.map(() => 'ready'));
    // Two calls for each item.
    expect(server.servedCount).toBe(1 + 2 * all.length);
  });

  it('costs one call and no wait where the policy allows an equal', async () => {
    const world = await openWorld(
      '{ provider: anthropic, equals: { sonnet: [opus, claude-sonnet-5, claude-haiku-4-5] } }',
    );
    const { project, server } = world;
    const number = await project.add('Make one');
    await runWorkerProcess(world);
    expect((await project.item(number)).status).toBe('ready');
    // The first of them is dearer, the second only for cached tokens.
    expect(server.requests.map(({ model }) => model)).toEqual([
      'claude-sonnet-5-5',
      'claude-haiku-4-5',
      'claude-haiku-4-5',
    ]);
  });
});
