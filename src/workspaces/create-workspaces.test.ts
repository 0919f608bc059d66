import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CellDriver, CellSpec } from '../cells/cell.ts';
import { processDriver } from '../cells/process-cell.ts';
import type { Mirror } from '../git/mirror.ts';
import { openMirror } from '../git/open-mirror.ts';
import { listGit, readGit } from '../git/run-git.ts';
import type { SetupStep } from '../policy/policy.ts';
import { createWorkspaces, type WorkspaceStore } from './create-workspaces.ts';
import type { PrepareOutcome, Workspace } from './workspace.ts';

let base: string;
let repository: string;
let mirror: Mirror;
let store: WorkspaceStore;
let commit: string;
let opened: CellSpec[];
let count: number;

const limits = {
  memoryMb: 512,
  processes: 64,
  commandTimeoutMs: 20_000,
  outputBytes: 100_000,
  fileBytes: 100_000,
};

function git(...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@b', ...args], {
    cwd: repository,
    encoding: 'utf8',
  }).trim();
}

async function commitFiles(files: Record<string, string>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), text);
  }
  git('add', '-A');
  git('commit', '-q', '-m', 'change');
  return mirror.importBranch(repository, 'main');
}

function newStore(): WorkspaceStore {
  const real = processDriver({ cellsDir: join(base, 'cells'), upstreamProxy: null });
  const driver: CellDriver = {
    ...real,
    open: (spec) => {
      opened.push(spec);
      return real.open(spec);
    },
  };
  const newId = () => {
    count += 1;
    return `id${count}`;
  };
  const setupEnv = { FROM_CALLER: 'registry' };
  return createWorkspaces({
    root: join(base, 'ws'),
    cacheRoot: join(base, 'cache'),
    driver,
    setupEnv,
    newId,
  });
}

function step(run: string, changes: Partial<SetupStep> = {}): SetupStep {
  return { run, lockfiles: ['lock'], hosts: [], timeoutMs: 20_000, ...changes };
}

function tryPrepare(
  id: string,
  setup: SetupStep[] = [],
  from: WorkspaceStore = store,
): Promise<PrepareOutcome> {
  return from.prepare({ id, mirror, commit, setup, limits });
}

async function prepare(
  id: string,
  setup: SetupStep[] = [],
  from: WorkspaceStore = store,
): Promise<Workspace> {
  const outcome = await tryPrepare(id, setup, from);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
  return outcome.workspace;
}

async function filesOf(tree: string): Promise<string[]> {
  return listGit({ args: ['ls-tree', '-r', '-z', '--name-only', tree], cwd: mirror.dir });
}

async function contentOf(tree: string, path: string): Promise<string> {
  return readGit({ args: ['cat-file', 'blob', `${tree}:${path}`], cwd: mirror.dir });
}

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'mw-ws-')));
  repository = join(base, 'repo');
  mkdirSync(repository);
  opened = [];
  count = 0;
  git('init', '-q', '-b', 'main');
  mirror = await openMirror(join(base, 'mirror.git'));
  commit = await commitFiles({
    'a.txt': 'one\n',
    'src/b.txt': 'bee\n',
    '.gitignore': 'ignored/\n*.log\n',
    lock: '1\n',
  });
  store = newStore();
});
afterEach(async () => {
  await store.emptyTrash();
  await rm(base, { recursive: true, force: true });
});

