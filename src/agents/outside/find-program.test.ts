import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from './find-program.ts';

let root = '';
beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'mw-find-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function install(file: string, text: string, mode = 0o755): string {
  const target = path.join(root, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
  chmodSync(target, mode);
  return target;
}

function link(from: string, to: string): string {
  const target = path.join(root, from);
  mkdirSync(path.dirname(target), { recursive: true });
  symlinkSync(to, target);
  return target;
}

const find = (command: string[], folders: string[]) =>
  findProgram(command, {
    path: folders.map((folder) => path.join(root, folder)).join(':'),
    nodePath: '/opt/node/bin/node',
  });

describe('the program of an outside agent', () => {
  it('is found where npm put it, with all its neighbours, and run by our Node if it is written for Node', () => {
    const file = install('lib/node_modules/@scope/agent/dist/index.js', '#!/usr/bin/env node\n');
    link('bin/agent', file);
    expect(find(['agent', '--acp'], ['nothing', 'bin'])).toEqual({
      argv: ['/opt/node/bin/node', file, '--acp'],
      readable: [path.join(root, 'lib/node_modules'), '/opt/node/bin/node'],
    });
  });

  it('is found alone in a folder of many programs, and with its folder where that is its own', () => {
    const alone = install('usr/bin/agent', 'binary');
    expect(find(['agent'], ['usr/bin'])).toEqual({ argv: [alone], readable: [alone] });
    const own = install('.agent/bin/agent', 'binary');
    expect(find(['agent'], ['.agent/bin'])).toEqual({ argv: [own], readable: [path.join(root, '.agent')] });
    const local = install('.local/bin/agent', 'binary');
    expect(find(['agent'], ['.local/bin'])).toEqual({ argv: [local], readable: [local] });
  });

  it('may be named by its absolute path, and by no relative one', () => {
    const file = install('tools/agent', 'binary');
    expect(find([file, 'acp'], [])?.argv).toEqual([file, 'acp']);
    expect(find(['./tools/agent'], ['.'])).toBeNull();
    expect(find(['tools/agent'], ['.'])).toBeNull();
    expect(findProgram(['agent'], { path: `tools::${root}/none`, nodePath: '' })).toBeNull();
  });

  it('is not a folder, nor a file that cannot be run, nor a link to nowhere', () => {
    install('bin/text', 'x', 0o644);
    mkdirSync(path.join(root, 'bin/folder'));
    link('bin/broken', '/nowhere/at/all');
    for (const name of ['text', 'folder', 'broken', '', 'missing']) expect(find([name], ['bin'])).toBeNull();
  });
});
