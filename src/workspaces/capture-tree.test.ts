import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listGit } from '../git/run-git.ts';

import {
  at,
  commitFiles,
  contentOf,
  filesOf,
  git,
  prepare,
  useWorkspaceBench,
} from './workspace-bench-contract.ts';

useWorkspaceBench();

describe('captureTree', () => {
  it('takes new, changed, removed, renamed, executable and linked files, and leaves ignored ones out', async () => {
    const { dir, captureTree } = await prepare('w1');
    writeFileSync(join(dir, 'a.txt'), 'two\n');
    rmSync(join(dir, 'src/b.txt'));
    writeFileSync(join(dir, 'src/ü "new".sh'), '#!/bin/sh\n');
    chmodSync(join(dir, 'src/ü "new".sh'), 0o755);
    symlinkSync('a.txt', join(dir, 'link'));
    mkdirSync(join(dir, 'ignored'));
    writeFileSync(join(dir, 'ignored/x'), 'x');
    writeFileSync(join(dir, 'x.log'), 'x');
    const tree = await captureTree();
    const list = await listGit({ args: ['ls-tree', '-r', '-z', tree], cwd: at.mirror.dir });
    expect(list.map((line) => line.replace(/ blob [0-9a-f]+\t/, ' '))).toEqual([
      '100644 .gitignore',
      '100644 a.txt',
      '120000 link',
      '100644 lock',
      '100755 src/ü "new".sh',
    ]);
    expect(await contentOf(tree, 'link')).toBe('a.txt');
    expect(await contentOf(tree, 'a.txt')).toBe('two');
    writeFileSync(join(dir, 'a.txt'), 'one\n');
    expect(await contentOf(await captureTree(), 'a.txt')).toBe('one');
  });

  it('leaves out a place for a file that was made for the agent and is still empty, and takes it once it is used', async () => {
    const { dir, captureTree } = await prepare('w1');
    for (const name of ['place.md', 'other.md', 'a.txt']) writeFileSync(join(dir, name), '');
    const emptyPlaces = ['place.md', 'a.txt'];
    const tree = await captureTree({ emptyPlaces });
    expect(await filesOf(tree)).not.toContain('place.md');
    expect(await filesOf(tree)).toContain('other.md');
    expect(await contentOf(tree, 'a.txt')).toBe('');
    writeFileSync(join(dir, 'place.md'), 'used\n');
    expect(await contentOf(await captureTree({ emptyPlaces }), 'place.md')).toBe('used');
  });

  it('leaves out half a file that a killed cell was writing', async () => {
    const { dir, captureTree } = await prepare('w1');
    mkdirSync(join(dir, 'src/nested/.git'), { recursive: true });
    for (const folder of ['', 'src/', 'src/nested/']) {
      writeFileSync(join(dir, `${folder}.meshwright-0123456789ab.draft`), 'half a li');
    }
    expect((await filesOf(await captureTree())).filter((file) => file.includes('draft'))).toEqual([]);
  });

  it('takes files that became folders and folders that became files or links', async () => {
    const { dir, captureTree } = await prepare('w1');
    rmSync(join(dir, 'a.txt'));
    mkdirSync(join(dir, 'a.txt'));
    writeFileSync(join(dir, 'a.txt/inner'), 'x');
    rmSync(join(dir, 'src'), { recursive: true });
    symlinkSync('a.txt', join(dir, 'src'));
    expect(await filesOf(await captureTree())).toEqual(['.gitignore', 'a.txt/inner', 'lock', 'src']);
    rmSync(join(dir, 'src'));
    writeFileSync(join(dir, 'src'), 'file');
    expect(await filesOf(await captureTree())).toEqual(['.gitignore', 'a.txt/inner', 'lock', 'src']);
  });

  it('runs nothing of what the agent put into its git: hooks, fsmonitor, filters, editors', async () => {
    const { dir, captureTree } = await prepare('w1');
    const mark = join(at.base, 'ran');
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
    writeFileSync(join(dir, '.git'), `gitdir: ${join(at.repository, '.git')}\n`);
    expect(await captureTree()).toBe(tree);
    rmSync(join(dir, '.git'));
    symlinkSync(join(at.repository, '.git'), join(dir, '.git'));
    expect(await captureTree()).toBe(tree);
    expect(await filesOf(tree)).toContain('new');
  });

  it('takes nested repositories as plain folders, never as links, and never starts git inside', async () => {
    const { dir, captureTree } = await prepare('w1');
    const mark = join(at.base, 'ran');
    const monitor = join(at.base, 'monitor');
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

  it('keeps the links to other repositories that the at.commit has, and never starts git behind them', async () => {
    const other = await commitFiles({ 'z.txt': 'z' });
    git('update-index', '--add', '--cacheinfo', `160000,${other},module`);
    git('commit', '-q', '-m', 'module');
    at.commit = await at.mirror.importBranch(at.repository, 'main');
    const { dir, captureTree } = await prepare('w1');
    const mark = join(at.base, 'ran');
    writeFileSync(join(at.base, 'monitor'), `#!/bin/sh\ntouch ${mark}\n`);
    chmodSync(join(at.base, 'monitor'), 0o755);
    execFileSync('git', ['init', '-q'], { cwd: join(dir, 'module') });
    execFileSync('git', ['fetch', '-q', at.repository, other], { cwd: join(dir, 'module') });
    execFileSync('git', ['checkout', '-q', other], { cwd: join(dir, 'module') });
    execFileSync('git', ['config', 'core.fsmonitor', join(at.base, 'monitor')], { cwd: join(dir, 'module') });
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
