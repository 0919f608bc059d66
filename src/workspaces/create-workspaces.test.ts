import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openMirror } from '../git/open-mirror.ts';

import { at, commitFiles, prepare, useWorkspaceBench } from './workspace-bench-contract.ts';

useWorkspaceBench();

describe('a workspace', () => {
  it('has the files of the at.commit and a git of its own: clean, without remote, sharing the objects', async () => {
    const workspace = await prepare('w1');
    const inside = (...args: string[]) =>
      execFileSync('git', args, { cwd: workspace.dir, encoding: 'utf8' }).trim();
    expect(readFileSync(join(workspace.dir, 'src/b.txt'), 'utf8')).toBe('bee\n');
    expect(inside('status', '--porcelain')).toBe('');
    expect(inside('rev-parse', 'HEAD')).toBe(at.commit);
    expect(inside('log', '--format=%s')).toBe('change');
    expect(inside('remote')).toBe('');
    expect(existsSync(join(workspace.dir, '.git/hooks'))).toBe(false);
    expect(workspace.readable).toEqual([join(at.mirror.dir, 'objects')]);
    expect(await workspace.captureTree()).toBe(await at.mirror.treeOf(at.commit));
  });

  it('is prepared anew over what a process left that died, and only under a plain name', async () => {
    mkdirSync(join(at.base, 'ws/w1/tree'), { recursive: true });
    writeFileSync(join(at.base, 'ws/w1/tree/left'), 'over');
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
    await at.store.emptyTrash();
    expect(readdirSync(join(at.base, 'ws/.trash'))).toEqual([]);
  });

  it('leaves no drafts of set-up results behind, once nobody can be working on them', async () => {
    const drafts = ['0', '1'].map((digit) =>
      join(at.base, 'cache', `.${digit.repeat(40)}.${digit.repeat(12)}`),
    );
    for (const draft of drafts) mkdirSync(join(draft, 'files'), { recursive: true });
    utimesSync(drafts[0] ?? '', 0, 0);
    await at.store.emptyTrash();
    expect(drafts.map((draft) => existsSync(draft))).toEqual([false, true]);
  });

  it('of a shallow at.repository works too', async () => {
    await commitFiles({ 'a.txt': 'two\n' });
    execFileSync('git', ['clone', '-q', '--depth', '1', `file://${at.repository}`, join(at.base, 'shallow')]);
    at.mirror = await openMirror(join(at.base, 'other.git'));
    at.commit = await at.mirror.importBranch(join(at.base, 'shallow'), 'main');
    const workspace = await prepare('w1');
    expect(execFileSync('git', ['log', '--format=%s'], { cwd: workspace.dir, encoding: 'utf8' })).toBe(
      'change\n',
    );
  });
});
