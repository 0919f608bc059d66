import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { findProcesses, setUpBench, uniqueSeconds } from './bench-for-contract.ts';
import type { Cell, CellDriver, CellProcess } from './cell.ts';

export function describeProcessContract(name: string, createDriver: (base: string) => CellDriver): void {
  describe(`${name}: long-lived programs`, () => {
    const bench = setUpBench(createDriver);

    it('take input and give output while they run, in the workspace, with the environment they were given', async () => {
      const cell = await bench.open({ env: { GIVEN: 'yes' } });
      const program = await start(cell, ['sh', '-c', 'pwd; echo "$GIVEN $MORE"; exec cat'], { MORE: '1' });
      const lines = linesOf(program.stdout);
      expect([await lines(), await lines()]).toEqual([bench.workspace, 'yes 1']);
      program.stdin.write('line \u2028 ü\n');
      expect(await lines()).toBe('line \u2028 ü');
      expect((await cell.exec({ argv: ['echo', 'beside'] })).stdout).toBe('beside\n');
      program.stdin.write('still here\n');
      expect(await lines()).toBe('still here');
      program.stdin.end();
      expect(await lines()).toBeNull();
      expect(await program.exited).toEqual({ exitCode: 0, signal: null, stderr: '' });
    });

    it('say with what they ended, and give their last output first', async () => {
      const cell = await bench.open();
      const program = await start(cell, ['sh', '-c', 'seq 1 50000; echo broken >&2; exit 7']);
      let text = '';
      for await (const chunk of program.stdout) text += String(chunk);
      expect(text.endsWith('\n49999\n50000\n')).toBe(true);
      expect(await program.exited).toEqual({ exitCode: 7, signal: null, stderr: 'broken\n' });
      const missing = await cell.spawn({ argv: ['no-such-program'], env: {} });
      expect(missing).toEqual({ ok: false, message: 'no-such-program: command not found' });
    });

    it('are held while nobody reads what they write', async () => {
      const cell = await bench.open();
      const script = 'i=0; while :; do echo $i > written; echo "$i xxxxxxxxxxxxxxxxxxxx"; i=$((i+1)); done';
      const program = await start(cell, ['bash', '-c', script]);
      const lines = linesOf(program.stdout);
      expect(await lines()).toMatch(/^0 /);
      program.stdout.pause();
      const written = async () => (await cell.exec({ argv: ['cat', 'written'] })).stdout;
      let before = '';
      await expect
        .poll(
          async () => {
            const last = before;
            before = await written();
            // Between two writes the file is empty.
            return before !== '' && before === last;
          },
          { timeout: 20_000 },
        )
        .toBe(true);
      expect(Number(await written())).toBeLessThan(40_000);
      program.kill();
    });

    it('end with everything they started: by themselves, when told to, and when their cell is closed', async () => {
      const seconds = uniqueSeconds();
      const cell = await bench.open();
      const ending = await start(cell, ['bash', '-c', `setsid sleep ${seconds} & exit 3`]);
      ending.stdout.resume();
      expect((await ending.exited).exitCode).toBe(3);
      expect(findProcesses(seconds)).toEqual([]);
      const script = `trap '' TERM; setsid sleep ${seconds} & echo up; while :; do sleep ${seconds}; done`;
      for (const isClosed of [false, true]) {
        const program = await start(cell, ['bash', '-c', script]);
        expect(await linesOf(program.stdout)()).toBe('up');
        program.stdout.resume();
        if (isClosed) await cell.close();
        else program.kill();
        expect((await program.exited).exitCode).toBeNull();
        expect(findProcesses(seconds)).toEqual([]);
      }
    });
  });

  describe(`${name}: the way to the gateway`, () => {
    const bench = setUpBench(createDriver);
    let server: Server | undefined;
    let dir = '';
    afterEach(async () => {
      server?.closeAllConnections();
      server?.close();
      if (dir !== '') await rm(dir, { recursive: true, force: true });
    });

    it('is a loopback port inside that leads to a socket outside, past any proxy', async () => {
      dir = await mkdtemp(join(tmpdir(), 'mw-gw-'));
      const gatewaySocket = join(dir, 'socket');
      server = createServer((request, response) => response.end(`asked for ${request.url}`));
      await new Promise<void>((resolve) => server?.listen(gatewaySocket, resolve));
      expect((await bench.open()).gatewayPort).toBeNull();
      for (const allowedHosts of [[], ['registry.example.org']]) {
        const cell = await bench.open({ gatewaySocket, allowedHosts });
        const url = `http://127.0.0.1:${cell.gatewayPort}/x`;
        const script = `fetch(process.argv[1]).then((r) => r.text()).then((t) => console.log(t, process.env.NO_PROXY))`;
        const { stdout, stderr } = await cell.exec({ argv: ['node', '-e', script, url] });
        expect(stdout + stderr).toBe('asked for /x 127.0.0.1,localhost\n');
      }
    });
  });
}

async function start(cell: Cell, argv: string[], env: Record<string, string> = {}): Promise<CellProcess> {
  const started = await cell.spawn({ argv, env });
  if (!started.ok) throw new Error(started.message);
  return started.value;
}

/** The next line of a stream, null after its end. */
function linesOf(stream: Readable): () => Promise<string | null> {
  const chunks = stream[Symbol.asyncIterator]();
  let text = '';
  return async () => {
    while (!text.includes('\n')) {
      const { done, value } = await chunks.next();
      if (done) return null;
      text += String(value);
    }
    const line = text.slice(0, text.indexOf('\n'));
    text = text.slice(line.length + 1);
    return line;
  };
}
