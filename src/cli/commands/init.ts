/** `init`: writes .mesh/mesh.yaml for the project that is there and records how its checks stand on HEAD. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { programFinder } from '../../agents/outside/find-program.ts';
import { MeshwrightError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import type { CellDriver } from '../../cells/cell.ts';
import { chooseDriver } from '../../cells/choose-driver.ts';
import { processDriver } from '../../cells/process-cell.ts';
import { redactOutput } from '../../cells/redact-output.ts';
import { openRepository, projectName } from '../../compose/project.ts';
import { type BaselineOutcome, measureBaseline } from '../../gates/measure-baseline.ts';
import { listTrackedFiles } from '../../git/list-tracked-files.ts';
import { openMirror } from '../../git/open-mirror.ts';
import type { RepositoryFacts } from '../../git/user-repository.ts';
import { agentPresets } from '../../policy/agent-presets.ts';
import { detectProject } from '../../policy/detect-project.ts';
import { listPythonPackagesArgv } from '../../policy/detect-python.ts';
import { meshFile } from '../../policy/load-policy.ts';
import { stakeholdersFile } from '../../policy/load-stakeholders.ts';
import { renderMeshYaml } from '../../policy/render-mesh-yaml.ts';
import { recordBaseline, registerProject } from '../../requests/register-project.ts';
import type { BaselineEntry } from '../../verdicts/judge-commands.ts';
import { buildWorkspaces, cellHost, cellLimits } from '../../worker/machine-places.ts';
import { registryEnvironment } from '../../workspaces/registry-environment.ts';
import { readTextFile } from '../../yaml/read-text-file.ts';
import type { ExitCode } from '../door.ts';
import { type ProjectSession, type Session, withProject } from '../session.ts';
import { type Terminal, table } from '../terminal.ts';
import { writeStakeholders } from '../write-stakeholders.ts';

export async function initCommand(
  session: Session,
  options: { baseline: boolean; agent?: string },
): Promise<ExitCode> {
  const { terminal } = session;
  const repository = await openRepository(session.dir);
  requireClean(repository);
  const written = await writePolicy(session, repository, requireAgent(session, options.agent));
  const wroteStakeholders = await writeStakeholders(session, repository);
  return withProject<ExitCode>(
    { ...session, dir: repository.root },
    { willWork: true, for: 'named' },
    async (project) => {
      await registerProject(
        { journal: project.store.journal, newId, project: project.project, by: `person:${session.person}` },
        repository.root,
      );
      const baseline = options.baseline ? await measureOwnBaseline(project) : null;
      if (terminal.isJson) {
        terminal.json({
          project: project.project,
          wrote: written ? meshFile : null,
          wroteStakeholders: wroteStakeholders ? stakeholdersFile : null,
          baseline: baseline ?? null,
        });
        return baseline?.ok === false ? 1 : 0;
      }
      if (baseline && !baseline.ok) {
        terminal.line(`${terminal.style('red', '✗')} set-up failed on HEAD: ${baseline.message}`);
        for (const line of baseline.output.split('\n').slice(-15)) terminal.line(`    ${line}`);
        terminal.line(`Correct \`setup\` in ${meshFile}, then run \`meshwright init\` again.`);
        return 1;
      }
      if (baseline?.ok) printBaseline(terminal, baseline);
      printNext(terminal, [...(written ? [meshFile] : []), ...(wroteStakeholders ? [stakeholdersFile] : [])]);
      return 0;
    },
  );
}

/** Agents start from commits: work that is not committed would silently be left out. `.mesh/` itself may be new. */
function requireClean(repository: RepositoryFacts): void {
  const files = repository.dirtyFiles.filter((file) => !file.startsWith('.mesh/'));
  if (files.length === 0) return;
  const more = repository.dirtyCount > files.length ? ' …' : '';
  throw new MeshwrightError(
    'dirty_repository',
    `${repository.root} has uncommitted changes: ${files.join(', ')}${more}`,
    { hint: 'Commit or stash them; agents start from what is committed.', exitCode: 2 },
  );
}

/** @throws MeshwrightError `agent_not_found`. */
function requireAgent(session: Session, name: string | undefined): string | null {
  if (name === undefined) return null;
  const preset = Object.hasOwn(agentPresets, name) ? agentPresets[name] : undefined;
  if (preset && programFinder(session.env.PATH)(preset.command) !== null) return name;
  const [message, hint] = preset
    ? [
        `the agent ${name} is not on this machine: no ${preset.command[0]} on the PATH`,
        `Install it: ${preset.install}`,
      ]
    : [
        `there is no agent ${name}`,
        `Known by name: ${Object.keys(agentPresets).join(', ')}; any other goes under \`agents\` in ${meshFile}.`,
      ];
  throw new MeshwrightError('agent_not_found', message, { hint, exitCode: 2 });
}

