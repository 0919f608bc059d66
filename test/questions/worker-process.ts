/** A worker in a process of its own that is there to be killed: `worker-process.ts <options as JSON>`; its first line is its owner. */
import { loadPolicy } from '../../src/policy/load-policy.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { runWorker } from '../../src/worker/worker.ts';
import { buildContext } from '../harness/project.ts';
import { askingTeam } from './killed-team.ts';
import { mapOf } from './people.ts';

export interface WorkerProcessOptions {
  databaseUrl: string;
  /** Of the test's project. */
  root: string;
  repository: string;
  log: string;
  /** Text of the stakeholder map. */
  map: string;
}

const { databaseUrl, root, repository, log, map } = JSON.parse(process.argv[2] ?? '') as WorkerProcessOptions;
const journal = await openPostgresJournal({ url: databaseUrl });
const { value: policy } = await loadPolicy(repository, {
  defaults: { project: 'test', targetBranch: 'main', registryHosts: [] },
});
if (!policy) throw new Error('the policy does not load');
const model = askingTeam(log);
const stakeholders = mapOf(map);
const context = await buildContext({ root, repository, policy, journal, model, stakeholders });
console.log(context.owner);
await runWorker(context, { untilIdle: false, signal: AbortSignal.timeout(60_000) });
await journal.close();
