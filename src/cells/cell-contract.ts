/** What every cell driver promises; run by the tests of each. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cell, CellDriver, CellSpec } from './cell.ts';

export interface CellBench {
  workspace: string;
  spec(changes?: Partial<CellSpec>): CellSpec;
  /** Opened cells are closed after the test. */
  open(changes?: Partial<CellSpec>): Promise<Cell>;
}

/** Prepares a workspace per test; `base` is a temporary folder that the driver may use too. */
export function setUpBench(createDriver: (base: string) => CellDriver): CellBench & { base: () => string } {
  let base = '';
  let cells: Cell[] = [];
  const bench = {
    workspace: '',
    base: () => base,
    spec: (changes: Partial<CellSpec> = {}): CellSpec => ({
      id: `cell-${cells.length}`,
      workspace: bench.workspace,
      isWorkspaceWritable: true,
      readable: [],
      env: {},
      allowedHosts: [],
      limits: {
        memoryMb: 1024,
        processes: 64,
        commandTimeoutMs: 20_000,
        outputBytes: 10_000,
        fileBytes: 100_000,
      },
      ...changes,
    }),
    open: async (changes: Partial<CellSpec> = {}) => {
      const cell = await createDriver(base).open(bench.spec(changes));
      cells.push(cell);
      return cell;
    },
  };
  beforeEach(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'mw-cells-')));
    bench.workspace = join(base, 'workspace');
    mkdirSync(bench.workspace);
    cells = [];
  });
  afterEach(async () => {
    await Promise.all(cells.map((cell) => cell.close()));
    await rm(base, { recursive: true, force: true });
  });
  return bench;
}

/** Host pids of running processes whose command line has `text`; zombies have none. */
export function findProcesses(text: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });
}

/** Asks for a URL the way curl would: through the proxy of the environment, plainly or through a tunnel. */
const askThroughProxy = `
  const [url, way] = process.argv.slice(1);
  const http = require('node:http');
  const proxy = new URL(process.env.HTTP_PROXY);
  const target = new URL(url);
  const print = (r) => r.on('data', (d) => process.stdout.write(d)).on('end', () => process.exit(0));
  const to = { host: proxy.hostname, port: proxy.port };
  if (way === 'plain') http.get({ ...to, path: url, headers: { host: target.host } }, print);
  else http.request({ ...to, method: 'CONNECT', path: target.hostname + ':' + (target.port || 80) })
    .on('connect', (r, socket) => {
      if (r.statusCode !== 200) { console.log(r.statusCode); process.exit(0); }
      http.get({ createConnection: () => socket, path: target.pathname, headers: { host: target.host } }, print);
    }).end();`;

/** A number of seconds nobody else sleeps: marks the processes of one test. */
function uniqueSeconds(): string {
  return `${3000 + Math.floor(Math.random() * 1e6)}.${Math.floor(Math.random() * 1e6)}`;
}

