/**
 * A worker as a process of its own, composed as the command line does it, with its boundaries watched: at one that is
 * listed to be killed it ends itself with SIGKILL. What it needs is in its environment; what it says is JSON lines.
 */
import { appendFileSync, readFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { messageOf } from '../../src/base/errors.ts';
import { openLog } from '../../src/base/log.ts';
import { openJournal, openRepository, readConfiguration } from '../../src/compose/project.ts';
import { openWorkerContext } from '../../src/compose/worker.ts';
import { nothingHeld } from '../../src/secrets/held-secrets.ts';
import { runWorker } from '../../src/worker/worker.ts';
import { watchBoundaries } from './watch-boundaries.ts';
import { type WorkerLine, workerVariables } from './worker-line.ts';

const env = process.env;
const repositoryDir = env[workerVariables.repository] ?? '';
/** Labels, one a line; empty: none. */
const killListFile = env[workerVariables.killList];
/** Where every boundary is noted, if anywhere. */
const noteFile = env[workerVariables.notes];

function say(line: WorkerLine): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

function endAt(label: string, killList: ReadonlySet<string>): void {
  if (noteFile) appendFileSync(noteFile, `${label}\n`);
  if (!killList.has(label)) return;
  say({ what: 'killed', at: Date.now(), label });
  process.kill(process.pid, 'SIGKILL');
}

async function work(): Promise<void> {
  const stopped = new AbortController();
  process.on('SIGTERM', () => stopped.abort());
  // Nobody is left to kill it: then it is not wanted either.
  const starter = new Socket({ fd: 0 }).unref();
  starter.on('error', () => {}).on('close', () => process.exit(1));
  starter.resume();
  const registries = { env: {}, hosts: { node: [], python: [], go: [], cargo: [] } };
  const killList = new Set(killListFile ? readFileSync(killListFile, 'utf8').split('\n') : []);
  killList.delete('');
  const log = openLog({ home: env.MESHWRIGHT_HOME ?? '', level: 'info', command: 'prove' });
  const repository = await openRepository(repositoryDir);
  const configuration = await readConfiguration(repository, env, { registries });
  const store = await openJournal(env, log);
  try {
    const { context } = await openWorkerContext({
      repository,
      configuration,
      store,
      env,
      registries,
      secrets: nothingHeld,
      log,
    });
    say({ what: 'ready', at: Date.now() });
    let hasProgressed = false;
    const watched = watchBoundaries(context, {
      at: (label) => endAt(label, killList),
      onAppended: (unit) => {
        if (hasProgressed) return;
        hasProgressed = true;
        say({ what: 'progress', at: Date.now(), kinds: unit.events.map(({ kind }) => kind) });
      },
    });
    await runWorker(watched, { untilIdle: false, signal: stopped.signal });
  } finally {
    await store.close();
    await log.close();
  }
}

try {
  await work();
} catch (error) {
  say({ what: 'failed', at: Date.now(), message: messageOf(error) });
  process.exitCode = 1;
}
