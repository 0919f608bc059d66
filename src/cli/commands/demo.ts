/** `demo`: the sample repository, three briefs, a scripted model, played persons; everything else is real. */
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { parseBrief } from '../../artifacts/parse-brief.ts';
import { newId } from '../../base/ids.ts';
import { formatUsd } from '../../base/money.ts';
import { assetsDir, openJournal } from '../../compose/project.ts';
import { createRepository } from '../../git/create-repository.ts';
import { handleOf } from '../../policy/handle.ts';
import { addItem } from '../../requests/add-item.ts';
import { registerProject } from '../../requests/register-project.ts';
import { viewStatus } from '../../views/status-view.ts';
import type { ExitCode } from '../door.ts';
import { drive } from '../drive.ts';
import { type ProjectSession, type Session, withProject } from '../session.ts';
import { playPeople } from './demo-people.ts';
import { reportDemo } from './demo-report.ts';
import { measureOwnBaseline } from './init.ts';

const demoDir = path.join(assetsDir, 'demo');
/** The demo's person: adds the briefs and accepts what is ready, as the report says. */
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
  terminal.line(
    'People: PLAYED by the demo, as `meshwright answer` would. Their deadlines are real, but minutes run as SECONDS.',
  );
  await layOutSample(repository, { project: await freeProjectName(session), user: given.person });
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
      if (!(await bringHome(project, numbers))) return 1;
      await reportDemo(project, performance.now() - startedAt);
      return 0;
    },
  );
}

/** True when all of them landed. The worker stays while somebody is asked: deadlines run, and people answer. */
async function bringHome(project: ProjectSession, numbers: readonly number[]): Promise<boolean> {
  const people = playPeople(project, { person, heldBack: numbers[1] ?? 0 });
  try {
    await drive(project, {
      untilIdle: false,
      isVerbose: false,
      isQuiet: true,
      until: people.over,
      onEvent: people.see,
    });
  } finally {
    await people.leave();
  }
  // What has landed is put away.
  await drive(project, { untilIdle: true, isVerbose: false, isQuiet: true });
  const { items } = await viewStatus(project.store.journal, project.project);
  const left = items.filter(({ status }) => status !== 'landed');
  for (const { number, status } of left) {
    project.terminal.warn(
      `item ${number} did not land, it is ${status}: meshwright -C ${project.repository.root} show ${number}`,
    );
  }
  return left.length === 0;
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

/** The sample as a repository of its own with one commit, and .mesh/ with the demo's policy, stakeholder map and scenario. */
async function layOutSample(
  repository: string,
  { project, user }: { project: string; user: string },
): Promise<void> {
  await mkdir(path.dirname(repository), { recursive: true });
  await cp(path.join(demoDir, 'orders-api'), repository, { recursive: true });
  // npm leaves .gitignore files out of packages, so the sample carries it under another name.
  await rename(path.join(repository, 'gitignore'), path.join(repository, '.gitignore'));
  const readAsset = (name: string) => readFile(path.join(demoDir, name), 'utf8');
  const policy = await readAsset('mesh.yaml');
  const stakeholders = await readAsset('stakeholders.yaml');
  // Whoever looks around afterwards may do so in their own name.
  const handle = JSON.stringify(handleOf(user));
  const named = stakeholders.includes(handle) ? 'people:\n' : `people:\n  ${handle}: {}\n`;
  await createRepository(repository, {
    branch: 'main',
    message: 'Orders API',
    authorName: 'Meshwright demo',
    authorEmail: 'demo@meshwright.invalid',
    files: {
      '.mesh/mesh.yaml': policy.replace(/^project: .*$/m, `project: ${project}`),
      '.mesh/stakeholders.yaml': stakeholders.replace(/^people:\n/m, () => named),
      '.mesh/scenario.yaml': await readAsset('scenario.yaml'),
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
