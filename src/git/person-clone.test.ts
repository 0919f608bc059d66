/** The clone that a person works in: made whole, pushed from nowhere, and read without running anything that it names. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRepository } from './create-repository.ts';
import { fetchCommit } from './fetch-commit.ts';
import { inspectClone } from './inspect-clone.ts';
import { makeClone } from './make-clone.ts';
import type { Mirror } from './mirror.ts';
import { openMirror } from './open-mirror.ts';
import { readGit, runGit } from './run-git.ts';

let root: string;
let mirror: Mirror;
let handedOut: string;
beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'mesh-person-clone-'));
  const repository = path.join(root, 'repository');
  await createRepository(repository, {
    branch: 'main',
    message: 'Start',
    authorName: 'Tess',
    authorEmail: 'tess@example.invalid',
    files: { 'a.txt': 'a\n', '.gitattributes': '*.txt filter=evil diff=evil\n' },
  });
  mirror = await openMirror(path.join(root, 'mirror.git'));
  handedOut = await mirror.importBranch(repository, 'main');
  await mirror.moveRef('refs/heads/mesh/3', null, handedOut);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const folderOf = () => path.join(root, 'shop-item-3');

async function clone(folder = folderOf()): Promise<string> {
  await makeClone({
    mirrorDir: mirror.dir,
    folder,
    branch: 'mesh/3',
    commit: handedOut,
    others: { 'unfinished/build/developer': handedOut },
    remotes: { main: 'refs/imported/main' },
    pushNotice: '/dev/null/use-handback',
    notes: { 'TAKEOVER.md': 'what to do\n' },
  });
  return folder;
}

/** As the person's own git would, but for the hardening that the test's canaries must not need. */
function gitIn(folder: string, ...args: string[]): Promise<string> {
  const identity = ['-c', 'user.name=Tess', '-c', 'user.email=tess@example.invalid'];
  return readGit({ cwd: folder, args: [...identity, ...args] });
}

async function commitFile(folder: string, file: string): Promise<string> {
  writeFileSync(path.join(folder, file), 'new\n');
  await gitIn(folder, 'add', '-A');
  await gitIn(folder, 'commit', '-q', '-m', file);
  return gitIn(folder, 'rev-parse', 'HEAD');
}

const fetch = (folder: string, commit: string) =>
  fetchCommit({
    mirrorDir: mirror.dir,
    folder,
    branch: 'mesh/3',
    commit,
    ref: `refs/meshwright/handed-back/3/${commit}`,
  });

describe('making it', () => {
  test('leaves an ordinary clone on its branch, which shares nothing with the mirror', async () => {
    const folder = await clone();
    expect(await gitIn(folder, 'symbolic-ref', '--short', 'HEAD')).toBe('mesh/3');
    expect(await gitIn(folder, 'status', '--porcelain')).toBe('');
    expect(await gitIn(folder, 'rev-parse', 'unfinished/build/developer', 'meshwright/main')).toBe(
      `${handedOut}\n${handedOut}`,
    );
    expect(existsSync(path.join(folder, '.git/objects/info/alternates'))).toBe(false);
    expect(existsSync(path.join(folder, '.git/hooks'))).toBe(false);
    expect(readdirSync(root).filter((name) => name.startsWith('shop-item-3'))).toEqual(['shop-item-3']);
  });

  test('gives it nothing to push to', async () => {
    const folder = await clone();
    await commitFile(folder, 'b.txt');
    const pushed = await runGit({ cwd: folder, args: ['push', 'meshwright', 'mesh/3'], answers: [128] });
    expect([pushed.exitCode, pushed.stderr]).toEqual([128, expect.stringContaining('use-handback')]);
    expect(await mirror.resolve('refs/heads/mesh/3')).toBe(handedOut);
  });

  test('takes no folder in which there is something, and leaves nothing behind', async () => {
    mkdirSync(folderOf());
    await clone();
    await expect(clone()).rejects.toMatchObject({ code: 'folder_not_empty', exitCode: 2 });
    const file = path.join(root, 'file');
    writeFileSync(file, '');
    await expect(clone(file)).rejects.toMatchObject({ code: 'folder_not_empty' });
    handedOut = 'f'.repeat(40);
    await expect(clone(path.join(root, 'other'))).rejects.toMatchObject({ code: 'git_failed' });
    expect(readdirSync(root).sort()).toEqual(['file', 'mirror.git', 'repository', 'shop-item-3']);
  });
});

