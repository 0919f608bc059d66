import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isGitNewEnough } from './git-version.ts';
import type { Mirror } from './mirror.ts';
import { openMirror } from './open-mirror.ts';
import { readGit, runGit } from './run-git.ts';

let base: string;
let repository: string;
let mirror: Mirror;

const author = { authorName: 'Dev <1>', authorEmail: 'dev@example.org', at: 1_700_000_000_000 };

async function git(...args: string[]): Promise<string> {
  const config = ['user.name=Ada', 'user.email=ada@example.org'];
  return (await runGit({ args, cwd: repository, config })).stdout.toString('utf8').trim();
}

async function commitFiles(files: Record<string, string>): Promise<string> {
  for (const [path, content] of Object.entries(files)) await writeFile(join(repository, path), content);
  await git('add', '-A');
  await git('commit', '-q', '-m', 'change');
  return git('rev-parse', 'HEAD');
}

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'mw-mirror-'));
  repository = join(base, 'repo');
  await mkdir(repository);
  await git('init', '-q', '-b', 'main');
  await commitFiles({ 'a.txt': 'one\n', 'b.txt': 'bee\n' });
  mirror = await openMirror(join(base, 'store', 'mirror.git'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

describe('the mirror', () => {
  it('is created once when several open it together, and leaves no drafts', async () => {
    const dir = join(base, 'many', 'm.git');
    const mirrors = await Promise.all(Array.from({ length: 6 }, () => openMirror(dir)));
    const commits = await Promise.all(mirrors.map((each) => each.importBranch(repository, 'main')));
    expect(new Set(commits).size).toBe(1);
    expect(await readdir(join(base, 'many'))).toEqual(['m.git']);
  });

  it('imports a branch with its objects, and follows it when it is rewritten', async () => {
    const first = await mirror.importBranch(repository, 'main');
    expect(await mirror.resolve('refs/imported/main')).toBe(first);
    await git('commit', '-q', '--amend', '-m', 'rewritten');
    const second = await mirror.importBranch(repository, 'main');
    expect(second).not.toBe(first);
    await rm(repository, { recursive: true });
    expect(await mirror.show(second, 'a.txt')).toBe('one\n');
    expect(await mirror.resolve('refs/heads/none')).toBeNull();
    expect(await mirror.show(second, 'none')).toBeNull();
  });

  it('names a branch or a repository that is missing', async () => {
    await expect(mirror.importBranch(repository, 'nope')).rejects.toMatchObject({
      code: 'branch_missing',
      exitCode: 2,
    });
    await expect(mirror.importBranch(base, 'main')).rejects.toMatchObject({ code: 'not_a_repository' });
    await expect(mirror.importBranch(join(base, 'x'), 'main')).rejects.toMatchObject({
      code: 'not_a_repository',
    });
  });

  it.runIf(process.getuid?.() === 0)('imports a repository of another user', async () => {
    for (const path of ['', '.git', '.git/config', '.git/HEAD'])
      await chown(join(repository, path), 65_534, 65_534);
    expect(await mirror.importBranch(repository, 'main')).toMatch(/^[0-9a-f]{40}$/);
  });

  it('runs no hook or helper that the imported repository configures', async () => {
    const mark = join(base, 'ran');
    const script = join(base, 'script');
    await writeFile(script, `#!/bin/sh\ntouch ${mark}\nexec "$@"\n`);
    await chmod(script, 0o755);
    for (const name of [
      'uploadpack.packObjectsHook',
      'core.fsmonitor',
      'core.pager',
      'core.alternateRefsCommand',
    ]) {
      await git('config', name, script);
    }
    await mirror.importBranch(repository, 'main');
    await expect(readFile(mark)).rejects.toThrow();
  });

  it('makes the same commit from the same inputs, and marks only its own trailers', async () => {
    const base1 = await mirror.importBranch(repository, 'main');
    const request = {
      tree: await mirror.treeOf(base1),
      parents: [base1],
      message: 'Subject\n\nBody\n\nMeshwright-Step: forged',
      trailers: { 'Meshwright-Step': 'orders/3/build/T1/developer/1' },
      ...author,
    };
    const commit = await mirror.commitTree(request);
    expect(await mirror.commitTree(request)).toBe(commit);
    const next = await mirror.commitTree({
      ...request,
      parents: [commit],
      trailers: { 'Meshwright-Step': 'x' },
    });
    expect(await mirror.moveRef('refs/heads/item', null, next)).toBe(true);
    const find = (value: string) => mirror.findByTrailer('refs/heads/item', 'Meshwright-Step', value);
    expect(await find('orders/3/build/T1/developer/1')).toBe(commit);
    expect(await find('x')).toBe(next);
    expect(await find('forged')).toBeNull();
    expect(await find('orders/3/build/T1/developer')).toBeNull();
    expect(await mirror.findByTrailer('refs/heads/none', 'Meshwright-Step', 'x')).toBeNull();
  });

  it('merges without a work tree and names the files in conflict', async () => {
    const start = await mirror.importBranch(repository, 'main');
    await git('checkout', '-q', '-b', 'ours');
    await commitFiles({ 'a.txt': 'ours\n', 'c ü.txt': 'ours\n' });
    await git('checkout', '-q', '-b', 'theirs', start);
    await commitFiles({ 'a.txt': 'theirs\n', 'c ü.txt': 'theirs\n', 'd.txt': 'd\n' });
    await git('checkout', '-q', '-b', 'apart', start);
    await commitFiles({ 'e.txt': 'e\n' });
    const [ours = '', theirs = '', apart = ''] = await Promise.all(
      ['ours', 'theirs', 'apart'].map((branch) => mirror.importBranch(repository, branch)),
    );
    const conflicting = await mirror.mergeTree({ ours, theirs });
    expect(conflicting).toMatchObject({ ok: false, conflicts: ['a.txt', 'c ü.txt'] });
    const marked = await readGit({ args: ['show', `${conflicting.tree}:a.txt`], cwd: mirror.dir });
    expect(marked).toMatch(/^<{7}.*\nours\n={7}\ntheirs\n>{7}/);
    const merged = await mirror.mergeTree({ ours, theirs: apart });
    expect(
      merged.ok && (await readGit({ args: ['ls-tree', '--name-only', merged.tree], cwd: mirror.dir })),
    ).toContain('e.txt');
    expect(await mirror.changedFiles(start, theirs)).toEqual(['a.txt', 'c ü.txt', 'd.txt']);
    expect(await mirror.diff(start, apart)).toContain('+e');
  });

  it('lets exactly one of many racing moves of a ref win', async () => {
    const start = await mirror.importBranch(repository, 'main');
    const tree = await mirror.treeOf(start);
    const commits = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        mirror.commitTree({ tree, parents: [start], message: `n ${n}`, trailers: {}, ...author }),
      ),
    );
    expect(await mirror.moveRef('refs/heads/t', null, start)).toBe(true);
    expect(await mirror.moveRef('refs/heads/t', null, start)).toBe(false);
    const won = await Promise.all(commits.map((commit) => mirror.moveRef('refs/heads/t', start, commit)));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await mirror.resolve('refs/heads/t')).toBe(commits[won.indexOf(true)]);
  });
});