describe('a workspace', () => {
  it('has the files of the commit and a git of its own: clean, without remote, sharing the objects', async () => {
    const workspace = await prepare('w1');
    const inside = (...args: string[]) =>
      execFileSync('git', args, { cwd: workspace.dir, encoding: 'utf8' }).trim();
    expect(readFileSync(join(workspace.dir, 'src/b.txt'), 'utf8')).toBe('bee\n');
    expect(inside('status', '--porcelain')).toBe('');
    expect(inside('rev-parse', 'HEAD')).toBe(commit);
    expect(inside('log', '--format=%s')).toBe('change');
    expect(inside('remote')).toBe('');
    expect(existsSync(join(workspace.dir, '.git/hooks'))).toBe(false);
    expect(workspace.readable).toEqual([join(mirror.dir, 'objects')]);
    expect(await workspace.captureTree()).toBe(await mirror.treeOf(commit));
  });

  it('is prepared anew over what a process left that died, and only under a plain name', async () => {
    mkdirSync(join(base, 'ws/w1/tree'), { recursive: true });
    writeFileSync(join(base, 'ws/w1/tree/left'), 'over');
    const workspace = await prepare('w1');
    expect(existsSync(join(workspace.dir, 'left'))).toBe(false);
    await expect(prepare('../w2')).rejects.toMatchObject({ code: 'bad_workspace_id' });
    await expect(prepare('.trash')).rejects.toMatchObject({ code: 'bad_workspace_id' });
  });

  it('is gone at once when discarded, twice too, unreadable folders included', async () => {
    const workspace = await prepare('w1');
    mkdirSync(join(workspace.dir, 'locked/in'), { recursive: true });
    chmodSync(join(workspace.dir, 'locked'), 0);
    await workspace.discard();
    expect(existsSync(workspace.dir)).toBe(false);
    await workspace.discard();
    await store.emptyTrash();
    expect(readdirSync(join(base, 'ws/.trash'))).toEqual([]);
  });

  it('of a shallow repository works too', async () => {
    await commitFiles({ 'a.txt': 'two\n' });
    execFileSync('git', ['clone', '-q', '--depth', '1', `file://${repository}`, join(base, 'shallow')]);
    mirror = await openMirror(join(base, 'other.git'));
    commit = await mirror.importBranch(join(base, 'shallow'), 'main');
    const workspace = await prepare('w1');
    expect(execFileSync('git', ['log', '--format=%s'], { cwd: workspace.dir, encoding: 'utf8' })).toBe(
      'change\n',
    );
  });
});

