import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { askThroughProxy, findProcesses, setUpBench, uniqueSeconds } from './bench-for-contract.ts';
import type { CellDriver } from './cell.ts';
import { describeFileContract } from './file-contract.ts';
import { describeProcessContract } from './process-contract.ts';

export function describeCellContract(name: string, createDriver: (base: string) => CellDriver): void {
  describeProcessContract(name, createDriver);
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

  describeFileContract(name, createDriver);

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