export function describeCellContract(name: string, createDriver: (base: string) => CellDriver): void {
  describe(`${name}: commands`, () => {
    const bench = setUpBench(createDriver);

    it('run in the workspace with only the given environment', async () => {
      process.env.SECRET_OF_THE_PLATFORM = 'leak';
      const cell = await bench.open({ env: { GIVEN: 'yes' } });
      const result = await cell.exec({ argv: ['sh', '-c', 'pwd; echo "$GIVEN"; env'], env: { MORE: '1' } });
      delete process.env.SECRET_OF_THE_PLATFORM;
      expect(result).toMatchObject({ exitCode: 0, signal: null, isTimedOut: false, isTruncated: false });
      expect(result.stdout.split('\n').slice(0, 2)).toEqual([bench.workspace, 'yes']);
      expect(result.stdout).toContain('MORE=1');
      expect(result.stdout).not.toContain('SECRET_OF_THE_PLATFORM');
      const home = /^HOME=(.*)$/m.exec(result.stdout)?.[1];
      expect(home).not.toBe(process.env.HOME);
      expect(
        (await cell.exec({ argv: ['sh', '-c', 'touch "$HOME/x" "$TMPDIR/x" && ls "$HOME"'] })).stdout,
      ).toBe('x\n');
    });

    it('get stdin, give their exit code and stderr, and run side by side', async () => {
      const cell = await bench.open();
      const [echoed, failed] = await Promise.all([
        cell.exec({ argv: ['cat'], stdin: 'line \u2028 ü\n' }),
        cell.exec({ argv: ['sh', '-c', 'echo no >&2; exit 7'] }),
      ]);
      expect(echoed.stdout).toBe('line \u2028 ü\n');
      expect(failed).toMatchObject({ exitCode: 7, stderr: 'no\n' });
      const killed = await cell.exec({ argv: ['sh', '-c', 'kill -9 $$'] });
      expect(killed).toMatchObject({ exitCode: null, signal: 'SIGKILL', isTimedOut: false });
    });

    it('say so when there is no such program or folder', async () => {
      const cell = await bench.open();
      expect(await cell.exec({ argv: ['no-such-program'] })).toMatchObject({
        exitCode: 127,
        stderr: 'no-such-program: command not found\n',
      });
      expect(await cell.exec({ argv: ['true'], cwd: '../..' })).toMatchObject({ exitCode: 126 });
      expect((await cell.exec({ argv: ['true'], cwd: 'none' })).stderr).toMatch(/no such file or folder/);
      expect(await cell.exec({ argv: [] })).toMatchObject({ exitCode: 126 });
    });

    it('keep the beginning and the end of long output, and memory flat', async () => {
      const cell = await bench.open();
      const script =
        'echo FIRST; i=0; while [ $i -lt 20000 ]; do echo "line $i of many, many lines"; i=$((i+1)); done; echo LAST';
      const result = await cell.exec({ argv: ['sh', '-c', script] });
      expect(result.isTruncated).toBe(true);
      expect(result.stdout.startsWith('FIRST\nline 0')).toBe(true);
      expect(result.stdout.endsWith('LAST\n')).toBe(true);
      expect(result.stdout).toMatch(/\[… \d+ bytes cut out here …\]/);
      expect(Buffer.byteLength(result.stdout)).toBeLessThan(10_100);
    });

    it('end at their time limit with everything they started: what ignores SIGTERM and what left the session', async () => {
      const seconds = uniqueSeconds();
      const cell = await bench.open();
      const script = `
        trap '' TERM
        setsid sh -c "trap '' TERM; sleep ${seconds}" >/dev/null 2>&1 &
        (trap '' TERM; sleep ${seconds}; sleep ${seconds}) &
        echo started; sleep ${seconds}; sleep ${seconds}`;
      const result = await cell.exec({ argv: ['bash', '-c', script], timeoutMs: 700 });
      expect(result).toMatchObject({ exitCode: null, isTimedOut: true, stdout: 'started\n' });
      expect(findProcesses(seconds)).toEqual([]);
      expect((await cell.exec({ argv: ['echo', 'alive'] })).stdout).toBe('alive\n');
    });

    it('leave nothing behind when they end by themselves', async () => {
      const seconds = uniqueSeconds();
      const cell = await bench.open();
      const script = `setsid nohup sleep ${seconds} & sleep ${seconds} & echo done`;
      expect(await cell.exec({ argv: ['bash', '-c', script] })).toMatchObject({
        exitCode: 0,
        stdout: 'done\n',
      });
      expect(findProcesses(seconds)).toEqual([]);
    });

    it('can be aborted, and the cell goes on', async () => {
      const seconds = uniqueSeconds();
      const cell = await bench.open();
      const controller = new AbortController();
      const running = cell.exec({ argv: ['sleep', seconds] }, controller.signal);
      setTimeout(() => controller.abort(new Error('enough')), 100);
      await expect(running).rejects.toThrow('enough');
      expect(findProcesses(seconds)).toEqual([]);
      expect((await cell.exec({ argv: ['echo', 'alive'] })).stdout).toBe('alive\n');
    });

    it('all end when the cell is closed, which can be done twice, and later requests are refused', async () => {
      const seconds = uniqueSeconds();
      const cell = await bench.open();
      expect(cell.pid).toBeGreaterThan(1);
      const running = cell.exec({
        argv: ['bash', '-c', `trap '' TERM; setsid sleep ${seconds} & sleep ${seconds}`],
      });
      const outcome = running.catch((error: unknown) => error);
      while (findProcesses(seconds).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
      await Promise.all([cell.close(), cell.close()]);
      expect(findProcesses(seconds)).toEqual([]);
      expect(await outcome).toMatchObject({ code: 'cell_ended' });
      await expect(cell.exec({ argv: ['true'] })).rejects.toMatchObject({ code: 'cell_ended' });
      await expect(cell.readFile('x')).rejects.toMatchObject({ code: 'cell_ended' });
    });
  });

  describe(`${name}: files`, () => {
    const bench = setUpBench(createDriver);

    it('are written with their folders, read back byte for byte, and keep their mode', async () => {
      const cell = await bench.open();
      const text = '\uFEFFzeile ü\r\nzwei\u2028';
      expect(await cell.writeFile('a/b/c.txt', text)).toEqual({ ok: true, value: { isNew: true } });
      expect(await cell.readFile('a/b/c.txt')).toEqual({ ok: true, value: text });
      expect(readFileSync(join(bench.workspace, 'a/b/c.txt'), 'utf8')).toBe(text);
      writeFileSync(join(bench.workspace, 'run.sh'), 'old');
      chmodSync(join(bench.workspace, 'run.sh'), 0o755);
      linkSync(join(bench.workspace, 'run.sh'), join(bench.base(), 'store'));
      expect(await cell.writeFile('./run.sh', 'new')).toEqual({ ok: true, value: { isNew: false } });
      expect(statSync(join(bench.workspace, 'run.sh')).mode & 0o777).toBe(0o755);
      expect(readFileSync(join(bench.base(), 'store'), 'utf8')).toBe('old');
    });

    it('outside of the workspace are refused, by name and by link, for reading and writing', async () => {
      const cell = await bench.open();
      const outside = join(bench.base(), 'outside');
      mkdirSync(outside);
      writeFileSync(join(outside, 'secret'), 'secret');
      symlinkSync(outside, join(bench.workspace, 'folder'));
      symlinkSync(join(outside, 'secret'), join(bench.workspace, 'file'));
      symlinkSync(join(outside, 'new'), join(bench.workspace, 'dangling'));
      mkdirSync(join(bench.workspace, '.git'));
      symlinkSync('.git', join(bench.workspace, 'git-link'));
      const refused = [
        '../outside/secret',
        '/etc/passwd',
        'folder/secret',
        'file',
        'dangling',
        '.git/config',
        'git-link/config',
        'a/.GIT/x',
        'a/../../outside/secret',
        '',
        'nul\0',
        '.',
        'folder/sub/deep',
      ];
      for (const path of refused) {
        expect([path, (await cell.readFile(path)).ok]).toEqual([path, false]);
        expect([path, (await cell.writeFile(path, 'x')).ok]).toEqual([path, false]);
      }
      expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret');
      expect(execFileSync('ls', [outside], { encoding: 'utf8' })).toBe('secret\n');
    });

    it('that are links inside can be read, not written over', async () => {
      const cell = await bench.open();
      writeFileSync(join(bench.workspace, 'real'), 'text');
      symlinkSync('real', join(bench.workspace, 'link'));
      expect(await cell.readFile('link')).toEqual({ ok: true, value: 'text' });
      expect(await cell.writeFile('link', 'x')).toMatchObject({
        ok: false,
        message: expect.stringMatching(/symbolic link/),
      });
    });

    it('that are binary, not UTF-8, too large, a folder, a pipe or missing are refused with the reason', async () => {
      const cell = await bench.open();
      writeFileSync(join(bench.workspace, 'binary'), Buffer.from([0x61, 0, 0x62]));
      writeFileSync(join(bench.workspace, 'latin1'), Buffer.from([0x61, 0xe4]));
      writeFileSync(join(bench.workspace, 'large'), 'x'.repeat(100_001));
      mkdirSync(join(bench.workspace, 'folder'));
      execFileSync('mkfifo', [join(bench.workspace, 'pipe')]);
      const reasons = {
        binary: /binary/,
        latin1: /UTF-8/,
        large: /limit of 100000/,
        folder: /folder/,
        pipe: /regular/,
        none: /no such/,
      };
      for (const [path, reason] of Object.entries(reasons)) {
        expect(await cell.readFile(path)).toMatchObject({
          ok: false,
          message: expect.stringMatching(reason),
        });
      }
      expect(await cell.writeFile('new', 'x'.repeat(100_001))).toMatchObject({ ok: false });
      expect(await cell.writeFile('new', '\uD800')).toMatchObject({ ok: false });
      expect(await cell.writeFile('pipe', 'x')).toMatchObject({ ok: false });
      expect(await cell.writeFile('folder', 'x')).toMatchObject({ ok: false });
      expect(await cell.writeFile('binary/x', 'x')).toMatchObject({ ok: false });
    });
  });

  describe(`${name}: search`, () => {
    const bench = setUpBench(createDriver);

    function fill(): void {
      const files = {
        'src/b.ts': 'one\nneedle b\n',
        'src/a.ts': 'needle a\n',
        'src/deep/c.js': 'needle c\n',
        '.hidden.ts': 'needle h\n',
        'out/x.ts': 'needle x\n',
      };
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(join(bench.workspace, path, '..'), { recursive: true });
        writeFileSync(join(bench.workspace, path), text);
      }
      writeFileSync(join(bench.workspace, 'src/bin.ts'), Buffer.from('needle\0'));
      symlinkSync('/etc/passwd', join(bench.workspace, 'src/link.ts'));
    }

    it('finds files by glob, sorted and limited, without .git and what git ignores', async () => {
      fill();
      execFileSync('git', ['init', '-q'], { cwd: bench.workspace });
      writeFileSync(join(bench.workspace, '.gitignore'), 'out/\n');
      const cell = await bench.open();
      expect(await cell.glob('**/*.ts', 10)).toEqual({
        ok: true,
        value: { paths: ['.hidden.ts', 'src/a.ts', 'src/b.ts', 'src/bin.ts', 'src/link.ts'], isCut: false },
      });
      expect(await cell.glob('src/*.{ts,js}', 2)).toEqual({
        ok: true,
        value: { paths: ['src/a.ts', 'src/b.ts'], isCut: true },
      });
      expect(await cell.glob('.git/**', 10)).toEqual({ ok: true, value: { paths: [], isCut: false } });
      expect(await cell.glob('../**', 10)).toMatchObject({ ok: false });
    });

    it('works without a git repository, and with a broken one', async () => {
      fill();
      const cell = await bench.open();
      mkdirSync(join(bench.workspace, '.git'));
      writeFileSync(join(bench.workspace, '.git/config'), 'nonsense');
      expect(await cell.glob('**/*.js', 10)).toEqual({
        ok: true,
        value: { paths: ['src/deep/c.js'], isCut: false },
      });
      expect(await cell.glob('.git/**', 10)).toEqual({ ok: true, value: { paths: [], isCut: false } });
    });

    it('finds lines in text files, not through links and not in binary ones', async () => {
      fill();
      const cell = await bench.open();
      expect(await cell.grep('^needle \\p{L}$', { glob: 'src/**', limit: 10 })).toEqual({
        ok: true,
        value: {
          hits: [
            { path: 'src/a.ts', line: 1, text: 'needle a' },
            { path: 'src/b.ts', line: 2, text: 'needle b' },
            { path: 'src/deep/c.js', line: 1, text: 'needle c' },
          ],
          isCut: false,
        },
      });
      expect(await cell.grep('root', { limit: 10 })).toMatchObject({ value: { hits: [] } });
      expect(await cell.grep('needle', { limit: 1 })).toMatchObject({ value: { isCut: true } });
      expect(await cell.grep('(', { limit: 1 })).toMatchObject({
        ok: false,
        message: expect.stringMatching(/regular expression/),
      });
    });
  });

  describe(`${name}: network`, () => {
    const bench = setUpBench(createDriver);
    let server: Server | undefined;
    afterEach(() => server?.close());

    it('reaches a listed host through the proxy, and no other', async () => {
      const seen: string[] = [];
      server = createServer((request, response) => {
        seen.push(request.url ?? '');
        response.end('hello from outside');
      });
      await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : 0;
      const cell = await bench.open({ allowedHosts: [`127.0.0.1:${port}`] });
      const ask = async (url: string, way: 'plain' | 'tunnel') =>
        (await cell.exec({ argv: ['node', '-e', askThroughProxy, '--', url, way] })).stdout;
      expect(await ask(`http://127.0.0.1:${port}/plain`, 'plain')).toBe('hello from outside');
      expect(await ask(`http://127.0.0.1:${port}/tunnel`, 'tunnel')).toBe('hello from outside');
      expect(await ask('http://127.0.0.1:1/', 'plain')).toMatch(/127\.0\.0\.1:1 is not among the allowed/);
      expect(await ask('http://example.org/', 'plain')).toMatch(/example\.org:80 is not among/);
      expect(await ask('http://example.org/', 'tunnel')).toBe('403\n');
      expect(seen).toEqual(['/plain', '/tunnel']);
    });
  });
}
