import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isBranchName } from '../../src/git/check-names.ts';
import { readGit } from '../../src/git/run-git.ts';
import { at, git, useWorkspaceBench } from '../../src/workspaces/workspace-bench-contract.ts';

useWorkspaceBench();

const hostile = [
  '-x',
  '--upload-pack=touch ran',
  '../../heads/x',
  'a/../../x',
  'main:refs/heads/item',
  '*',
  'ma*n',
  '+main',
  'a b',
  'a\nb',
  'a\0b',
  'a~1',
  'a^{/x}',
  'a?',
  'a[b',
  'a\\b',
  '.hidden',
  'a/.b',
  'x.lock',
  'a.lock/b',
  'a..b',
  '@{u}',
  '@',
  '',
  '/a',
  'a/',
  'a//b',
  'a.',
  '\u001b[31mred',
];
const fine = [
  'main',
  'feature/x',
  'release-1.2',
  'ü',
  'a@b',
  'a-',
  "it's",
  '$(touch ran)',
  '#1',
  'a"b',
  'refs/heads/main',
];

function allRefs(dir: string): Promise<string> {
  return readGit({ args: ['for-each-ref', '--format=%(refname) %(objectname)'], cwd: dir });
}

describe('names of branches and refs', () => {
  it('are judged as git judges them', () => {
    for (const name of [...hostile, ...fine].filter((each) => !each.includes('\0'))) {
      const real =
        spawnSync('git', ['check-ref-format', `refs/heads/${name}`]).status === 0 &&
        name !== '@' &&
        !name.startsWith('-');
      expect([name, isBranchName(name)]).toEqual([name, real]);
    }
    expect(isBranchName('a\0b')).toBe(false);
  });

  it('that are hostile move nothing, neither in the mirror nor in the repository', async () => {
    git('branch', 'victim');
    const before = [await allRefs(at.mirror.dir), await allRefs(at.repository)];
    for (const branch of hostile.filter((name) => !isBranchName(name))) {
      const bad = { code: 'branch_name_invalid', exitCode: 2 };
      await expect(at.mirror.importBranch(at.repository, branch)).rejects.toMatchObject(bad);
      const request = { repository: at.repository, branch, from: at.commit, to: at.commit };
      await expect(at.mirror.advanceBranch(request)).rejects.toMatchObject(bad);
      for (const ref of [branch, `refs/heads/${branch}`]) {
        await expect(at.mirror.moveRef(ref, null, at.commit)).rejects.toMatchObject({ code: 'git_failed' });
      }
    }
    await expect(at.mirror.moveRef('HEAD', null, at.commit)).rejects.toMatchObject({ code: 'git_failed' });
    await expect(at.mirror.moveRef(`refs/heads/x\0${at.commit}\0`, null, at.commit)).rejects.toThrow();
    expect([await allRefs(at.mirror.dir), await allRefs(at.repository)]).toEqual(before);
  });

  it('that are options are no commits', async () => {
    const option = '--output=/tmp/meshwright-ran';
    const refused = { code: 'git_failed', message: expect.stringContaining('is no commit') };
    await expect(at.mirror.diff(option, at.commit)).rejects.toMatchObject(refused);
    await expect(at.mirror.changedFiles(at.commit, option)).rejects.toMatchObject(refused);
    await expect(at.mirror.mergeTree({ ours: option, theirs: at.commit })).rejects.toMatchObject(refused);
    await expect(at.mirror.findByTrailer(option, 'Meshwright-Step', 'x')).rejects.toMatchObject(refused);
    expect(await at.mirror.resolve(option)).toBeNull();
  });
});