describe('captureTree', () => {
  it('takes new, changed, removed, renamed, executable and linked files, and leaves ignored ones out', async () => {
    const { dir, captureTree } = await prepare('w1');
    writeFileSync(join(dir, 'a.txt'), 'two\n');
    rmSync(join(dir, 'src/b.txt'));
    writeFileSync(join(dir, 'src/ü "new".sh'), '#!/bin/sh\n');
    chmodSync(join(dir, 'src/ü "new".sh'), 0o755);
    symlinkSync('/etc/passwd', join(dir, 'link'));
    mkdirSync(join(dir, 'ignored'));
    writeFileSync(join(dir, 'ignored/x'), 'x');
    writeFileSync(join(dir, 'x.log'), 'x');
    const tree = await captureTree();
    const list = await listGit({ args: ['ls-tree', '-r', '-z', tree], cwd: mirror.dir });
    expect(list.map((line) => line.replace(/ blob [0-9a-f]+\t/, ' '))).toEqual([
      '100644 .gitignore',
      '100644 a.txt',
      '120000 link',
      '100644 lock',
      '100755 src/ü "new".sh',
    ]);
    expect(await contentOf(tree, 'link')).toBe('/etc/passwd');
    expect(await contentOf(tree, 'a.txt')).toBe('two');
    writeFileSync(join(dir, 'a.txt'), 'one\n');
    expect(await contentOf(await captureTree(), 'a.txt')).toBe('one');
  });

  it('takes files that became folders and folders that became files or links', async () => {
    const { dir, captureTree } = await prepare('w1');
    rmSync(join(dir, 'a.txt'));
    mkdirSync(join(dir, 'a.txt'));
    writeFileSync(join(dir, 'a.txt/inner'), 'x');
    rmSync(join(dir, 'src'), { recursive: true });
    symlinkSync(repository, join(dir, 'src'));
    expect(await filesOf(await captureTree())).toEqual(['.gitignore', 'a.txt/inner', 'lock', 'src']);
    rmSync(join(dir, 'src'));
    writeFileSync(join(dir, 'src'), 'file');
    expect(await filesOf(await captureTree())).toEqual(['.gitignore', 'a.txt/inner', 'lock', 'src']);
  });

  it('runs nothing of what the agent put into its git: hooks, fsmonitor, filters, editors', async () => {
    const { dir, captureTree } = await prepare('w1');
    const mark = join(base, 'ran');
    const script = join(dir, 'script');
    writeFileSync(script, `#!/bin/sh\ntouch ${mark}\ncat\n`);
    chmodSync(script, 0o755);
    const set = (...args: string[]) => execFileSync('git', ['config', ...args], { cwd: dir });
    for (const name of [
      'core.fsmonitor',
      'filter.evil.clean',
      'filter.evil.process',
      'diff.external',
      'diff.evil.textconv',
    ]) {
      set(name, script);
    }
    set('filter.evil.required', 'true');
    mkdirSync(join(dir, '.git/hooks'));
    for (const hook of ['pre-commit', 'post-index-change', 'reference-transaction']) {
      writeFileSync(join(dir, '.git/hooks', hook), `#!/bin/sh\ntouch ${mark}\n`);
      chmodSync(join(dir, '.git/hooks', hook), 0o755);
    }
    writeFileSync(join(dir, '.gitattributes'), '* filter=evil diff=evil\n');
    writeFileSync(join(dir, 'a.txt'), 'two\n');
    const tree = await captureTree();
    expect(existsSync(mark)).toBe(false);
    expect(await contentOf(tree, 'a.txt')).toBe('two');
    // The same configuration does run when git is asked in the workspace itself: the guard is what keeps it out.
    spawnSync('git', ['status'], { cwd: dir, stdio: 'ignore' });
    expect(existsSync(mark)).toBe(true);
  });

  it('does not care what became of .git: removed, replaced, or pointing elsewhere', async () => {
    const { dir, captureTree } = await prepare('w1');
    writeFileSync(join(dir, 'new'), 'x');
    rmSync(join(dir, '.git'), { recursive: true });
    const tree = await captureTree();
    writeFileSync(join(dir, '.git'), `gitdir: ${join(repository, '.git')}\n`);
    expect(await captureTree()).toBe(tree);
    rmSync(join(dir, '.git'));
    symlinkSync(join(repository, '.git'), join(dir, '.git'));
    expect(await captureTree()).toBe(tree);
    expect(await filesOf(tree)).toContain('new');
  });

  it('takes nested repositories as plain folders, never as links, and never starts git inside', async () => {
    const { dir, captureTree } = await prepare('w1');
    const mark = join(base, 'ran');
    const monitor = join(base, 'monitor');
    writeFileSync(monitor, `#!/bin/sh\ntouch ${mark}\n`);
    chmodSync(monitor, 0o755);
    const nested = join(dir, 'nested');
    mkdirSync(join(nested, 'deep'), { recursive: true });
    const inside = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@b', ...args], { cwd: nested });
    inside('init', '-q');
    writeFileSync(join(nested, 'deep/file'), 'x');
    writeFileSync(join(nested, 'y.log'), 'ignored');
    inside('add', 'deep');
    inside('commit', '-q', '-m', 'x');
    inside('config', 'core.fsmonitor', monitor);
    mkdirSync(join(dir, 'src/.git'));
    writeFileSync(join(dir, 'src/c.txt'), 'c');
    const expected = ['.gitignore', 'a.txt', 'lock', 'nested/deep/file', 'src/b.txt', 'src/c.txt'];
    expect(await filesOf(await captureTree())).toEqual(expected);
    writeFileSync(join(nested, 'deep/file'), 'changed');
    const tree = await captureTree();
    expect(await filesOf(tree)).toEqual(expected);
    expect(await contentOf(tree, 'nested/deep/file')).toBe('changed');
    expect(existsSync(mark)).toBe(false);
  });

  it('keeps the links to other repositories that the commit has, and never starts git behind them', async () => {
    const other = await commitFiles({ 'z.txt': 'z' });
    git('update-index', '--add', '--cacheinfo', `160000,${other},module`);
    git('commit', '-q', '-m', 'module');
    commit = await mirror.importBranch(repository, 'main');
    const { dir, captureTree } = await prepare('w1');
    const mark = join(base, 'ran');
    writeFileSync(join(base, 'monitor'), `#!/bin/sh\ntouch ${mark}\n`);
    chmodSync(join(base, 'monitor'), 0o755);
    execFileSync('git', ['init', '-q'], { cwd: join(dir, 'module') });
    execFileSync('git', ['fetch', '-q', repository, other], { cwd: join(dir, 'module') });
    execFileSync('git', ['checkout', '-q', other], { cwd: join(dir, 'module') });
    execFileSync('git', ['config', 'core.fsmonitor', join(base, 'monitor')], { cwd: join(dir, 'module') });
    writeFileSync(join(dir, 'new'), 'x');
    expect(await filesOf(await captureTree())).toEqual([
      '.gitignore',
      'a.txt',
      'lock',
      'module',
      'new',
      'src/b.txt',
      'z.txt',
    ]);
    expect(existsSync(mark)).toBe(false);
  });
});

