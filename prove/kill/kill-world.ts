/** One run's world: repository, home, database, model, and the person who accepts what is ready. Outlives every worker. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseBrief } from '../../src/artifacts/parse-brief.ts';
import { newId } from '../../src/base/ids.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { addItem } from '../../src/requests/add-item.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { viewItem } from '../../src/views/item-view.ts';
import type { ProveServer } from '../prove-server.ts';
import { layOutOrders, ordersBriefs, ordersProject } from './orders-project.ts';
import { type PaidModel, startPaidModel } from './paid-model.ts';

export interface KillWorld {
  /** Holds everything of this run; a process that has it in its working directory or arguments belongs to it. */
  root: string;
  repository: string;
  /** MESHWRIGHT_HOME. */
  home: string;
  databaseUrl: string;
  model: PaidModel;
  journal: Journal;
  close(): Promise<void>;
}

export async function openKillWorld(server: ProveServer): Promise<KillWorld> {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'mesh-prove-run-')));
  const repository = path.join(root, 'repository');
  await layOutOrders(repository);
  const database = await server.createDatabase();
  const model = await startPaidModel();
  const journal = await openPostgresJournal({ url: database.url, maxConnections: 3 });
  for (const { title, folder } of ordersBriefs) {
    const { value: brief } = parseBrief('brief.md', `# ${title}\n\nWrite the files of ${folder}/.\n`);
    if (!brief) throw new Error(`the brief "${title}" is broken`);
    await addItem({ journal, newId, project: ordersProject, brief, plan: null, by: 'person:prove' });
  }
  return {
    root,
    repository,
    home: path.join(root, 'home'),
    databaseUrl: database.url,
    model,
    journal,
    async close() {
      await journal.close();
      await model.close();
      await database.drop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export interface PersonReport {
  /** How often an item waited for a person other than to be accepted; it was resumed each time. */
  askedCount: number;
}

const lookEveryMs = 40;

/** Accepts each item that is ready, resumes each that is paused; resolves when all have landed. */
export async function actAsPerson(world: KillWorld, signal: AbortSignal): Promise<PersonReport> {
  const report: PersonReport = { askedCount: 0 };
  const answered = new Set<string>();
  const numbers = ordersBriefs.map((_, index) => index + 1);
  for (;;) {
    signal.throwIfAborted();
    // The database may be away: a person tries again.
    const isDone = await lookOnce(world, numbers, { report, answered }).catch(() => false);
    if (isDone) return report;
    await delay(lookEveryMs, undefined, { signal });
  }
}

async function lookOnce(
  { journal }: KillWorld,
  numbers: readonly number[],
  memory: { report: PersonReport; answered: Set<string> },
): Promise<boolean> {
  let landedCount = 0;
  for (const number of numbers) {
    const { state, events } = await viewItem(journal, ordersProject, number);
    if (state.status === 'landed') landedCount += 1;
    const key = `${number} ${state.status} ${events.length}`;
    if (memory.answered.has(key)) continue;
    const ask = { journal, newId, project: ordersProject, number };
    if (state.status === 'ready' && state.readyCommit) {
      memory.answered.add(key);
      await askOfItem({ ...ask, request: { kind: 'accept', by: 'prove', commit: state.readyCommit } });
    } else if (state.status === 'paused') {
      memory.answered.add(key);
      memory.report.askedCount += 1;
      await askOfItem({ ...ask, request: { kind: 'resume', by: 'prove', ceilingMicroUsd: null } });
    }
  }
  return landedCount === numbers.length;
}
