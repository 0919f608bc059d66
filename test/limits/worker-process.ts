/**
 * A worker in a process of its own, on a project that a test made: `worker-process.ts <options as JSON>`. Its model is at a
 * provider double, its clock may run ahead. It works until its input ends or nothing can go on.
 */
import { systemClock } from '../../src/base/clock.ts';
import { createModelAccess } from '../../src/gateway/model-access.ts';
import { createProvider } from '../../src/gateway/providers/create-provider.ts';
import { loadPolicy } from '../../src/policy/load-policy.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { runWorker } from '../../src/worker/worker.ts';
import { buildContext } from '../harness/project.ts';

export interface WorkerProcessOptions {
  databaseUrl: string;
  /** Of the test's project. */
  root: string;
  repository: string;
  /** Of the provider double. */
  modelUrl: string;
  /** How far its clock is ahead. */
  aheadMs: number;
}

const { databaseUrl, root, repository, modelUrl, aheadMs } = JSON.parse(
  process.argv[2] ?? '',
) as WorkerProcessOptions;
const journal = await openPostgresJournal({ url: databaseUrl });
const leaving = new AbortController();
process.stdin.resume().once('end', () => leaving.abort());
try {
  const { value: policy, diagnostics } = await loadPolicy(repository, {
    defaults: { project: 'test', targetBranch: 'main', registryHosts: [] },
  });
  if (!policy) throw new Error(JSON.stringify(diagnostics));
  const model = createProvider({ name: 'anthropic', baseUrl: modelUrl, apiKey: 'test-key' });
  const built = await buildContext({ root, repository, policy, journal, model });
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
  const { project, newId, owner } = built;
  const modelAccess = createModelAccess({ journal, project, clock, newId, owner });
  await runWorker({ ...built, clock, modelAccess }, { untilIdle: true, signal: leaving.signal });
} finally {
  process.stdin.destroy();
  await journal.close();
}