describe('set-up', () => {
  const install =
    'mkdir -p dep/bin sub/dep && echo "made by $FROM_CALLER" > dep/x && ln -s ../x dep/bin/x && echo y > sub/dep/y && echo touched >> a.txt && echo hi';

  it('runs once per content of its inputs, and a copy gives the same files', async () => {
    const first = await prepare('w1', [step(install)]);
    expect(opened).toHaveLength(1);
    expect(opened[0]).toMatchObject({
      allowedHosts: [],
      isWorkspaceWritable: true,
      limits: { commandTimeoutMs: 20_000 },
    });
    const second = await prepare('w2', [step(install)]);
    expect(opened).toHaveLength(1);
    for (const { dir } of [first, second]) {
      expect(readFileSync(join(dir, 'dep/x'), 'utf8')).toBe('made by registry\n');
      expect(readlinkSync(join(dir, 'dep/bin/x'))).toBe('../x');
      expect(readFileSync(join(dir, 'sub/dep/y'), 'utf8')).toBe('y\n');
      expect(readFileSync(join(dir, 'a.txt'), 'utf8')).toBe('one\n');
      expect(execFileSync('git', ['status', '--porcelain'], { cwd: dir, encoding: 'utf8' })).toBe('');
    }
    expect(second.env.CARGO_HOME).toBe(join(second.dir, '.meshwright-setup/cargo'));
    // Another store, as after a restart, finds it on disk.
    await prepare('w3', [step(install)], newStore());
    expect(opened).toHaveLength(1);
    for (const change of [{ lock: '2\n' }, { 'package.json': '{"scripts":{"postinstall":"x"}}' }]) {
      commit = await commitFiles(change);
      await prepare(`w${Object.keys(change)[0]?.length}x`, [step(install)]);
    }
    expect(opened).toHaveLength(3);
    await prepare('w9', [step(`${install}; true`)]);
    expect(opened).toHaveLength(4);
  });

  it('leaves its outputs out of captured trees, whatever the agent writes into .gitignore', async () => {
    commit = await commitFiles({ 'sub/kept': 'x' });
    for (const id of ['w1', 'w2']) {
      const { dir, captureTree } = await prepare(id, [step(install)]);
      writeFileSync(join(dir, '.gitignore'), '!dep\n!dep/**\n');
      writeFileSync(join(dir, 'dep/more'), 'x');
      mkdirSync(join(dir, '.meshwright-setup'));
      writeFileSync(join(dir, '.meshwright-setup/x'), 'x');
      writeFileSync(join(dir, 'sub/own'), 'x');
      expect(await filesOf(await captureTree())).toEqual([
        '.gitignore',
        'a.txt',
        'lock',
        'src/b.txt',
        'sub/kept',
        'sub/own',
      ]);
    }
  });

  it('gives every step its own hosts, and runs once for many that need it together', async () => {
    const setup = [
      step(install, { hosts: ['registry.npmjs.org'] }),
      step('test -e dep/x && touch dep/second'),
    ];
    const workspaces = await Promise.all(['w1', 'w2', 'w3'].map((id) => prepare(id, setup)));
    expect(opened.map((spec) => spec.allowedHosts)).toEqual([['registry.npmjs.org'], []]);
    for (const { dir } of workspaces) expect(existsSync(join(dir, 'dep/second'))).toBe(true);
  });

  it('that fails is a finding with the end of what it printed; nothing is kept', async () => {
    const setup = [step('touch out; seq 5000; echo the reason >&2; exit 3'), step('touch never')];
    const outcome = await tryPrepare('w1', setup);
    expect(outcome).toMatchObject({
      ok: false,
      findings: [{ source: 'setup', message: expect.stringMatching(/ended with exit code 3$/), file: null }],
    });
    if (outcome.ok) return;
    expect(outcome.findings[0]?.output?.endsWith('5000\nthe reason')).toBe(true);
    expect(outcome.findings[0]?.output?.length).toBeLessThanOrEqual(4_000);
    expect(existsSync(join(base, 'ws/w1'))).toBe(false);
    expect(opened).toHaveLength(1);
    expect(await tryPrepare('w2', setup)).toMatchObject({ ok: false });
    const slow = await tryPrepare('w3', [step('sleep 30', { timeoutMs: 200 })]);
    expect(slow).toMatchObject({
      ok: false,
      findings: [{ message: expect.stringMatching(/did not end within 0.2 s/) }],
    });
  });

  it('can be aborted and leaves no workspace', async () => {
    const controller = new AbortController();
    const running = store.prepare({
      id: 'w1',
      mirror,
      commit,
      setup: [step('sleep 30')],
      limits,
      signal: controller.signal,
    });
    while (opened.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    expect(existsSync(join(base, 'ws/w1'))).toBe(false);
    expect(readdirSync(join(base, 'cells'))).toEqual([]);
  });

  it('never writes through a link that a commit put where an output belongs', async () => {
    commit = await commitFiles({ 'sub/kept': 'x' });
    await prepare('w1', [step(install)]);
    const outside = join(base, 'outside');
    mkdirSync(outside);
    rmSync(join(repository, 'sub'), { recursive: true });
    symlinkSync(outside, join(repository, 'sub'));
    symlinkSync(outside, join(repository, 'dep'));
    commit = await commitFiles({});
    await prepare('w2', [step(install)]);
    expect(opened).toHaveLength(1);
    expect(readdirSync(outside)).toEqual([]);
  });

  it('leaves a folder to the commit that tracks it, and captures changes in it', async () => {
    await prepare('w1', [step(install)]);
    commit = await commitFiles({ 'dep/own': 'ours' });
    const { dir, captureTree } = await prepare('w2', [step(install)]);
    expect(opened).toHaveLength(1);
    writeFileSync(join(dir, 'dep/own'), 'changed');
    writeFileSync(join(dir, 'dep/new'), 'new');
    const tree = await captureTree();
    expect(await contentOf(tree, 'dep/own')).toBe('changed');
    expect(await filesOf(tree)).toContain('dep/new');
  });

  it('makes the scripts of a copied Python environment name their new place', async () => {
    const venv =
      'mkdir -p .venv/bin .venv/lib/python3/site-packages && echo "home = /usr/bin" > .venv/pyvenv.cfg && printf "#!$PWD/.venv/bin/python\\n" > .venv/bin/tool && chmod 755 .venv/bin/tool && echo "$PWD/src" > .venv/lib/python3/site-packages/own.pth';
    await prepare('w1', [step(venv)]);
    const { dir } = await prepare('another-name', [step(venv)]);
    expect(readFileSync(join(dir, '.venv/bin/tool'), 'utf8')).toBe(`#!${dir}/.venv/bin/python\n`);
    expect(statSync(join(dir, '.venv/bin/tool')).mode & 0o777).toBe(0o755);
    expect(readFileSync(join(dir, '.venv/lib/python3/site-packages/own.pth'), 'utf8')).toBe(`${dir}/src\n`);
  });
});
