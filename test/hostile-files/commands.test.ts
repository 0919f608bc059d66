import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findProcesses, setUpBench, uniqueSeconds } from '../../src/cells/bench-for-contract.ts';
import { bubblewrapDriver } from '../../src/cells/bubblewrap-cell.ts';
import { processDriver } from '../../src/cells/process-cell.ts';
import { findOrdinaryUser } from '../ordinary-user.ts';
import { setTrap } from './outside.ts';

const checked = await bubblewrapDriver().preflight();
const isIsolated = checked.ok || process.env.CI === 'true';
const create = { process: processDriver, bubblewrap: bubblewrapDriver };
const names = isIsolated ? (['process', 'bubblewrap'] as const) : (['process'] as const);

describe.each(names)('%s: what a command prints', (name) => {
  const bench = setUpBench((base) => create[name]({ cellsDir: `${base}/cells`, upstreamProxy: null }));
  const limit = 10_000;

  it('as bytes that are no text, or without any end, comes out bounded and well formed', async () => {
    const cell = await bench.open();
    const noise = await cell.exec({ argv: ['sh', '-c', 'head -c 3000000 /dev/urandom; printf "a\\0b" >&2'] });
    expect(noise).toMatchObject({ exitCode: 0, isTruncated: true, stderr: 'a\0b' });
    expect(noise.stdout.isWellFormed()).toBe(true);
    expect(noise.stdout.length).toBeLessThan(limit + 200);
    const line = await cell.exec({ argv: ['node', '-e', 'process.stdout.write("x".repeat(3e7))'] });
    expect(line).toMatchObject({ exitCode: 0, isTruncated: true });
    expect(line.stdout.length).toBeLessThan(limit + 200);
    const lines = await cell.exec({ argv: ['sh', '-c', 'yes "" | head -n 2000000'] });
    expect(lines).toMatchObject({ exitCode: 0, isTruncated: true });
    expect((await cell.exec({ argv: ['echo', 'alive'] })).stdout).toBe('alive\n');
  });

  it('in halves of characters, is put together again; halves that stay alone are replaced', async () => {
    const cell = await bench.open();
    const script =
      "for part in '\\360' '\\237' '\\231\\202' '\\303'; do printf $part; sleep 0.05; done; printf '\\374'";
    const { stdout } = await cell.exec({ argv: ['sh', '-c', script] });
    expect(stdout).toBe('🙂\uFFFD\uFFFD');
  });

  it('as something that looks like an answer of the cell, is output and nothing else', async () => {
    const cell = await bench.open();
    const forged = '{"id":"x","value":{"exitCode":0}}\\n';
    const { stdout } = await cell.exec({
      argv: ['sh', '-c', `printf '${forged}${forged}'; printf '${forged}' >&2`],
    });
    expect(stdout.split('\n')).toHaveLength(3);
    // Nor through the line of the program inside: it is a socket, which nobody can open a second time by its name in /proc.
    const fake = await cell.exec({ argv: ['sh', '-c', `echo nonsense > /proc/$PPID/fd/1`] });
    expect(fake.exitCode).not.toBe(0);
    expect((await cell.exec({ argv: ['echo', 'alive'] })).stdout).toBe('alive\n');
  });

  it('after its readers went away, and what double-forks, ends with the command', async () => {
    const seconds = uniqueSeconds();
    const cell = await bench.open();
    const daemon = `(setsid sh -c "trap '' TERM HUP PIPE; (sleep ${seconds} &) ; while :; do echo x; sleep 0.1; done" &) ; exec 1>&- 2>&-; exit 3`;
    expect(await cell.exec({ argv: ['sh', '-c', daemon] })).toMatchObject({ exitCode: 3, isTimedOut: false });
    expect(findProcesses(seconds)).toEqual([]);
  });
});

