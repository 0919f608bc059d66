import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setUpBench } from '../../src/cells/bench-for-contract.ts';
import { readTextFile, writeTextFile } from '../../src/cells/inside/access-files.ts';
import { processDriver } from '../../src/cells/process-cell.ts';
import { snapshot } from './outside.ts';

const bench = setUpBench((base) => processDriver({ cellsDir: join(base, 'cells'), upstreamProxy: null }));
let swapper: ChildProcess | undefined;
let outside = '';

beforeEach(() => {
  outside = join(bench.base(), 'outside');
  mkdirSync(join(outside, 'deep'), { recursive: true });
  writeFileSync(join(outside, 'file'), 'SECRET');
  writeFileSync(join(outside, 'deep', 'file'), 'SECRET');
  mkdirSync(join(bench.workspace, 'folder', 'deep'), { recursive: true });
  writeFileSync(join(bench.workspace, 'folder', 'file'), 'mine');
  writeFileSync(join(bench.workspace, 'folder', 'deep', 'file'), 'mine');
});
afterEach(async () => {
  const child = swapper;
  swapper = undefined;
  if (child === undefined || child.exitCode !== null) return;
  await new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGKILL');
  });
});

/** A process that makes `folder` a folder and a link to the outside in turn, as fast as it can. */
function swapForEver(): void {
  const script = `
    const fs = require('node:fs');
    for (;;) {
      fs.renameSync('folder', 'aside');
      fs.symlinkSync(${JSON.stringify(outside)}, 'folder');
      for (let i = 0; i < 2000; i += 1);
      fs.unlinkSync('folder');
      fs.renameSync('aside', 'folder');
      for (let i = 0; i < 20000; i += 1);
    }`;
  swapper = spawn(process.execPath, ['-e', script], { cwd: bench.workspace, stdio: 'ignore' });
}

const attempts = 4_000;

describe('a folder that is swapped for a link while it is used', () => {
  it('never lets a read out of the workspace', async () => {
    swapForEver();
    const scope = { workspace: bench.workspace, fileBytes: 1_000 };
    const seen = new Set<string>();
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const answer = await readTextFile(scope, attempt % 2 === 0 ? 'folder/file' : 'folder/deep/file');
      if (answer.ok) seen.add(answer.value);
    }
    expect([...seen]).toEqual(['mine']);
  });

  it('never lets a write out of it, nor a folder be made there', async () => {
    const before = snapshot(outside);
    swapForEver();
    const scope = { workspace: bench.workspace, fileBytes: 1_000 };
    for (let attempt = 0; attempt < attempts / 2; attempt += 1) {
      await writeTextFile(scope, attempt % 2 === 0 ? 'folder/file' : `folder/new${attempt}/file`, 'text');
    }
    expect(snapshot(outside)).toEqual(before);
    expect(readdirSync(outside).sort()).toEqual(['deep', 'file']);
  });
});

describe('a folder that was replaced by a link', () => {
  it('is not searched, although git still names its files', async () => {
    const git = (...args: string[]) => spawn('git', args, { cwd: bench.workspace, stdio: 'ignore' });
    const end = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve));
    await end(git('init', '-q'));
    await end(git('add', '-A'));
    renameSync(join(bench.workspace, 'folder'), join(bench.base(), 'aside'));
    symlinkSync(outside, join(bench.workspace, 'folder'));
    const cell = await bench.open();
    expect(await cell.grep('SECRET', { limit: 10 })).toEqual({ ok: true, value: { hits: [], isCut: false } });
    expect(await cell.glob('folder/*', 10)).toEqual({ ok: true, value: { paths: [], isCut: false } });
    rmSync(join(bench.workspace, 'folder'));
    expect(existsSync(join(outside, 'file'))).toBe(true);
  });
});
