/** The launcher in copies of the package whose dist/ is a stub: what it starts, what it says, what it exits with. */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectRoot } from './architecture/read-sources.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-launcher-'));
  cpSync(join(projectRoot, 'bin'), join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Makes a process of this Node believe that it is an older one. */
const asNode20 = [
  '--import',
  `data:text/javascript,${encodeURIComponent(
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })",
  )}`,
];

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function beAClone(): void {
  write('src/cli/main.ts', '');
}

function haveOwnNode(): void {
  mkdirSync(join(folder, 'node_modules/node/bin'), { recursive: true });
  symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'));
}

function launch(nodeArguments: string[], ...args: string[]) {
  const launcher = join(folder, 'bin/meshwright.js');
  const result = spawnSync(process.execPath, [...nodeArguments, launcher, ...args], { encoding: 'utf8' });
  return { code: result.status, signal: result.signal, out: result.stdout, err: result.stderr };
}

describe('the launcher', () => {
  it('runs dist with the arguments and ends with its exit code', () => {
    write('dist/cli/main.js', "console.log(process.argv.slice(2).join('+')); process.exitCode = 3;");
    expect(launch([], 'status', '--json')).toEqual({
      code: 3,
      signal: null,
      out: 'status+--json\n',
      err: '',
    });
  });

  it('on an old Node says in one line what is needed, and exits with 2', () => {
    write('dist/cli/main.js', "console.log('not reached');");
    expect(launch(asNode20)).toEqual({
      code: 2,
      signal: null,
      out: '',
      err: 'meshwright needs Node 22.19 or newer; this is 20.20.2. Install Node 22 or newer from https://nodejs.org.\n',
    });
    beAClone();
    expect(launch(asNode20).err).toMatch(/^meshwright needs .* Run `npm ci` here, which brings one, .*\n$/);
  });

  it('on an old Node in a clone goes on with the Node that npm installed there', () => {
    beAClone();
    haveOwnNode();
    write('dist/cli/main.js', 'console.log(process.versions.node, process.argv[2]); process.exitCode = 4;');
    expect(launch(asNode20, 'demo')).toEqual({
      code: 4,
      signal: null,
      out: `${process.versions.node} demo\n`,
      err: '',
    });
  });

  it('does not use a Node that happens to lie beside an installed package', () => {
    haveOwnNode();
    write('dist/cli/main.js', "console.log('not reached');");
    expect(launch(asNode20)).toMatchObject({ code: 2, out: '' });
  });

  it('passes signals on to that Node and ends as it ended', async () => {
    beAClone();
    haveOwnNode();
    write(
      'dist/cli/main.js',
      "process.on('SIGINT', () => process.exit(5)); setTimeout(() => {}, 20_000); console.log('ready');",
    );
    for (const [signal, expected] of [
      ['SIGINT', { code: 5, signal: null }],
      ['SIGTERM', { code: null, signal: 'SIGTERM' }],
    ] as const) {
      const child = spawn(process.execPath, [...asNode20, join(folder, 'bin/meshwright.js')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = new Promise((resolve) => child.once('exit', (code, by) => resolve({ code, signal: by })));
      await new Promise((resolve) => child.stdout.once('data', resolve));
      child.kill(signal);
      expect(await ended).toEqual(expected);
    }
  });

  it('without dist names what is missing and what to do, and exits with 2', () => {
    expect(launch([])).toMatchObject({ code: 2, err: expect.stringContaining('Install the package again.') });
    beAClone();
    expect(launch([])).toMatchObject({ code: 2, err: expect.stringContaining('run `npm run build`') });
  });
});
