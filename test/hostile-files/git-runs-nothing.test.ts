import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listTrackedFiles } from '../../src/git/list-tracked-files.ts';
import { readGit, runGit } from '../../src/git/run-git.ts';
import { inspectRepository } from '../../src/git/user-repository.ts';
import {
  at,
  commitFiles,
  git,
  prepare,
  useWorkspaceBench,
} from '../../src/workspaces/workspace-bench-contract.ts';
import { settingText, trapRepository, trapSettings } from './git-traps.ts';
import { type Listener, listenLoopback, setTrap, snapshot, type Trap } from './outside.ts';

useWorkspaceBench();

let trap: Trap;
let listener: Listener;
const kept = { ...process.env };
beforeEach(async () => {
  trap = setTrap(join(at.base, 'trap'));
  listener = await listenLoopback();
});
afterEach(() => {
  listener.close();
  for (const name of Object.keys(process.env)) if (!(name in kept)) delete process.env[name];
  Object.assign(process.env, kept);
});

function expectNothingRan(): void {
  expect(trap.calls()).toEqual([]);
  expect(listener.count()).toBe(0);
}

/** Commits in the mirror what an agent would have left, `.gitattributes` that ask for every driver included. */
async function commitOfAgent(id = 'agent', text = 'two\n'): Promise<string> {
  const { dir, captureTree } = await prepare(id);
  writeFileSync(join(dir, 'a.txt'), text);
  writeFileSync(join(dir, '.gitattributes'), '* diff=trap merge=trap filter=trap\n');
  const tree = await captureTree();
  const author = { authorName: 'A', authorEmail: 'a@b', at: 1_700_000_000_000 };
  return at.mirror.commitTree({ tree, parents: [at.commit], message: 'agent', trailers: {}, ...author });
}

/** A repository that borrows objects from another asks that one for its refs, by a command if it is told to. */
function borrowObjects(): void {
  const lender = join(at.base, 'lender.git');
  git('clone', '-q', '--bare', at.repository, lender);
  writeFileSync(join(at.repository, '.git/objects/info/alternates'), `${lender}/objects\n`);
}

/** Everything that the platform does with the user's repository and with commits, one after another. */
async function doEverything(to: string): Promise<void> {
  await inspectRepository(at.repository);
  await listTrackedFiles(at.repository);
  expect(await at.mirror.importBranch(at.repository, 'main')).toBe(at.commit);
  const other = await commitOfAgent('other', 'three\n');
  expect(await at.mirror.mergeTree({ ours: other, theirs: to })).toMatchObject({ conflicts: ['a.txt'] });
  await at.mirror.diff(at.commit, to);
  await at.mirror.changedFiles(at.commit, to);
  await at.mirror.show(to, 'a.txt');
  await at.mirror.findByTrailer(to, 'Meshwright-Step', 'x');
  const request = { repository: at.repository, branch: 'main', from: at.commit, to };
  expect(await at.mirror.advanceBranch(request)).toBe('advanced');
}