describe('reading it', () => {
  test('tells what is committed, what is not, and what is checked out', async () => {
    const folder = await clone();
    const commit = await commitFile(folder, 'b.txt');
    expect(await inspectClone(folder, 'mesh/3')).toEqual({ checkedOut: 'mesh/3', commit, dirtyFiles: [] });
    writeFileSync(path.join(folder, 'a.txt'), 'changed\n');
    writeFileSync(path.join(folder, 'c.txt'), 'untracked\n');
    await gitIn(folder, 'switch', '-q', '--detach');
    expect(await inspectClone(folder, 'mesh/3')).toEqual({
      checkedOut: null,
      commit,
      dirtyFiles: ['a.txt', 'c.txt'],
    });
    expect(await inspectClone(folder, 'mesh/4')).toMatchObject({ commit: null });
  });

  test('believes no git folder that is elsewhere, and no work tree that is', async () => {
    const folder = await clone();
    const other = path.join(root, 'other');
    mkdirSync(other);
    symlinkSync(path.join(folder, '.git'), path.join(other, '.git'));
    await expect(inspectClone(other, 'mesh/3')).rejects.toMatchObject({ code: 'not_a_repository' });
    await expect(inspectClone(path.join(root, 'none'), 'mesh/3')).rejects.toMatchObject({ exitCode: 2 });
    await gitIn(folder, 'config', 'core.worktree', path.join(root, 'repository'));
    writeFileSync(path.join(folder, 'a.txt'), 'changed\n');
    expect((await inspectClone(folder, 'mesh/3')).dirtyFiles).toEqual(['a.txt']);
  });

  test('runs nothing that its settings and hooks name, while it is looked at and fetched from', async () => {
    const folder = await clone();
    const commit = await commitFile(folder, 'b.txt');
    const canary = path.join(root, 'canary');
    const program = path.join(root, 'evil.sh');
    writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> ${canary}\ncat\n`);
    chmodSync(program, 0o755);
    const hooks = path.join(folder, '.git/hooks');
    mkdirSync(hooks);
    for (const name of ['post-index-change', 'reference-transaction', 'pre-upload', 'post-checkout'])
      symlinkSync(program, path.join(hooks, name));
    const settings: Record<string, string> = {
      'core.fsmonitor': program,
      'core.hooksPath': hooks,
      'core.alternateRefsCommand': program,
      'core.sshCommand': program,
      'diff.external': program,
      'diff.evil.textconv': program,
      'filter.evil.clean': program,
      'filter.evil.smudge': program,
      'filter.evil.process': program,
      'filter.evil.required': 'true',
      'uploadpack.packObjectsHook': program,
      'credential.helper': program,
    };
    for (const [name, value] of Object.entries(settings)) await gitIn(folder, 'config', name, value);
    await gitIn(folder, 'config', 'extensions.worktreeConfig', 'true');
    await gitIn(folder, 'config', '--worktree', 'filter.evil2.clean', program);
    mkdirSync(path.join(folder, '.git/info'));
    writeFileSync(path.join(folder, '.git/info/attributes'), 'b.txt filter=evil2\n');
    // Same size, other time: git must read the file, and would filter it, to know that it did not change.
    writeFileSync(path.join(folder, 'a.txt'), 'a\n');
    writeFileSync(path.join(folder, 'b.txt'), 'NEW\n');
    writeFileSync(path.join(folder, 'c.md'), 'c\n');
    expect((await inspectClone(folder, 'mesh/3')).dirtyFiles).toEqual(['b.txt', 'c.md']);
    await fetch(folder, commit);
    expect(existsSync(canary)).toBe(false);
    expect(await mirror.show(commit, 'b.txt')).toBe('new\n');
  });
});

describe('fetching from it', () => {
  test('takes the one branch and moves none of the mirror’s own', async () => {
    const folder = await clone();
    const commit = await commitFile(folder, 'b.txt');
    await gitIn(folder, 'tag', 'v1');
    await gitIn(folder, 'branch', 'other');
    const before = await readGit({ cwd: mirror.dir, gitDir: mirror.dir, args: ['for-each-ref'] });
    await fetch(folder, commit);
    const after = await readGit({ cwd: mirror.dir, gitDir: mirror.dir, args: ['for-each-ref'] });
    const added = after.split('\n').filter((line) => !before.split('\n').includes(line));
    expect(added).toEqual([`${commit} commit\trefs/meshwright/handed-back/3/${commit}`]);
    expect(await mirror.isDescendant(commit, handedOut)).toBe(true);
    expect(await mirror.isDescendant(handedOut, commit)).toBe(false);
  });

  test('is refused when the branch moved since it was looked at', async () => {
    const folder = await clone();
    await commitFile(folder, 'b.txt');
    await expect(fetch(folder, handedOut)).rejects.toMatchObject({ code: 'branch_moved' });
  });

  test('refuses what git itself calls dangerous: a tree with a .git folder in it', async () => {
    const folder = await clone();
    const blob = await readGit({ cwd: folder, args: ['hash-object', '-w', '--stdin'], stdin: 'evil' });
    const inner = await readGit({ cwd: folder, args: ['mktree'], stdin: `100644 blob ${blob}\tconfig\n` });
    const tree = await readGit({ cwd: folder, args: ['mktree'], stdin: `040000 tree ${inner}\t.GIT\n` });
    const commit = await gitIn(folder, 'commit-tree', '-p', handedOut, '-m', 'x', tree);
    await gitIn(folder, 'update-ref', 'refs/heads/mesh/3', commit);
    await expect(fetch(folder, commit)).rejects.toMatchObject({ code: 'git_failed' });
    expect(await mirror.resolve(`refs/meshwright/handed-back/3/${commit}`)).toBeNull();
  });
});
