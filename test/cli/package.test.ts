import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitForServerEnd } from '../../src/postgres/open-database.ts';
import { registryEnvironment } from '../../src/workspaces/registry-environment.ts';
import { packageDir } from '../harness/project.ts';

/** The package as a person gets it: packed, installed into an empty folder with nothing of this checkout in reach. */
describe('the packed package', () => {
  let dir: string;
  let home: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    dir = realpathSync(mkdtempSync(path.join(tmpdir(), 'mesh-pack-')));
    home = path.join(dir, 'home/meshwright');
    mkdirSync(home, { recursive: true });
    env = {
      ...(await registryEnvironment(process.env)).env,
      PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH ?? ''}`,
      HOME: path.dirname(home),
      MESHWRIGHT_HOME: home,
      npm_config_loglevel: 'error',
    };
    npm(copyOfPackage(), 'pack', '--pack-destination', dir);
    const tarball = readdirSync(dir).find((name) => name.endsWith('.tgz')) ?? '';
    mkdirSync(path.join(dir, 'empty'));
    writeFileSync(path.join(dir, 'empty/package.json'), '{ "private": true }\n');
    npm(path.join(dir, 'empty'), 'install', '--no-audit', '--no-fund', path.join(dir, tarball));
  }, 240_000);

  afterAll(async () => {
    await waitForServerEnd(home);
    rmSync(dir, { recursive: true, force: true });
  });

  /** Packing builds anew, and other tests run what was built here. */
  function copyOfPackage(): string {
    const copy = path.join(dir, 'package');
    const made = ['node_modules', 'dist', '.git', '.prove'];
    cpSync(packageDir, copy, {
      recursive: true,
      filter: (file) => !made.includes(path.relative(packageDir, file)),
    });
    symlinkSync(path.join(packageDir, 'node_modules'), path.join(copy, 'node_modules'));
    return copy;
  }

  function npm(cwd: string, ...args: string[]): string {
    return execFileSync('npm', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  }

  test('runs the whole demo from an empty folder', () => {
    const result = spawnSync(
      'npx',
      ['--no-install', 'meshwright', 'demo', '--into', path.join(dir, 'demo')],
      {
        cwd: path.join(dir, 'empty'),
        env,
        encoding: 'utf8',
        timeout: 150_000,
      },
    );
    expect(result.status, result.stdout + result.stderr).toBe(0);
    expect(result.stdout).toMatch(/LANDED #1 \w{7} {2}#2 \w{7} {2}#3 \w{7}/);
  }, 180_000);

  test('carries neither tests nor sources, and starts without the clone’s own Node', () => {
    const installed = path.join(dir, 'empty/node_modules/meshwright');
    expect(existsSync(path.join(installed, 'src'))).toBe(false);
    expect(readdirSync(path.join(installed, 'dist'), { recursive: true }).join()).not.toMatch(
      /\.test\.|-contract\./,
    );
    expect(existsSync(path.join(dir, 'empty/node_modules/node'))).toBe(false);
  });

  test('says in one line what it needs on Node 20', () => {
    const old = path.join(dir, 'old');
    mkdirSync(old);
    writeFileSync(path.join(old, 'package.json'), '{ "private": true, "allowScripts": { "node": true } }\n');
    npm(old, 'install', '--no-audit', '--no-fund', 'node@20');
    const launcher = path.join(dir, 'empty/node_modules/meshwright/bin/meshwright.js');
    const result = spawnSync(path.join(old, 'node_modules/node/bin/node'), [launcher, 'demo'], {
      env,
      encoding: 'utf8',
    });
    expect(result.status).toBe(2);
    expect(result.stdout).toBe('');
    expect(result.stderr).toMatch(/^meshwright needs Node 22\.19 or newer; this is 20\.\d+\.\d+\. [^\n]+\n$/);
  }, 120_000);
});