describe('the platform’s git', () => {
  it('runs nothing of a workspace, whatever its settings, hooks, attributes and index say', async () => {
    const { dir, captureTree } = await prepare('w1');
    const before = snapshot(at.base, [
      join(at.base, 'ws'),
      join(at.base, 'mirror.git'),
      join(at.base, 'trap'),
    ]);
    const gitDir = join(dir, '.git');
    trapRepository({ gitDir, script: trap.script, port: listener.port, filters: true });
    writeFileSync(join(gitDir, 'index'), 'DIRC\0\0\0\u00ff nonsense');
    writeFileSync(join(gitDir, 'info', 'grafts'), `${at.commit} ${'0'.repeat(40)}\n`);
    writeFileSync(join(gitDir, 'objects', 'info', 'alternates'), `${at.repository}/.git/objects\n`);
    writeFileSync(join(dir, '.gitattributes'), '* diff=trap merge=trap filter=trap\n');
    writeFileSync(join(dir, 'a.txt'), 'two\n');
    mkdirSync(join(dir, 'nested', '.git'), { recursive: true });
    trapRepository({
      gitDir: join(dir, 'nested/.git'),
      script: trap.script,
      port: listener.port,
      filters: true,
    });
    writeFileSync(join(dir, 'nested', '.git', 'HEAD'), 'ref: refs/heads/main\n');
    writeFileSync(join(dir, 'nested', 'x.txt'), 'x');
    writeFileSync(join(dir, 'git'), `#!/bin/sh\n'${trap.script}' git\n`);
    chmodSync(join(dir, 'git'), 0o755);
    process.env.PATH = `.:${kept.PATH}`;
    const tree = await captureTree();
    expectNothingRan();
    expect(await readGit({ args: ['cat-file', 'blob', `${tree}:a.txt`], cwd: at.mirror.dir })).toBe('two');
    expect(
      snapshot(at.base, [join(at.base, 'ws'), join(at.base, 'mirror.git'), join(at.base, 'trap')]),
    ).toEqual(before);
    // The trap does close when git is asked there without guard.
    rmSync(join(gitDir, 'index'));
    execFileSync('git', ['add', '-A', '--', 'a.txt'], { cwd: dir, stdio: 'ignore' });
    expect(trap.calls().length).toBeGreaterThan(0);
  });

  it('runs nothing that the user’s repository sets, but for the person’s own filters', async () => {
    const to = await commitOfAgent();
    borrowObjects();
    trapRepository({
      gitDir: join(at.repository, '.git'),
      script: trap.script,
      port: listener.port,
      filters: false,
    });
    await doEverything(to);
    expectNothingRan();
  });

  it.runIf(process.getuid?.() === 0)(
    'runs not even filters where the repository is somebody else’s',
    async () => {
      const to = await commitOfAgent();
      trapRepository({
        gitDir: join(at.repository, '.git'),
        script: trap.script,
        port: listener.port,
        filters: true,
      });
      chownSync(at.repository, 65_534, 65_534);
      await doEverything(to);
      expectNothingRan();
    },
  );

  it('hears neither git’s variables nor a person’s global settings for what is not theirs', async () => {
    const to = await commitOfAgent();
    const home = join(at.base, 'home');
    mkdirSync(home);
    const settings = trapSettings({ script: trap.script, port: listener.port, filters: false });
    writeFileSync(join(home, '.gitconfig'), settings.map(([key, value]) => settingText(key, value)).join(''));
    const programs = join(at.base, 'programs');
    mkdirSync(programs);
    for (const name of ['git-upload-pack', 'git-remote-http', 'upload-pack', 'pager'])
      symlinkSync(trap.script, join(programs, name));
    Object.assign(process.env, {
      HOME: home,
      GIT_EXEC_PATH: programs,
      GIT_SSH_COMMAND: trap.script,
      GIT_PROXY_COMMAND: trap.script,
      GIT_EXTERNAL_DIFF: trap.script,
      GIT_PAGER: trap.script,
      PAGER: trap.script,
      GIT_ASKPASS: trap.script,
      GIT_EDITOR: trap.script,
      GIT_TRACE: join(at.base, 'trap', 'called'),
      GIT_TRACE2_EVENT: join(at.base, 'trap', 'called'),
      GIT_DIR: '/nowhere',
      GIT_INDEX_FILE: '/nowhere/index',
      GIT_OBJECT_DIRECTORY: '/nowhere/objects',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.fsmonitor',
      GIT_CONFIG_VALUE_0: trap.script,
      GIT_CONFIG_PARAMETERS: `'core.fsmonitor=${trap.script}'`,
      GIT_ALLOW_PROTOCOL: 'ext:http:file',
    });
    await doEverything(to);
    const { captureTree, dir } = await prepare('w2');
    writeFileSync(join(dir, 'new'), 'x');
    await captureTree();
    expectNothingRan();
    // A person's filters are for their repository, never for a workspace whose attributes ask for them.
    const filters = trapSettings({ script: trap.script, port: listener.port, filters: true });
    writeFileSync(join(home, '.gitconfig'), filters.map(([key, value]) => settingText(key, value)).join(''));
    writeFileSync(join(dir, '.gitattributes'), '* filter=trap\n');
    writeFileSync(join(dir, 'new'), 'y');
    await captureTree();
    expectNothingRan();
  });

  it('shows a diff as it is, even if the mirror itself named a program for it', async () => {
    const to = await commitOfAgent();
    mkdirSync(join(at.mirror.dir, 'info'), { recursive: true });
    writeFileSync(join(at.mirror.dir, 'info/attributes'), '* diff=trap\n');
    for (const key of ['diff.external', 'diff.trap.command', 'diff.trap.textconv']) {
      execFileSync('git', ['--git-dir', at.mirror.dir, 'config', key, trap.script]);
    }
    expect(await at.mirror.diff(at.commit, to)).toContain('+two');
    expectNothingRan();
  });

  it('opens no transport but the local one: ext, ssh, http and helpers are refused', async () => {
    const addresses = [
      `ext::${trap.script} %S`,
      `http://127.0.0.1:${listener.port}/x`,
      `git://127.0.0.1:${listener.port}/x`,
      'ssh://x/y',
    ];
    for (const address of addresses) {
      const args = ['-c', 'protocol.ext.allow=always', 'fetch', address];
      const request = { args: args.slice(2), cwd: at.repository, answers: [1, 128] };
      const { exitCode, stderr } = await runGit(request);
      expect([address, exitCode]).not.toEqual([address, 0]);
      expect(stderr).toMatch(/not allowed/);
    }
    expectNothingRan();
  });
});

