import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CaptureRefused } from '../../src/workspaces/capture-refused.ts';
import { captureLimits, surveyTree } from '../../src/workspaces/survey-tree.ts';
import {
  at,
  contentOf,
  filesOf,
  prepare,
  useWorkspaceBench,
} from '../../src/workspaces/workspace-bench-contract.ts';
import { findOrdinaryUser } from '../ordinary-user.ts';
import { workspace } from './capture-bench.ts';
import { snapshot } from './outside.ts';

useWorkspaceBench();

/** Text of everything that the mirror keeps. */
function mirrorText(): string {
  const args = ['--git-dir', at.mirror.dir, 'cat-file', '--batch', '--batch-all-objects', '--unordered'];
  return execFileSync('git', args, { encoding: 'latin1', maxBuffer: 1e9 });
}

function mirrorBytes(): number {
  return Number(execFileSync('du', ['-sb', at.mirror.dir], { encoding: 'utf8' }).split('\t')[0]);
}

describe('links in a workspace', () => {
  it('that lead out of it are refused with their target, and what they lead to is never read', async () => {
    const { dir, refusals } = await workspace();
    const secret = join(at.base, 'secret');
    writeFileSync(secret, 'SECRET-OF-THE-PERSON');
    const before = snapshot(at.base, [join(at.base, 'ws'), at.mirror.dir]);
    const targets = {
      absolute: secret,
      climbing: '../../../secret',
      'src/deep': '../../secret',
      sideways: 'src/../../../secret',
      drive: 'C:\\Windows',
      git: '.git/config',
      'src/git': '../.GIT/hooks',
      nothing: `/nowhere/${'x'.repeat(200)}`,
    };
    for (const [name, target] of Object.entries(targets)) {
      symlinkSync(target, join(dir, name));
      expect(await refusals()).toEqual([
        expect.stringContaining(`${name}: the link leads to ${JSON.stringify(target)}`),
      ]);
      rmSync(join(dir, name));
    }
    rmSync(join(dir, 'src'), { recursive: true });
    symlinkSync('../../../', join(dir, 'src'));
    expect(await refusals()).toEqual([expect.stringMatching(/^src: the link leads to/)]);
    expect(mirrorText()).not.toContain('SECRET-OF-THE-PERSON');
    expect(snapshot(at.base, [join(at.base, 'ws'), at.mirror.dir])).toEqual(before);
  });

  it('that lead to files of it stay links', async () => {
    const { dir, take } = await workspace();
    mkdirSync(join(dir, 'src/deep'));
    symlinkSync('../../a.txt', join(dir, 'src/deep/up'));
    symlinkSync('./src//deep', join(dir, 'folder'));
    const tree = await take();
    expect(await contentOf(tree, 'src/deep/up')).toBe('../../a.txt');
    expect(await filesOf(tree)).toEqual([
      '.gitignore',
      'a.txt',
      'folder',
      'lock',
      'src/b.txt',
      'src/deep/up',
    ]);
  });

  it('in place of a file that git reads are refused', async () => {
    const { dir, refusals } = await workspace();
    for (const name of ['.gitattributes', 'src/.gitmodules', '.mailmap'])
      symlinkSync('a.txt', join(dir, name));
    expect((await refusals()).sort()).toEqual([
      '.gitattributes: git does not take a link for this file; make it a file',
      '.mailmap: git does not take a link for this file; make it a file',
      expect.stringMatching(/^src\/\.gitmodules: /),
    ]);
  });
});

describe('what is no file', () => {
  it('does not make the capture wait: pipes that git would read are named', async () => {
    const { dir, refusals } = await workspace();
    for (const name of ['.gitattributes', 'src/.gitignore', '.gitmodules']) {
      spawnSync('mkfifo', [join(dir, name)]);
      expect(await refusals()).toEqual([
        `${name}: is not a file but a pipe, a socket or a device; remove it`,
      ]);
      rmSync(join(dir, name));
    }
  });

  it('is left out when it is new, and named where a tracked file was', async () => {
    const { dir, take, refusals } = await workspace();
    spawnSync('mkfifo', [join(dir, 'pipe')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(dir, 'socket'), resolve));
    spawnSync('mknod', [join(dir, 'device'), 'c', '1', '5']);
    expect(await filesOf(await take())).toEqual(['.gitignore', 'a.txt', 'lock', 'src/b.txt']);
    rmSync(join(dir, 'a.txt'));
    spawnSync('mkfifo', [join(dir, 'a.txt')]);
    expect(await refusals()).toEqual([expect.stringMatching(/^a\.txt: is not a file any more/)]);
    server.close();
  });
});

