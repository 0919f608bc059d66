/**
 * `drill`: pretended spend down every way that money can leave, against every kind of ceiling, in a home and a database of
 * its own that are thrown away. What holds here is the ledger that guards real money.
 */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeFolder } from '../../base/remove-folder.ts';
import {
  assetsDir,
  type OpenJournal,
  openJournal,
  openRepository,
  readConfiguration,
} from '../../compose/project.ts';
import { openReplayContext, openWorkerContext } from '../../compose/worker.ts';
import { caseFiles, outsiderCommand } from '../../drill/drill-project.ts';
import { type CaseBench, type CaseRow, runCase } from '../../drill/run-case.ts';
import {
  caseCeilingMicroUsd,
  type DrillCase,
  type DrillReport,
  drillTable,
  exactUsd,
  listCases,
  runDrill,
} from '../../drill/run-drill.ts';
import { createRepository } from '../../git/create-repository.ts';
import { sharedProject } from '../../journal/unit.ts';
import { nothingHeld } from '../../secrets/held-secrets.ts';
import { type ExitCode, InterruptedError } from '../door.ts';
import { noRegistries, type Session } from '../session.ts';
import { table } from '../terminal.ts';

export async function drillCommand(session: Session, options: { quick: boolean }): Promise<ExitCode> {
  const { terminal } = session;
  const startedAt = performance.now();
  const end = new AbortController();
  const stop = () => end.abort(new InterruptedError());
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const home = await mkdtemp(path.join(tmpdir(), 'meshwright-drill-'));
  const env = { ...session.env, MESHWRIGHT_HOME: home, DATABASE_URL: undefined };
  try {
    if (!terminal.isJson) {
      terminal.line(
        'Spend: PRETENDED (scripted model at real prices). Real: agents, workers, PostgreSQL, ledger.',
      );
      terminal.line(
        `Every way to spend against every kind of ceiling, each set to ${exactUsd(caseCeilingMicroUsd)}.`,
      );
    }
    const store = await openJournal(env, session.log);
    try {
      const cases = listCases(options.quick);
      const report = await drillAll({ ...session, env }, store, { cases, signal: end.signal });
      if (terminal.isJson) terminal.json(report);
      else printReport(session, report, performance.now() - startedAt);
      return report.isHeld ? 0 : 1;
    } finally {
      terminal.live('');
      await store.close();
    }
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    await removeFolder(home);
  }
}

async function drillAll(
  session: Session,
  store: OpenJournal,
  { cases, signal }: { cases: DrillCase[]; signal: AbortSignal },
): Promise<DrillReport> {
  let done = 0;
  return runDrill(cases, async (each) => {
    done += 1;
    session.terminal.live(`${done} of ${cases.length} · ${each.path.says} · ceiling: ${each.kind.name}`);
    return runInBench(session, store, { each, number: done, signal });
  });
}

async function runInBench(
  session: Session,
  store: OpenJournal,
  { each, number, signal }: { each: DrillCase; number: number; signal: AbortSignal },
): Promise<CaseRow> {
  const { env, log } = session;
  const project = `drill-${number}`;
  const shared = await store.journal.accounts(sharedProject);
  const files = caseFiles({
    ...each,
    project,
    ceilingMicroUsd: caseCeilingMicroUsd,
    hostSpentMicroUsd: Math.max(0, ...shared.map((row) => row.spentMicroUsd)),
    outsider: outsiderCommand(assetsDir),
  });
  const root = path.join(store.paths.home, 'drill', project);
  await mkdir(root, { recursive: true });
  await writeFile(path.join(store.paths.home, 'host.yaml'), files.hostYaml);
  await createRepository(root, {
    branch: 'main',
    message: 'Drill',
    authorName: 'Meshwright drill',
    authorEmail: 'drill@meshwright.invalid',
    files: files.repository,
  });
  const repository = await openRepository(root);
  const configuration = await readConfiguration(repository, env, { registries: noRegistries });
  const parts = {
    repository,
    configuration,
    store,
    env,
    registries: noRegistries,
    secrets: nothingHeld,
    log,
  };
  const bench: CaseBench = {
    open: async (provider) => (await openWorkerContext(parts, provider)).context,
    openReplay: () => openReplayContext(parts, { isModelScripted: true }),
    signal,
  };
  return runCase(each.path, each.kind, caseCeilingMicroUsd, bench);
}

function printReport({ terminal }: Session, report: DrillReport, durationMs: number): void {
  for (const line of table(drillTable(report.rows))) terminal.line(line);
  const broken = report.rows.filter((row) => !row.isHeld);
  for (const row of broken) terminal.warn(whyBroken(row));
  const held = report.rows.length - broken.length;
  terminal.line(
    `${held} of ${report.rows.length} ceilings held · overshoot ${exactUsd(report.overshootMicroUsd)} · pretended ${exactUsd(report.spentMicroUsd)} · ${Math.round(durationMs / 1000)} s`,
  );
}

function whyBroken(row: CaseRow): string {
  const where = `${row.path}, ceiling of ${row.ceiling}`;
  if (row.overshootMicroUsd > 0) return `${where}: passed by ${exactUsd(row.overshootMicroUsd)}`;
  if (row.refusedCalls === 0)
    return `${where}: never reached, ${exactUsd(row.spentMicroUsd)} spent: ${row.stoppedBy}`;
  return `${where}: the replay cost ${exactUsd(row.replayMicroUsd ?? 0)}`;
}