describe('the history that is imported', () => {
  it('is the real one: neither replaced nor grafted, and whole without what it was borrowed from', async () => {
    const first = at.commit;
    const second = await commitFiles({ 'a.txt': 'second\n' });
    const forged = git('commit-tree', `${first}^{tree}`, '-m', 'forged');
    git('replace', second, forged);
    writeFileSync(join(at.repository, '.git/info/grafts'), `${second}\n`);
    const borrowed = join(at.base, 'borrowed');
    execFileSync('git', ['clone', '-q', '--shared', at.repository, borrowed], { stdio: 'ignore' });
    for (const repository of [at.repository, borrowed]) {
      const dir = join(at.base, `mirror-${repository.length}.git`);
      const { openMirror } = await import('../../src/git/open-mirror.ts');
      const mirror = await openMirror(dir);
      expect(await mirror.importBranch(repository, 'main')).toBe(second);
      expect(await mirror.show(second, 'a.txt')).toBe('second\n');
      const log = await readGit({ args: ['rev-list', second], cwd: dir, gitDir: dir });
      expect(log.split('\n')).toEqual([second, first]);
      expect(readdirSync(join(dir, 'objects/info'))).not.toContain('alternates');
    }
  });

  it('is not taken from a repository that says its files are elsewhere', async () => {
    const elsewhere = join(at.base, 'elsewhere');
    mkdirSync(elsewhere);
    git('config', 'core.worktree', elsewhere);
    await expect(inspectRepository(at.repository)).rejects.toMatchObject({
      code: 'not_a_repository',
      exitCode: 2,
    });
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it('is refused at check-out where a tree names .git or climbs out, and nothing is written there', async () => {
    const blob = git('hash-object', '-w', 'a.txt');
    const before = snapshot(at.base, [
      join(at.base, 'ws'),
      join(at.base, 'mirror.git'),
      join(at.base, 'repo'),
    ]);
    for (const name of ['.git', '..', '.GIT', 'git~1', '.g\u200cit']) {
      const inner = execFileSync('git', ['mktree'], {
        cwd: at.repository,
        input: `100644 blob ${blob}\tconfig\n`,
        encoding: 'utf8',
      }).trim();
      const entry = Buffer.concat([Buffer.from(`40000 ${name}\0`), Buffer.from(inner, 'hex')]);
      const options = ['hash-object', '-t', 'tree', '-w', '--stdin', '--literally'];
      const tree = execFileSync('git', options, {
        cwd: at.repository,
        input: entry,
        encoding: 'utf8',
      }).trim();
      git('update-ref', 'refs/heads/main', git('commit-tree', tree, '-m', 'hostile'));
      at.commit = await at.mirror.importBranch(at.repository, 'main');
      await expect(prepare('w9')).rejects.toMatchObject({
        code: 'git_failed',
        message: expect.stringMatching(/invalid path/),
      });
    }
    expect(
      snapshot(at.base, [join(at.base, 'ws'), join(at.base, 'mirror.git'), join(at.base, 'repo')]),
    ).toEqual(before);
  });
});
