/** A short command starts fast, as it loads no more than it needs. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { packageDir } from '../harness/project.ts';

/** Writes the names of the packages that were loaded to standard error when the process ends. */
const recorder = `
  import { registerHooks } from 'node:module';
  const packages = new Set();
  registerHooks({
    load(url, context, next) {
      const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1];
      if (name) packages.add(name);
      return next(url, context);
    },
  });
  process.on('exit', () => process.stderr.write('LOADED' + JSON.stringify([...packages])));
`;

function packagesOf(...args: string[]): string[] {
  const cwd = mkdtempSync(path.join(tmpdir(), 'mesh-startup-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const recording = `--import=data:text/javascript,${encodeURIComponent(recorder)}`;
  const main = path.join(packageDir, 'src/cli/main.ts');
  const env = { PATH: process.env.PATH, HOME: cwd, MESHWRIGHT_HOME: cwd };
  const script = '"$@" 2>&1 || true';
  const command = [process.execPath, recording, main, ...args];
  const printed = execFileSync('sh', ['-c', script, 'sh', ...command], { cwd, env, encoding: 'utf8' });
  return JSON.parse(printed.slice(printed.indexOf('LOADED') + 'LOADED'.length)) as string[];
}

it('`--version` reads no configuration and opens no database', () => {
  const loaded = packagesOf('--version');
  expect(loaded).toContain('commander');
  for (const name of ['zod', 'yaml', 'pg', 'luxon']) expect(loaded).not.toContain(name);
});

it.each(['status', 'questions', 'answer Q-1 1', 'digest', 'memory list', 'cost', 'add x'])(
  '`%s` knows nothing of models, outside agents and channels',
  (line) => {
    const loaded = packagesOf(...line.split(' '));
    expect(loaded).toContain('pg');
    for (const name of ['ai', '@agentclientprotocol/sdk', '@modelcontextprotocol/server', '@slack/bolt'])
      expect(loaded).not.toContain(name);
  },
);
