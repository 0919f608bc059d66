/** One kill's world: repository, home, database, model server, workers as processes, and the command line as a person uses it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseBrief } from '../../src/artifacts/parse-brief.ts';
import { newId } from '../../src/base/ids.ts';
import type { ItemState } from '../../src/items/item-state.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { addItem } from '../../src/requests/add-item.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { viewItem } from '../../src/views/item-view.ts';
import { paidModelKey } from '../kill/paid-model.ts';
import { startWorker, type WorkerLife } from '../kill/worker-life.ts';
import type { ProveServer } from '../prove-server.ts';
import { type BurningModel, startBurningModel } from './burning-model.ts';
import { type BurningProject, burningProject, layOutBurning } from './burning-project.ts';

export interface BurningWorld extends BurningProject {
  root: string;
  home: string;
  databaseUrl: string;
  model: BurningModel;
  journal: Journal;
  add(): Promise<number>;
  item(number: number): Promise<ItemState>;
  accept(number: number): Promise<void>;
  startWorkers(count: number): Promise<void>;
  /** `meshwright …` as a process. */
  command(...args: string[]): Promise<CommandResult>;
  /** Resolves when it holds. @throws with what was waited for, when it does not in time. */
  until(what: string, holds: () => Promise<boolean> | boolean): Promise<void>;
  close(): Promise<void>;
}

export interface CommandResult {
  code: number | null;
  out: string;
  err: string;
}

const patienceMs = 60_000;
const mainFile = path.resolve(import.meta.dirname, '../../src/cli/main.ts');

export async function openBurningWorld(server: ProveServer): Promise<BurningWorld> {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'mesh-controls-')));
  const project = await layOutBurning(root);
  const database = await server.createDatabase();
  const model = await startBurningModel();
  const journal = await openPostgresJournal({ url: database.url, maxConnections: 2 });
  const place = { root, home: path.join(root, 'home'), databaseUrl: database.url, model };
  const workers: WorkerLife[] = [];
  const item = async (number: number) => (await viewItem(journal, burningProject, number)).state;
  return {
    ...project,
    ...place,
    journal,
    item,
    async add() {
      const { value: brief } = parseBrief('brief.md', '# Burn\n\nDo it.\n');
      if (!brief) throw new Error('the brief is broken');
      return addItem({ journal, newId, project: burningProject, brief, plan: null, by: 'person:prove' });
    },
    async accept(number) {
      const { readyCommit } = await item(number);
      const request = { kind: 'accept', by: 'prove', commit: readyCommit ?? '' } as const;
      await askOfItem({ journal, newId, project: burningProject, number, request });
    },
    async startWorkers(count) {
      const started = Array.from({ length: count }, () =>
        startWorker({ ...place, repository: project.repository }, {}),
      );
      workers.push(...started);
      for (const worker of started) {
        if (!(await worker.waitFor('ready'))) throw new Error(`a worker did not start: ${worker.complaint}`);
      }
    },
    command: (...args) => runCommand({ ...place, repository: project.repository }, args),
    async until(what, holds) {
      const deadline = Date.now() + patienceMs;
      while (!(await holds())) {
        const failed = workers.find(({ isEnded }) => isEnded);
        if (failed) throw new Error(`a worker ended while ${what} was waited for: ${failed.complaint}`);
        if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
        await delay(15);
      }
    },
    async close() {
      for (const worker of workers) worker.send('SIGKILL');
      await Promise.all(workers.map(({ ended }) => ended));
      await journal.close();
      await model.close();
      await database.drop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

type Place = Pick<BurningWorld, 'root' | 'home' | 'databaseUrl' | 'repository'>;

function runCommand(place: Place, args: readonly string[]): Promise<CommandResult> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', mainFile, ...args], {
    cwd: place.repository,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: place.root,
      MESHWRIGHT_HOME: place.home,
      DATABASE_URL: place.databaseUrl,
      MESHWRIGHT_PERSON: 'sarah-pm',
      ANTHROPIC_API_KEY: paidModelKey,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const result: CommandResult = { code: null, out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    result.out += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    result.err += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...result, code }));
  });
}
