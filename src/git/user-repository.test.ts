import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advanceBranch } from './advance-branch.ts';
import type { Mirror } from './mirror.ts';
import { openMirror } from './open-mirror.ts';
import { runGit } from './run-git.ts';
import { inspectRepository } from './user-repository.ts';

let base: string;
let repository: string;
let mirror: Mirror;
let from: string;

async function git(...args: string[]): Promise<string> {
  return gitIn(repository, ...args);
}

async function gitIn(cwd: string, ...args: string[]): Promise<string> {
  const config = ['user.name=Ada', 'user.email=ada@example.org'];
  return (await runGit({ args, cwd, config })).stdout.toString('utf8').trim();
}

async function commitAll(message: string): Promise<string> {
  await git('add', '-A');
  await git('commit', '-q', '-m', message);
  return git('rev-parse', 'HEAD');
}

/** A commit on `from` made in the mirror, with `files` changed (null: removed). */
async function commitInMirror(files: Record<string, string | null>): Promise<string> {
  const at = { cwd: mirror.dir, gitDir: mirror.dir, indexFile: join(base, 'index') };
  await runGit({ ...at, args: ['read-tree', from] });
  for (const [path, content] of Object.entries(files)) {
    if (content === null) {
      await runGit({ ...at, workTree: base, args: ['update-index', '--force-remove', path] });
      continue;
    }
    const blob = await runGit({ ...at, args: ['hash-object', '-w', '--stdin'], stdin: content });
    const entry = `100644,${blob.stdout.toString().trim()},${path}`;
    await runGit({ ...at, args: ['update-index', '--add', '--replace', '--cacheinfo', entry] });
  }
  const tree = (await runGit({ ...at, args: ['write-tree'] })).stdout.toString().trim();
  const author = { authorName: 'Meshwright', authorEmail: 'm@example.org', at: 1_700_000_000_000 };
  return mirror.commitTree({ tree, parents: [from], message: 'Work', trailers: {}, ...author });
}

function advance(to: string, branch = 'main') {
  return advanceBranch({ repository, mirrorDir: mirror.dir, branch, from, to });
}

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'mw-user-'));
  repository = join(base, 'repo');
  await mkdir(repository);
  await git('init', '-q', '-b', 'main');
  await writeFile(join(repository, 'a.txt'), 'one\n');
  await writeFile(join(repository, 'b.txt'), 'bee\n');
  await writeFile(join(repository, '.gitignore'), 'ignored.txt\n');
  from = await commitAll('first');
  mirror = await openMirror(join(base, 'mirror.git'));
  await mirror.importBranch(repository, 'main');
});
afterEach(() => rm(base, { recursive: true, force: true }));

describe('inspectRepository', () => {
  it('tells branch, head and a clean tree from a folder inside', async () => {
    await mkdir(join(repository, 'sub'));
    const facts = await inspectRepository(join(repository, 'sub'));
    expect(facts).toMatchObject({
      branch: 'main',
      head: from,
      isClean: true,
      dirtyFiles: [],
      isShallow: false,
    });
    expect(facts.gitDir).toBe(join(facts.root, '.git'));
  });

  it('counts untracked files as dirty, ignored ones not, and shows five', async () => {
    await writeFile(join(repository, 'ignored.txt'), 'x');
    expect((await inspectRepository(repository)).isClean).toBe(true);
    for (let n = 0; n < 7; n += 1) await writeFile(join(repository, `new file ${n}`), 'x');
    const facts = await inspectRepository(repository);
    expect(facts).toMatchObject({ isClean: false, dirtyCount: 7 });
    expect(facts.dirtyFiles).toEqual([0, 1, 2, 3, 4].map((n) => `new file ${n}`));
  });

  it('knows a detached head', async () => {
    await git('checkout', '-q', '--detach');
    expect(await inspectRepository(repository)).toMatchObject({ branch: null, head: from });
  });

  it('refuses what is no repository, an empty one and a bare one, with exit code 2', async () => {
    const plain = join(base, 'plain');
    await mkdir(plain);
    await expect(inspectRepository(plain)).rejects.toMatchObject({ code: 'not_a_repository', exitCode: 2 });
    await expect(inspectRepository(join(base, 'none'))).rejects.toMatchObject({ code: 'not_a_repository' });
    await expect(inspectRepository(mirror.dir)).rejects.toThrow(/bare/);
    await gitIn(plain, 'init', '-q', '-b', 'main');
    await expect(inspectRepository(plain)).rejects.toMatchObject({ code: 'empty_repository', exitCode: 2 });
    expect(await inspectRepository(plain, { allowEmpty: true })).toMatchObject({
      head: null,
      branch: 'main',
    });
  });

  it('runs no fsmonitor of the repository', async () => {
    const mark = join(base, 'ran');
    await writeFile(join(base, 'monitor'), `#!/bin/sh\ntouch ${mark}\n`);
    await chmod(join(base, 'monitor'), 0o755);
    await git('config', 'core.fsmonitor', join(base, 'monitor'));
    await inspectRepository(repository);
    await expect(readFile(mark)).rejects.toThrow();
  });
});