describe('masses', () => {
  function sparse(path: string, bytes: number): void {
    const file = openSync(path, 'w');
    ftruncateSync(file, bytes);
    closeSync(file);
  }

  it('of bytes in one file are refused with name, size and limit, neither read nor stored', async () => {
    const { dir, refusals } = await workspace();
    const tenGb = 10 * 1024 ** 3;
    const bytes = mirrorBytes();
    sparse(join(dir, 'core.dump'), tenGb);
    expect(await refusals()).toEqual([
      expect.stringContaining(`core.dump: has ${tenGb} bytes; a file of a commit may have 52428800`),
    ]);
    rmSync(join(dir, 'core.dump'));
    sparse(join(dir, 'a.txt'), tenGb);
    expect(await refusals()).toEqual([expect.stringMatching(/^a\.txt: has 10737418240 bytes/)]);
    rmSync(join(dir, 'a.txt'));
    sparse(join(dir, 'src/.gitignore'), tenGb);
    expect(await refusals()).toEqual([
      expect.stringMatching(/^src\/\.gitignore: has 10737418240 bytes; git reads it whole/),
    ]);
    expect(mirrorBytes() - bytes).toBeLessThan(100_000);
    expect(statSync(join(dir, 'src/.gitignore')).size).toBe(tenGb);
  });

  it('of bytes in all, of files, and of entries are refused with the limit', async () => {
    const { dir, refusals } = await workspace();
    mkdirSync(join(dir, 'many'));
    for (let n = 0; n < 300; n += 1) writeFileSync(join(dir, 'many', `f${n}`), 'x'.repeat(100));
    expect(await refusals({ files: 299 })).toEqual([
      expect.stringContaining('300 files are new or changed; a step may change 299'),
    ]);
    expect(await refusals({ totalBytes: 29_999 })).toEqual([
      expect.stringContaining('have 30000 bytes together'),
    ]);
    expect(await refusals({ entries: 200 })).toEqual([
      expect.stringContaining('more than 200 files and folders'),
    ]);
    execFileSync('git', ['init', '-q'], { cwd: join(dir, 'many') });
    expect(await refusals({ files: 50 })).toEqual([expect.stringContaining('a step may change 50')]);
  });

  it('of folders in folders are refused, unless git ignores them', async () => {
    const { dir, take, refusals } = await workspace();
    const dig = `for i in $(seq 150); do mkdir ${'d'.repeat(60)} && cd d*; done; touch bottom`;
    mkdirSync(join(dir, 'ignored'));
    expect(spawnSync('sh', ['-c', dig], { cwd: join(dir, 'ignored') }).status).toBe(0);
    expect(await filesOf(await take())).toEqual(['.gitignore', 'a.txt', 'lock', 'src/b.txt']);
    mkdirSync(join(dir, 'hole'));
    spawnSync('sh', ['-c', dig], { cwd: join(dir, 'hole') });
    expect(await refusals()).toEqual([expect.stringMatching(/^hole\/d.*the folder lies deeper than/s)]);
  });

  it.runIf(findOrdinaryUser() !== null)('behind closed doors are named, not silently left out', async () => {
    const { dir } = await workspace();
    mkdirSync(join(dir, 'closed'));
    chmodSync(join(dir, 'closed'), 0o700);
    chmodSync(at.base, 0o755);
    const script = `
      const { surveyTree, captureLimits } = await import('${import.meta.dirname}/../../src/workspaces/survey-tree.ts');
      console.log(JSON.stringify((await surveyTree('${dir}', captureLimits, () => false)).closed));`;
    const user = ['--reuid', '1000', '--regid', '1000', '--clear-groups'];
    const args = [...user, process.execPath, '--no-warnings', '--input-type=module', '-e', script];
    const ran = spawnSync('setpriv', args, { encoding: 'utf8', cwd: '/', env: { PATH: '/usr/bin:/bin' } });
    expect(JSON.parse(ran.stdout)).toEqual([
      { path: 'closed', why: 'cannot be read: its permissions forbid it' },
    ]);
    expect((await surveyTree(dir, captureLimits, () => false)).closed).toEqual([]);
  });
});

describe('work that was cut short', () => {
  it('is kept without what is refused', async () => {
    const { captureTree: take, dir } = await prepare('w2');
    writeFileSync(join(dir, 'a.txt'), 'two\n');
    writeFileSync(join(dir, 'good'), 'x');
    writeFileSync(join(dir, 'bad\u001b[31m'), 'x');
    symlinkSync('/etc/passwd', join(dir, 'link'));
    rmSync(join(dir, 'src'), { recursive: true });
    symlinkSync('/etc', join(dir, 'src'));
    execFileSync('truncate', ['-s', '10G', join(dir, 'core')]);
    spawnSync('sh', ['-c', 'touch "$(printf \'latin1-\\344\')"'], { cwd: dir });
    await expect(take()).rejects.toBeInstanceOf(CaptureRefused);
    const tree = await take({ isUnfinished: true });
    expect(await filesOf(tree)).toEqual(['.gitignore', 'a.txt', 'good', 'lock', 'src/b.txt']);
    expect(await contentOf(tree, 'a.txt')).toBe('two');
    await expect(take()).rejects.toBeInstanceOf(CaptureRefused);
  });
});
