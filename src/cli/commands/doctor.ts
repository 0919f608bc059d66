/** `doctor`: is everything there that the work needs, and is what is stored whole? */
import { mkdir, statfs } from 'node:fs/promises';
import { MeshwrightError, messageOf } from '../../base/errors.ts';
import { homePaths, meshwrightHome } from '../../base/home.ts';
import { bubblewrapDriver } from '../../cells/bubblewrap-cell.ts';
import { openJournal } from '../../compose.ts';
import { requireGit } from '../../git/git-version.ts';
import { verifyChain } from '../../journal/hash-chain.ts';
import type { Journal } from '../../journal/journal.ts';
import { knownModels } from '../../ledger/price-of.ts';
import { priceSnapshotDate } from '../../ledger/price-snapshot.ts';
import type { ExitCode } from '../door.ts';
import type { Session } from '../session.ts';
import { table } from '../terminal.ts';

interface Examination {
  name: string;
  /** `advice`: works without, but not as well. */
  result: 'good' | 'bad' | 'advice';
  text: string;
  fix: string | null;
}

export async function doctorCommand(session: Session, options: { verify: boolean }): Promise<ExitCode> {
  const { terminal, env } = session;
  const paths = homePaths(meshwrightHome(env, process.platform));
  const found: Examination[] = [
    good('node', `${process.versions.node} (${process.execPath})`),
    await examine('git', async () => (await requireGit()).replace('git version ', '')),
    await examineIsolation(),
    await examine('home', async () => {
      await mkdir(paths.home, { recursive: true });
      const { bavail, bsize } = await statfs(paths.home);
      const freeGb = (bavail * bsize) / 1e9;
      if (freeGb < 1) throw new Error(`${paths.home} has only ${freeGb.toFixed(1)} GB free`);
      return `${paths.home}, ${freeGb.toFixed(0)} GB free`;
    }),
    good('log', session.log.file),
    ...(await examineDatabase(session, options)),
    good('prices', `list prices of ${priceSnapshotDate}, ${knownModels({}).length} models`),
    examineKey(env),
  ];
  const isHealthy = found.every((each) => each.result !== 'bad');
  if (terminal.isJson) terminal.json({ ok: isHealthy, examinations: found });
  else {
    const sign = {
      good: terminal.style('green', '✓'),
      bad: terminal.style('red', '✗'),
      advice: terminal.style('yellow', '!'),
    };
    for (const line of table(found.map((each) => [sign[each.result], each.name, each.text])))
      terminal.line(line);
    for (const each of found) if (each.fix) terminal.line(`${each.name}: ${each.fix}`);
  }
  return isHealthy ? 0 : 1;
}

async function examine(name: string, look: () => Promise<string>): Promise<Examination> {
  try {
    return good(name, await look());
  } catch (error) {
    const hint = error instanceof MeshwrightError ? (error.hint ?? null) : null;
    return { name, result: 'bad', text: messageOf(error), fix: hint };
  }
}

function good(name: string, text: string): Examination {
  return { name, result: 'good', text, fix: null };
}

async function examineIsolation(): Promise<Examination> {
  const checked = await bubblewrapDriver().preflight();
  if (checked.ok) return good('isolation', 'bubblewrap works');
  return { name: 'isolation', result: 'advice', text: checked.problem, fix: checked.fix };
}

function examineKey(env: Session['env']): Examination {
  const keys = ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY'].filter((name) => env[name]);
  if (keys.length > 0) return good('model key', `${keys.join(', ')} is set`);
  return {
    name: 'model key',
    result: 'advice',
    text: 'none is set',
    fix: 'set ANTHROPIC_API_KEY or OPENAI_API_KEY; the scripted demo needs none',
  };
}

async function examineDatabase(session: Session, options: { verify: boolean }): Promise<Examination[]> {
  let store: Awaited<ReturnType<typeof openJournal>>;
  try {
    store = await openJournal(session.env, session.log);
  } catch (error) {
    const hint = error instanceof MeshwrightError ? (error.hint ?? null) : null;
    return [{ name: 'database', result: 'bad', text: messageOf(error), fix: hint }];
  }
  try {
    const head = await store.journal.head();
    const where = store.isEmbedded ? 'embedded PostgreSQL' : 'PostgreSQL at DATABASE_URL';
    const found = [good('database', `${where}, ${head} events`)];
    if (options.verify) found.push(await verifyJournal(store.journal));
    return found;
  } finally {
    await store.close();
  }
}

async function verifyJournal(journal: Journal): Promise<Examination> {
  const broken: string[] = [];
  let count = 0;
  for (const project of await journal.projects()) {
    for (const { stream } of await journal.streams(project)) {
      const events = await journal.read(stream);
      count += events.length;
      const verdict = verifyChain(events);
      if (!verdict.isIntact) broken.push(`${stream} version ${verdict.brokenVersion}`);
    }
  }
  if (broken.length === 0) return good('journal', `${count} events, every hash chain is whole`);
  return {
    name: 'journal',
    result: 'bad',
    text: `hash chain broken in ${broken.join(', ')}`,
    fix: 'the events there were changed outside of meshwright; restore the database from a backup',
  };
}