describe('advanceBranch', () => {
  it('updates the files together with a branch that is checked out, and leaves git status clean', async () => {
    const to = await commitInMirror({ 'a.txt': 'two\n', 'new/deep.txt': 'n\n', 'b.txt': null });
    expect(await advance(to)).toBe('advanced');
    expect(await git('rev-parse', 'main')).toBe(to);
    expect(await readFile(join(repository, 'a.txt'), 'utf8')).toBe('two\n');
    expect(await git('status', '--porcelain')).toBe('');
    expect(await git('fsck', '--no-progress')).toBe('');
    expect(await advance(to)).toBe('advanced');
  });

  it('touches no file when another branch is checked out', async () => {
    await git('checkout', '-q', '-b', 'mine');
    const to = await commitInMirror({ 'a.txt': 'two\n' });
    expect(await advance(to)).toBe('advanced');
    expect(await git('rev-parse', 'main')).toBe(to);
    expect(await readFile(join(repository, 'a.txt'), 'utf8')).toBe('one\n');
    expect(await git('status', '--porcelain')).toBe('');
  });

  it('refuses a tree with changes, staged or not, and keeps them', async () => {
    const to = await commitInMirror({ 'a.txt': 'two\n' });
    await writeFile(join(repository, 'b.txt'), 'mine\n');
    expect(await advance(to)).toBe('dirty');
    await git('add', '-A');
    expect(await advance(to)).toBe('dirty');
    expect(await readFile(join(repository, 'b.txt'), 'utf8')).toBe('mine\n');
    expect(await git('rev-parse', 'main')).toBe(from);
  });

  it('waits for another git command in the tree, and takes a lock that stays for a busy tree', async () => {
    const to = await commitInMirror({ 'a.txt': 'two\n' });
    const lock = join(repository, '.git', 'index.lock');
    await writeFile(lock, '');
    expect(await advance(to)).toBe('dirty');
    expect(await git('rev-parse', 'main')).toBe(from);
    setTimeout(() => void rm(lock), 300);
    expect(await advance(to)).toBe('advanced');
    expect(await git('status', '--porcelain')).toBe('');
  });

  it('refuses to overwrite untracked and ignored files, and lets the others be', async () => {
    await writeFile(join(repository, 'other.txt'), 'mine\n');
    await writeFile(join(repository, 'ignored.txt'), 'mine\n');
    await writeFile(join(repository, 'wall'), 'mine\n');
    for (const path of ['ignored.txt', 'other.txt', 'wall/inside.txt']) {
      expect(await advance(await commitInMirror({ [path]: 'theirs\n' }))).toBe('dirty');
    }
    expect(await readFile(join(repository, 'ignored.txt'), 'utf8')).toBe('mine\n');
    expect(await advance(await commitInMirror({ 'a.txt': 'two\n' }))).toBe('advanced');
    expect(await readFile(join(repository, 'other.txt'), 'utf8')).toBe('mine\n');
  });

  it('turns a file into a folder', async () => {
    expect(await advance(await commitInMirror({ 'b.txt': null, 'b.txt/x': 'x\n' }))).toBe('advanced');
    expect(await readFile(join(repository, 'b.txt/x'), 'utf8')).toBe('x\n');
    expect(await git('status', '--porcelain')).toBe('');
  });

  it('reports a branch that moved meanwhile and changes nothing', async () => {
    const to = await commitInMirror({ 'a.txt': 'two\n' });
    await writeFile(join(repository, 'c.txt'), 'c\n');
    const theirs = await commitAll('theirs');
    expect(await advance(to)).toBe('moved');
    expect(await git('rev-parse', 'main')).toBe(theirs);
    expect(await git('status', '--porcelain')).toBe('');
  });

  it('advances a linked worktree that has the branch, and not one that is dirty', async () => {
    await git('checkout', '-q', '-b', 'mine');
    const linked = join(base, 'linked');
    await git('worktree', 'add', '-q', linked, 'main');
    const to = await commitInMirror({ 'a.txt': 'two\n' });
    await writeFile(join(linked, 'b.txt'), 'mine\n');
    expect(await advance(to)).toBe('dirty');
    await writeFile(join(linked, 'b.txt'), 'bee\n');
    expect(await advance(to)).toBe('advanced');
    expect(await readFile(join(linked, 'a.txt'), 'utf8')).toBe('two\n');
    expect(await gitIn(linked, 'status', '--porcelain')).toBe('');
    expect(await readFile(join(repository, 'a.txt'), 'utf8')).toBe('one\n');
  });

  it('leaves a branch alone that is being rebased or merged', async () => {
    await git('checkout', '-q', '-b', 'side');
    await writeFile(join(repository, 'a.txt'), 'side\n');
    await commitAll('side');
    await git('checkout', '-q', 'main');
    await git('merge', '-q', '--no-ff', '--no-commit', '-s', 'ours', 'side');
    expect(await git('status', '--porcelain')).toBe('');
    expect(await advance(await commitInMirror({ 'b.txt': 'two\n' }))).toBe('dirty');
  });

  it('finishes what an attempt began that died after the files', async () => {
    const to = await commitInMirror({ 'a.txt': 'two\n' });
    await git('fetch', '-q', mirror.dir, to);
    await git('read-tree', '-m', '-u', from, to);
    expect(await advance(to)).toBe('advanced');
    expect(await git('status', '--porcelain')).toBe('');
  });

  it('puts the files back when the ref cannot be moved from where it was', async () => {
    const to = await commitInMirror({ 'a.txt': 'two\n' });
    // The checkout itself moves the branch, through a filter of the person: the swap that follows must lose.
    await git('branch', 'elsewhere', (await commitInMirrorAndFetch({ 'z.txt': 'z\n' })) ?? from);
    await writeFile(join(repository, '.git/info/attributes'), 'a.txt filter=race\n');
    await git('config', 'filter.race.smudge', 'cat; git update-ref refs/heads/main refs/heads/elsewhere');
    expect(await advance(to)).toBe('moved');
    expect(await git('rev-parse', 'main')).toBe(await git('rev-parse', 'elsewhere'));
    expect(await readFile(join(repository, 'a.txt'), 'utf8')).toBe('one\n');
  });

  async function commitInMirrorAndFetch(files: Record<string, string | null>): Promise<string> {
    const commit = await commitInMirror(files);
    await git('fetch', '-q', mirror.dir, commit);
    return commit;
  }

  it('runs no hook of the repository', async () => {
    const mark = join(base, 'ran');
    for (const hook of ['post-checkout', 'reference-transaction', 'post-index-change', 'post-merge']) {
      await writeFile(join(repository, '.git/hooks', hook), `#!/bin/sh\ntouch ${mark}\n`).catch(async () => {
        await mkdir(join(repository, '.git/hooks'), { recursive: true });
        await writeFile(join(repository, '.git/hooks', hook), `#!/bin/sh\ntouch ${mark}\n`);
      });
      await chmod(join(repository, '.git/hooks', hook), 0o755);
    }
    expect(await advance(await commitInMirror({ 'a.txt': 'two\n' }))).toBe('advanced');
    await expect(readFile(mark)).rejects.toThrow();
  });

  it('works for a shallow repository, and follows no symbolic link out of the tree', async () => {
    await writeFile(join(repository, 'c.txt'), 'c\n');
    from = await commitAll('second');
    const shallow = join(base, 'shallow');
    await git('clone', '-q', '--depth', '1', `file://${repository}`, shallow);
    const other = await openMirror(join(base, 'other.git'));
    expect(await other.importBranch(shallow, 'main')).toBe(from);
    mirror = other;
    repository = shallow;
    expect((await inspectRepository(shallow)).isShallow).toBe(true);
    await symlink(base, join(shallow, 'out'));
    expect(await advance(await commitInMirror({ 'out/x.txt': 'x\n' }))).toBe('dirty');
    const to = await commitInMirror({ 'a.txt': 'two\n' });
    expect(await advance(to)).toBe('advanced');
    expect(await readFile(join(shallow, 'a.txt'), 'utf8')).toBe('two\n');
  });
});