/** False: the file was there and is left as it is. */
async function writePolicy(
  session: Session,
  repository: RepositoryFacts,
  agent: string | null,
): Promise<boolean> {
  const file = path.join(repository.root, meshFile);
  const { terminal } = session;
  if (existsSync(file)) {
    if (!terminal.isJson) terminal.line(`${meshFile} is there already and stays as it is`);
    return false;
  }
  const { hosts } = await registryEnvironment(session.env);
  const files = await listTrackedFiles(repository.root);
  const pythonPackages = files.some((name) => name.endsWith('.py')) ? await listPythonPackages() : null;
  const detected = await detectProject(
    {
      files,
      readText: (name) => readManifest(path.join(repository.root, name)),
    },
    { registryHosts: Object.values(hosts).flat(), ...(pythonPackages ? { pythonPackages } : {}) },
  );
  await mkdir(path.dirname(file), { recursive: true });
  const text = renderMeshYaml(detected, {
    project: projectName(repository.root),
    targetBranch: repository.branch ?? 'main',
    ...(agent !== null && { agent }),
  });
  await writeFile(file, text, { flag: 'wx' });
  if (!terminal.isJson) {
    terminal.line(`found  ${detected.kinds.join(', ') || 'nothing that is known here'}`);
    for (const step of detected.setup) terminal.line(`set-up ${step.run}`);
    for (const check of detected.checks) terminal.line(`check  ${check.run}`);
    for (const note of detected.notes) terminal.line(`note   ${note}`);
    terminal.line(`wrote  ${meshFile}`);
  }
  return true;
}

/** What the machine's own Python has already; null when there is none. Runs outside of the repository. */
async function listPythonPackages(): Promise<Record<string, string> | null> {
  const [program = 'python3', ...args] = listPythonPackagesArgv;
  try {
    const { stdout } = await promisify(execFile)(program, args, { cwd: tmpdir(), timeout: 20_000 });
    return JSON.parse(stdout) as Record<string, string>;
  } catch {
    return null;
  }
}

/** Runs set-up and checks on the target's head and records what came of it; null when no checks are declared. */
export async function measureOwnBaseline(project: ProjectSession): Promise<BaselineOutcome | null> {
  const { terminal, policy, repository, store, registries, secrets } = project;
  if (policy.profile.checks.length === 0) return null;
  const { driver: chosen, notice } = await driverForOwnChecks(project);
  const driver = redactOutput(chosen, secrets.redactor.redact);
  if (notice && !terminal.isJson) terminal.line(terminal.style('dim', notice));
  const mirror = await openMirror(path.join(store.paths.mirrors, `${project.project}.git`));
  const commit = await mirror.importBranch(repository.root, policy.targetBranch);
  terminal.live(
    `running set-up and ${policy.profile.checks.length} check(s) twice on ${commit.slice(0, 7)} …`,
  );
  const outcome = await measureBaseline({
    id: `baseline-${newId()}`,
    mirror,
    workspaces: buildWorkspaces(store.paths, driver, {
      setupEnv: { ...registries.env, ...secrets.variablesFor('setup') },
      secrets,
    }),
    driver,
    commit,
    setup: policy.profile.setup,
    checks: policy.profile.checks,
    limits: cellLimits(policy),
    readable: policy.cells.readable,
    env: secrets.variablesFor('checks'),
    signal: new AbortController().signal,
  });
  terminal.live('');
  if (outcome.ok) {
    await recordBaseline(
      { journal: store.journal, newId, project: project.project, by: `person:${project.person}` },
      { commit, checks: outcome.checks },
    );
  }
  return outcome;
}

/** The project's own checks on the person's own commit may run without isolation; agents' commands may not. */
async function driverForOwnChecks(
  project: ProjectSession,
): Promise<{ driver: CellDriver; notice: string | null }> {
  const host = cellHost(project.store.paths, project.env);
  const isModelScripted = project.policy.models.provider === 'scripted';
  const chosen = await chooseDriver(project.policy.cells, { isModelScripted, host });
  if (chosen.ok) return chosen;
  return {
    driver: processDriver(host),
    notice: `Your checks run without isolation now (${chosen.problem}). Agents will not: ${chosen.fix}`,
  };
}

function printBaseline(terminal: Terminal, baseline: Extract<BaselineOutcome, { ok: true }>): void {
  const sign = (status: BaselineEntry['status']) =>
    status === 'green'
      ? terminal.style('green', '✓')
      : terminal.style(status === 'red' ? 'red' : 'yellow', '✗');
  const rows = baseline.checks.map((check) => [
    sign(check.status),
    check.name,
    check.status,
    check.passedCount === null ? '' : `${check.passedCount} passed, ${check.failedCount} failed`,
  ]);
  for (const line of table(rows)) terminal.line(line);
  const bad = baseline.checks.filter((check) => check.status !== 'green');
  if (bad.length === 0) return;
  for (const check of bad) {
    for (const line of (baseline.outputs[check.name] ?? '').split('\n'))
      terminal.line(terminal.style('dim', `    ${line}`));
  }
  terminal.line(
    'Not everything is green before anybody started. `baseline: refuse` (the default) lets no item start; `baseline: no_worse` lets them start and forbids making it worse.',
  );
}

function printNext(terminal: Terminal, written: readonly string[]): void {
  if (written.length > 0)
    terminal.line(
      `Next: read ${written.join(' and ')}, commit ${written.length === 1 ? 'it' : 'them'}, then`,
    );
  terminal.line('  meshwright check');
  terminal.line('  meshwright add "<what you want>" --dry-run');
}

/** Lockfiles are long; what people write beside them is not. */
async function readManifest(file: string): Promise<string | undefined> {
  const read = await readTextFile(
    file,
    /lock|go\.sum|shrinkwrap/.test(path.basename(file)) ? 20_000_000 : 256 * 1_024,
  );
  return read.ok ? read.text : undefined;
}