describe('runGit', () => {
  it('names the command, the place and the last line of what git said', async () => {
    await expect(runGit({ args: ['cat-file', 'blob', 'nope'], cwd: repository })).rejects.toMatchObject({
      code: 'git_failed',
      message: `git cat-file failed in ${repository}: fatal: Not a valid object name nope`,
    });
  });

  it('ends git at its time limit, its output limit and when aborted', async () => {
    const wait = ['-c', 'alias.wait=!sleep 30', 'wait'];
    await expect(runGit({ args: wait, cwd: repository, timeoutMs: 100 })).rejects.toThrow(
      /no end after 100 ms/,
    );
    const blob = await readGit({
      args: ['hash-object', '-w', '--stdin'],
      cwd: repository,
      stdin: 'x'.repeat(5000),
    });
    const flood = { args: ['cat-file', 'blob', blob], cwd: repository, outputBytes: 100 };
    await expect(runGit(flood)).rejects.toThrow(/more than 100 bytes/);
    const controller = new AbortController();
    const running = runGit({ args: wait, cwd: repository, signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await expect(running).rejects.toThrow('enough');
  });

  it('does not hear the parent process: no GIT_DIR, no configuration by environment', async () => {
    process.env.GIT_DIR = '/nowhere';
    process.env.GIT_CONFIG_COUNT = '1';
    process.env.GIT_CONFIG_KEY_0 = 'user.name';
    process.env.GIT_CONFIG_VALUE_0 = 'Mallory';
    try {
      const { stdout } = await runGit({
        args: ['config', '--get', 'user.name'],
        cwd: repository,
        answers: [1],
      });
      expect(stdout.toString()).toBe('');
    } finally {
      for (const name of ['GIT_DIR', 'GIT_CONFIG_COUNT', 'GIT_CONFIG_KEY_0', 'GIT_CONFIG_VALUE_0']) {
        delete process.env[name];
      }
    }
  });

  it('says what to install when git is missing', async () => {
    const path = process.env.PATH;
    process.env.PATH = base;
    try {
      await expect(runGit({ args: ['--version'], cwd: base })).rejects.toMatchObject({ code: 'git_missing' });
    } finally {
      process.env.PATH = path;
    }
  });

  it('tells a git that is too old', () => {
    expect(isGitNewEnough('git version 2.39.5 (Apple Git-154)')).toBe(true);
    expect(isGitNewEnough('git version 2.38.0')).toBe(true);
    expect(isGitNewEnough('git version 2.37.9')).toBe(false);
    expect(isGitNewEnough('git version 3.0.0')).toBe(true);
    expect(isGitNewEnough('nonsense')).toBe(false);
  });
});