describe.runIf(isIsolated)('a fork bomb in a bubblewrap cell', () => {
  const bench = setUpBench((base) => bubblewrapDriver({ cellsDir: `${base}/cells`, upstreamProxy: null }));

  /** Doubles `depth` times and renews itself `lives` times, faster than anybody can read a process table. */
  function bomb(marker: string): string {
    return `
      bomb() {
        [ $1 -le 0 ] && exec sleep ${marker}
        bomb $(($1 - 1)) & bomb $(($1 - 1)) & wait
      }
      renew() { trap '' TERM; setsid sh -c "sleep 0.05" & bomb 7; }
      renew & renew & wait`;
  }

  it('is stopped at the limit, the cell goes on, and the process table of the machine is clean', async () => {
    const seconds = uniqueSeconds();
    const limits = { ...bench.spec().limits, processes: 40, memoryMb: 700 };
    const cell = await bench.open({ limits });
    const result = await cell.exec({ argv: ['bash', '-c', bomb(seconds)], timeoutMs: 15_000 });
    expect(result.exitCode).toBeNull();
    expect(result.stderr).toMatch(/\[stopped: more than (40 processes|700 MB of memory in use)\]/);
    expect(findProcesses(seconds)).toEqual([]);
    expect((await cell.exec({ argv: ['echo', 'alive'] })).stdout).toBe('alive\n');
  });

  it('is gone at once when its cell is closed in the middle of it', async () => {
    const seconds = uniqueSeconds();
    const cell = await bench.open({ limits: { ...bench.spec().limits, processes: 2_000 } });
    const running = cell
      .exec({ argv: ['bash', '-c', bomb(seconds)] })
      .catch((error: { code: string }) => error.code);
    while (findProcesses(seconds).length < 20) await new Promise((resolve) => setTimeout(resolve, 10));
    await cell.close();
    expect(await running).toBe('cell_ended');
    expect(findProcesses(seconds)).toEqual([]);
  });

  it('whose processes live for a moment only does not outrun the end of its command', async () => {
    const cell = await bench.open({ limits: { ...bench.spec().limits, processes: 60 } });
    // Some ten at a time: each forks and ends, in less time than anybody needs to look at it and kill it.
    const hop = '$SIG{TERM} = "IGNORE"; for (1..60000) { my $child = fork; exit if $child; }';
    const chain = `for i in 1 2 3 4 5 6 7 8; do perl -e '${hop}' & done; sleep 0.1`;
    await cell.exec({ argv: ['bash', '-c', chain] });
    const count = 'sleep 0.1; cat /proc/[0-9]*/comm 2>/dev/null | grep -c perl';
    const left = await cell.exec({ argv: ['sh', '-c', count] });
    expect(Number(left.stdout)).toBe(0);
  });
});

describe.runIf(isIsolated && findOrdinaryUser() !== null)('a crowd in the cell of an ordinary user', () => {
  const bench = setUpBench((base) => bubblewrapDriver({ cellsDir: `${base}/cells`, upstreamProxy: null }));

  it('is refused by the system before anybody has to look: sixteen threads for each process allowed', () => {
    for (const dir of [bench.base(), bench.workspace]) chmodSync(dir, 0o777);
    const crowd = 'for i in $(seq 400); do sleep 30 & done 2>&1; wait';
    const script = `
      const { bubblewrapDriver } = await import('${import.meta.dirname}/../../src/cells/bubblewrap-cell.ts');
      const driver = bubblewrapDriver({ cellsDir: '${bench.base()}/cells', upstreamProxy: null });
      const limits = { memoryMb: 512, processes: 2, commandTimeoutMs: 9000, outputBytes: 9000, fileBytes: 9000 };
      const cell = await driver.open({ id: 'crowd', workspace: '${bench.workspace}', isWorkspaceWritable: true, readable: [], env: {}, allowedHosts: [], limits });
      const result = await cell.exec({ argv: ['bash', '-c', ${JSON.stringify(crowd)}] });
      console.log(JSON.stringify([result.exitCode, result.stdout + result.stderr, (await cell.exec({ argv: ['echo', 'alive'] })).stdout]));
      await cell.close();`;
    const user = ['--reuid', '1000', '--regid', '1000', '--clear-groups'];
    const args = [...user, process.execPath, '--no-warnings', '--input-type=module', '-e', script];
    const env = { PATH: '/usr/bin:/bin', HOME: bench.base() };
    const ran = spawnSync('setpriv', args, { encoding: 'utf8', cwd: '/', env });
    const [exitCode, stderr, alive] = JSON.parse(ran.stdout);
    expect([exitCode, alive]).toEqual([null, 'alive\n']);
    expect(stderr).toMatch(/fork: .*(Resource temporarily unavailable|retry)/);
  });
});

describe.runIf(isIsolated)('a program in the workspace that has the name of one of ours', () => {
  const path = `.:${process.env.PATH}`;
  const bench = setUpBench((base) =>
    bubblewrapDriver({ cellsDir: `${base}/cells`, upstreamProxy: null, path }),
  );

  it('is not started outside, even where the person’s PATH begins with the current folder', async () => {
    const trap = setTrap(join(bench.base(), 'trap'));
    for (const name of ['bwrap', 'git', 'sh', 'node']) copyFileSync(trap.script, join(bench.workspace, name));
    const cell = await bench.open();
    expect((await cell.exec({ argv: ['echo', 'alive'] })).stdout).toBe('alive\n');
    await cell.glob('**', 10);
    expect(trap.calls()).toEqual([]);
  });
});
