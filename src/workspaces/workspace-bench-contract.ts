/** What the tests of workspaces share: a repository, its mirror and a store, made anew before each test. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { removeFolder } from '../base/remove-folder.ts';
import type { CellDriver, CellSpec } from '../cells/cell.ts';
import { processDriver } from '../cells/process-cell.ts';
import type { Mirror } from '../git/mirror.ts';
import { openMirror } from '../git/open-mirror.ts';
import { listGit, readGit } from '../git/run-git.ts';
import type { SetupStep } from '../policy/policy.ts';
import { noSecrets, type Redactor } from '../secrets/redactor.ts';
import { createWorkspaces, type WorkspaceStore } from './create-workspaces.ts';
import type { PrepareOutcome, Workspace } from './workspace.ts';

interface Bench {
  base: string;
  repository: string;
  mirror: Mirror;
  store: WorkspaceStore;
  /** What `prepare` checks out. */
  commit: string;
  /** Cells that set-up opened. */
  opened: CellSpec[];
  count: number;
}

/** Filled by useWorkspaceBench before each test. */
export const at = {} as Bench;

export const limits = {
  memoryMb: 512,
  processes: 64,
  commandTimeoutMs: 20_000,
  outputBytes: 100_000,
  fileBytes: 100_000,
};

export function git(...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@b', ...args], {
    cwd: at.repository,
    encoding: 'utf8',
  }).trim();
}

export async function commitFiles(files: Record<string, string>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(at.repository, path)), { recursive: true });
    writeFileSync(join(at.repository, path), text);
  }
  git('add', '-A');
  git('commit', '-q', '-m', 'change');
  return at.mirror.importBranch(at.repository, 'main');
}

export function newStore(redactor: Redactor = noSecrets): WorkspaceStore {
  const real = processDriver({ cellsDir: join(at.base, 'cells'), upstreamProxy: null });
  const driver: CellDriver = {
    ...real,
    open: (spec) => {
      at.opened.push(spec);
      return real.open(spec);
    },
  };
  const newId = () => {
    at.count += 1;
    return `id${at.count}`;
  };
  const setupEnv = { FROM_CALLER: 'registry' };
  return createWorkspaces({
    root: join(at.base, 'ws'),
    cacheRoot: join(at.base, 'cache'),
    driver,
    setupEnv,
    redactor,
    newId,
  });
}

export function step(run: string, changes: Partial<SetupStep> = {}): SetupStep {
  return { run, lockfiles: ['lock'], hosts: [], timeoutMs: 20_000, ...changes };
}

export function tryPrepare(
  id: string,
  setup: SetupStep[] = [],
  from: WorkspaceStore = at.store,
): Promise<PrepareOutcome> {
  return from.prepare({ id, mirror: at.mirror, commit: at.commit, setup, limits });
}

export async function prepare(
  id: string,
  setup: SetupStep[] = [],
  from: WorkspaceStore = at.store,
): Promise<Workspace> {
  const outcome = await tryPrepare(id, setup, from);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
  return outcome.workspace;
}

export async function filesOf(tree: string): Promise<string[]> {
  return listGit({ args: ['ls-tree', '-r', '-z', '--name-only', tree], cwd: at.mirror.dir });
}

export async function contentOf(tree: string, path: string): Promise<string> {
  return readGit({ args: ['cat-file', 'blob', `${tree}:${path}`], cwd: at.mirror.dir });
}

/** Makes and removes the state around each test of the file. */
export function useWorkspaceBench(): void {
  beforeEach(async () => {
    at.base = await realpath(await mkdtemp(join(tmpdir(), 'mw-ws-')));
    at.repository = join(at.base, 'repo');
    mkdirSync(at.repository);
    at.opened = [];
    at.count = 0;
    git('init', '-q', '-b', 'main');
    at.mirror = await openMirror(join(at.base, 'mirror.git'));
    at.commit = await commitFiles({
      'a.txt': 'one\n',
      'src/b.txt': 'bee\n',
      '.gitignore': 'ignored/\n*.log\n',
      lock: '1\n',
    });
    at.store = newStore();
  });
  afterEach(async () => {
    await at.store.emptyTrash();
    await removeFolder(at.base);
  });
}
