/** `doctor`: is everything there that the work needs, is what is stored whole, and what does nobody own any more? */
import { mkdir, statfs } from 'node:fs/promises';
import { programFinder } from '../../agents/outside/find-program.ts';
import { type HomePaths, homePaths, meshwrightHome } from '../../base/home.ts';
import { newId } from '../../base/ids.ts';
import { bubblewrapDriver } from '../../cells/bubblewrap-cell.ts';
import { processDriver } from '../../cells/process-cell.ts';
import { type OpenJournal, openJournal } from '../../compose/project.ts';
import { requireGit } from '../../git/git-version.ts';
import { knownModels } from '../../ledger/price-of.ts';
import { priceSnapshotDate } from '../../ledger/price-snapshot.ts';
import { agentPresets } from '../../policy/agent-presets.ts';
import { findLonelyServer } from '../../postgres/find-lonely-server.ts';
import { nothingHeld } from '../../secrets/held-secrets.ts';
import { buildWorkspaces, cellHost } from '../../worker/machine-places.ts';
import { describeMachine } from '../../worker/owner.ts';
import type { ExitCode } from '../door.ts';
import type { Session } from '../session.ts';
import { writeBundle } from './doctor-bundle.ts';
import { bad, type Examination, examine, good } from './doctor-examination.ts';
import { collectOrphanFacts } from './doctor-facts.ts';
import { endOrphans } from './doctor-fix.ts';
import { findOrphans, type Orphan } from './doctor-orphan.ts';
import { examineOutboxes } from './doctor-outboxes.ts';
import { type DoctorReport, printReport } from './doctor-report.ts';
import { compareStore, type Verdict, verifyFile, verifyStore } from './doctor-verify.ts';

export interface DoctorOptions {
  /** True: the database's journal; a text: the path of an export. */
  verify: boolean | string;
  /** A seal, or the path of an export. */
  against?: string;
  fix: boolean;
  /** True: a name is made. */
  bundle?: boolean | string;
}

export async function doctorCommand(session: Session, options: DoctorOptions): Promise<ExitCode> {
  if (typeof options.verify === 'string') {
    const { examinations, damage } = await verifyFile(options.verify, session.dir);
    return printReport(session, { examinations, damage, orphans: [], ended: [] });
  }
  const paths = homePaths(meshwrightHome(session.env, process.platform));
  const report: DoctorReport = {
    examinations: await examineMachine(session, paths),
    damage: [],
    orphans: [],
    ended: [],
  };
  const lonely = session.env.DATABASE_URL ? null : findLonelyServer(paths.home);
  if (lonely !== null) report.orphans.push(lonelyServer(lonely));
  const store = await openStore(session, report);
  try {
    if (store) await examineStore(session, store, { options, report });
    report.examinations.push(
      good('prices', `list prices of ${priceSnapshotDate}, ${knownModels({}).length} models`),
      examineKey(session.env),
    );
    if (options.bundle) {
      const file = await writeBundle(session, { report, store, file: options.bundle });
      report.examinations.push(good('report', `${file}; read it before you send it to anybody`));
    }
  } finally {
    await store?.close();
  }
  return printReport(session, report);
}

async function examineMachine(session: Session, paths: HomePaths): Promise<Examination[]> {
  return [
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
    examineAgents(session.env),
    good('log', session.log.file),
  ];
}

async function examineIsolation(): Promise<Examination> {
  const checked = await bubblewrapDriver().preflight();
  if (checked.ok) return good('isolation', 'bubblewrap works');
  return { name: 'isolation', result: 'advice', text: checked.problem, fix: checked.fix };
}

/** Coding agents of others that could take a seat here. */
function examineAgents(env: Session['env']): Examination {
  const find = programFinder(env.PATH);
  const found = Object.entries(agentPresets).flatMap(([name, { command }]) => {
    const program = find(command);
    return program === null ? [] : [`${name} (${program.argv.join(' ')})`];
  });
  return good(
    'agents',
    found.join(', ') || `none of ${Object.keys(agentPresets).join(', ')} is installed; none is needed`,
  );
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

async function openStore(session: Session, report: DoctorReport): Promise<OpenJournal | null> {
  try {
    return await openJournal(session.env, session.log);
  } catch (error) {
    report.examinations.push(bad('database', error));
    return null;
  }
}

async function examineStore(
  session: Session,
  store: OpenJournal,
  { options, report }: { options: DoctorOptions; report: DoctorReport },
): Promise<void> {
  const head = await store.journal.head();
  const where = store.isEmbedded ? 'embedded PostgreSQL' : 'PostgreSQL at DATABASE_URL';
  report.examinations.push(good('database', `${where}, ${head} events`));
  const add = (verdict: Verdict) => {
    report.examinations.push(...verdict.examinations);
    report.damage.push(...verdict.damage);
  };
  report.examinations.push(...(await examineOutboxes(store.journal)));
  if (options.verify) add(await verifyStore(store));
  if (options.against !== undefined) add(await compareStore(store, options.against, session.dir));
  await examineOrphans(session, store, { options, report });
}

async function examineOrphans(
  session: Session,
  store: OpenJournal,
  { options, report }: { options: DoctorOptions; report: DoctorReport },
): Promise<void> {
  const { journal, paths } = store;
  const driver = processDriver(cellHost(paths, session.env));
  const workspaces = buildWorkspaces(paths, driver, { setupEnv: {}, secrets: nothingHeld });
  const machine = describeMachine();
  const parts = { journal, paths, driver, workspaces, machine };
  const found = findOrphans(await collectOrphanFacts({ ...parts, now: Date.now() }));
  report.orphans.push(...found);
  const endable = found.filter(({ ending }) => ending !== null);
  if (options.fix) report.ended = await endOrphans({ ...parts, newId }, found);
  const left = options.fix ? report.ended.filter(({ isEnded }) => !isEnded) : endable;
  if (left.length === 0) {
    report.examinations.push(good('orphans', options.fix ? `${endable.length} ended` : 'none'));
    return;
  }
  const text = `${left.length} things that nobody owns any more`;
  const fix = options.fix ? 'run the command again' : '`meshwright doctor --fix` ends them';
  report.examinations.push({ name: 'orphans', result: options.fix ? 'bad' : 'advice', text, fix });
}

function lonelyServer(pid: number): Orphan {
  const text = 'PostgreSQL ran without its supervisor; it was taken over and ends with its last user';
  return { kind: 'process', name: String(pid), text, ending: null };
}
