/** `demo`: the sample repository, three briefs, a scripted model; everything else is real. Ends with how to check it by hand. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parseBrief } from '../../artifacts/parse-brief.ts';
import { newId } from '../../base/ids.ts';
import { formatUsd } from '../../base/money.ts';
import { assetsDir, openJournal } from '../../compose.ts';
import { createRepository } from '../../git/create-repository.ts';
import type { StoredEvent } from '../../journal/event.ts';
import { addItem } from '../../requests/add-item.ts';
import { askOfItem } from '../../requests/ask-of-item.ts';
import { registerProject } from '../../requests/register-project.ts';
import { short } from '../../views/event-line.ts';
import { viewItem } from '../../views/item-view.ts';
import { viewStatus } from '../../views/status-view.ts';
import type { ExitCode } from '../door.ts';
import { drive } from '../drive.ts';
import { type ProjectSession, type Session, withProject } from '../session.ts';
import { measureOwnBaseline } from './init.ts';

const demoDir = path.join(assetsDir, 'demo');
/** The demo's person: accepts what is ready, as the report says. */
const person = 'demo';

export async function demoCommand(given: Session, options: { into?: string }): Promise<ExitCode> {
  // The sample runs on the Node that runs this command, whatever `node` is first on the PATH.
  const env = {
    ...given.env,
    PATH: `${path.dirname(process.execPath)}${path.delimiter}${given.env.PATH ?? ''}`,
  };
  const session: Session = { ...given, env, person };
  const startedAt = performance.now();
  const { terminal } = session;
  const repository = path.join(
    freeDir(options.into ?? path.join(homedir(), 'meshwright-demo')),
    'orders-api',
  );
  terminal.line(
    'Model: SCRIPTED (no AI, no key; costs are simulated). Real: git, tests, PostgreSQL, limits.',
  );
  await layOutSample(repository, await freeProjectName(session));
  return withProject<ExitCode>(
    { ...session, dir: repository },
    { willWork: true, for: 'named' },
    async (project) => {
      await registerProject(
        { journal: project.store.journal, newId, project: project.project, by: `person:${person}` },
        repository,
      );
      const baseline = await measureOwnBaseline(project);
      if (!baseline?.ok) {
        terminal.warn(`the sample's own checks did not run: ${baseline?.message ?? 'none are declared'}`);
        return 1;
      }
      const [check] = baseline.checks;
      terminal.line(
        `${terminal.style('bold', repository)}   TypeScript, ${check?.passedCount ?? '?'} tests ${check?.status ?? ''}`,
      );
      const numbers = await addBriefs(project);
      terminal.line(
        `${numbers.length} briefs · ceiling ${formatUsd(project.policy.ceilings.itemMicroUsd)} per item · ${isolationLine(project)}`,
      );
      for (const number of numbers) if (!(await bringHome(project, number))) return 1;
      await report(project, repository, performance.now() - startedAt);
      return 0;
    },
  );
}

/** True when it landed. */
async function bringHome(project: ProjectSession, number: number): Promise<boolean> {
  const scope = { items: new Set([number]), requestsOnly: false };
  const { journal } = project.store;
  await drive(project, { untilIdle: true, scope, isVerbose: false, isQuiet: true });
  const { state } = await viewItem(journal, project.project, number);
  if (state.status === 'ready' && state.readyCommit) {
    const request = { kind: 'accept', by: person, commit: state.readyCommit } as const;
    await askOfItem({ journal, newId, project: project.project, number, request });
    await drive(project, { untilIdle: true, scope, isVerbose: false, isQuiet: true });
  }
  const after = (await viewItem(journal, project.project, number)).state;
  if (after.status === 'landed') return true;
  project.terminal.warn(
    `item ${number} did not land, it is ${after.status}: meshwright -C ${project.repository.root} show ${number}`,
  );
  return false;
}

async function addBriefs(project: ProjectSession): Promise<number[]> {
  const numbers: number[] = [];
  const dir = path.join(demoDir, 'briefs');
  for (const file of (await readdir(dir)).filter((name) => name.endsWith('.md')).sort()) {
    const { value, diagnostics } = parseBrief(file, await readFile(path.join(dir, file), 'utf8'));
    if (!value) throw new Error(`the demo's brief ${file} is broken: ${diagnostics[0]?.message ?? ''}`);
    numbers.push(
      await addItem({
        journal: project.store.journal,
        newId,
        project: project.project,
        brief: value,
        plan: null,
        by: `person:${person}`,
      }),
    );
  }
  return numbers;
}

/** The sample as a repository of its own with one commit, and .mesh/ with the demo's policy and scenario. */
async function layOutSample(repository: string, project: string): Promise<void> {
  await mkdir(path.dirname(repository), { recursive: true });
  await cp(path.join(demoDir, 'orders-api'), repository, { recursive: true });
  // npm leaves .gitignore files out of packages, so the sample carries it under another name.
  await rename(path.join(repository, 'gitignore'), path.join(repository, '.gitignore'));
  const policy = await readFile(path.join(demoDir, 'mesh.yaml'), 'utf8');
  await createRepository(repository, {
    branch: 'main',
    message: 'Orders API',
    authorName: 'Meshwright demo',
    authorEmail: 'demo@meshwright.invalid',
    files: {
      '.mesh/mesh.yaml': policy.replace(/^project: .*$/m, `project: ${project}`),
      '.mesh/scenario.yaml': await readFile(path.join(demoDir, 'scenario.yaml'), 'utf8'),
    },
  });
}

/** A folder of an earlier demo is left alone: it may hold things that a person wants. */
function freeDir(wanted: string): string {
  for (let count = 1; ; count += 1) {
    const dir = count === 1 ? wanted : `${wanted}-${count}`;
    if (!existsSync(dir)) return dir;
  }
}

/** The numbers of a project's items go on for ever, so every demo is a project of its own. */
async function freeProjectName(session: Session): Promise<string> {
  const store = await openJournal(session.env, session.log);
  try {
    const taken = new Set(await store.journal.projects());
    for (let count = 1; ; count += 1) {
      const name = count === 1 ? 'orders-api' : `orders-api-${count}`;
      if (!taken.has(name)) return name;
    }
  } finally {
    await store.close();
  }
}

function isolationLine(project: ProjectSession): string {
  return `developers side by side: ${project.policy.team.seats.developer ?? 1}`;
}

async function report(project: ProjectSession, repository: string, durationMs: number): Promise<void> {
  const { terminal, store } = project;
  const status = await viewStatus(store.journal, project.project);
  const events = await readAllEvents(project);
  const overshoot = status.items.reduce(
    (sum, item) => sum + Math.max(0, item.spentMicroUsd - (item.ceilingMicroUsd ?? item.spentMicroUsd)),
    0,
  );
  const landings = events.filter((event) => event.kind === 'landing.finished');
  const checks = String(landings.at(-1)?.data.checks ?? '');
  const count = (kind: string) => events.filter((event) => event.kind === kind).length;
  terminal.line('');
  const landed = status.items.map((item) => `#${item.number} ${short(item.landedCommit ?? '')}`).join('  ');
  terminal.line(
    `${terminal.style('bold', 'LANDED')} ${landed}   ${checks}   ${Math.round(durationMs / 1000)} s`,
  );
  terminal.line(
    `simulated ${formatUsd(status.spentMicroUsd)} · overshoot ${formatUsd(overshoot)} · ${count('item.sent_back')} sent back · ${count('tool.call_refused')} tool calls refused · accepted by the demo itself: ${count('item.accepted')}`,
  );
  terminal.line('Check it yourself:');
  terminal.line(`  cd ${repository} && git log --oneline && ${await testCommand(project)}`);
  const command = `npx meshwright -C ${repository}`;
  for (const what of ['show 2', 'log 2 --all', 'replay 2', 'cost --by role'])
    terminal.line(`  ${command} ${what}`);
  terminal.line('Next: cd your-repo && npx meshwright init');
}

async function readAllEvents(project: ProjectSession): Promise<StoredEvent[]> {
  const { journal } = project.store;
  const events: StoredEvent[] = [];
  for (let after = 0; ; ) {
    const page = await journal.readAll({ after, limit: 5000, project: project.project });
    if (page.length === 0) return events;
    events.push(...page);
    after = page.at(-1)?.position ?? after;
  }
}

/** The sample needs Node 22.18; where the machine's own node is older, the line names one that is not. */
async function testCommand(project: ProjectSession): Promise<string> {
  const own = path.dirname(process.execPath);
  const outside = (project.env.PATH ?? '')
    .split(path.delimiter)
    .filter((dir) => dir !== own && !dir.includes('node_modules'));
  try {
    const { stdout } = await promisify(execFile)('node', ['--version'], {
      env: { PATH: outside.join(path.delimiter) },
    });
    const [major = 0, minor = 0] = stdout.trim().slice(1).split('.').map(Number);
    if (major > 22 || (major === 22 && minor >= 18)) return 'npm test';
  } catch {
    // No node on the PATH at all: the line below names one.
  }
  return `PATH=${own}:$PATH npm test`;
}
