import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOrdinaryUser } from '../../test/ordinary-user.ts';
import { findProcesses, setUpBench } from './bench-for-contract.ts';
import { bubblewrapDriver, countsPerNamespace } from './bubblewrap-cell.ts';
import { describeCellContract } from './cell-contract.ts';

const create = (base: string) => bubblewrapDriver({ cellsDir: join(base, 'cells'), upstreamProxy: null });

it('limits processes by the system only where that counts those of the cell', () => {
  const kernels = { '5.4.0-150-generic': false, '5.14.0': true, '5.15.0-91': true, '6.1.0-18-amd64': true };
  for (const [kernel, counts] of Object.entries(kernels)) expect(countsPerNamespace(kernel)).toBe(counts);
});

const checked = await bubblewrapDriver().preflight();
const canRun = checked.ok || process.env.CI === 'true';
if (!canRun && !checked.ok) {
  console.warn(`Tests of bubblewrap are left out here: ${checked.problem}. To run them: ${checked.fix}`);
}

describe.runIf(canRun)('bubblewrap', () => {
  it('works on this machine', () => expect(checked).toEqual({ ok: true }));

  describeCellContract('bubblewrap', create);

  describe('isolation', () => {
    const bench = setUpBench(create);
    const listener = createServer((socket) => socket.end('reached'));
    let port = 0;
    beforeAll(async () => {
      await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
      const address = listener.address();
      port = typeof address === 'object' && address !== null ? address.port : 0;
    });
    afterAll(() => listener.close());

    it('has no network: neither a listener of the host nor anything else, proxied cells included', async () => {
      const connect = ['bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port} && cat <&3`];
      expect((await promisify(execFile)('bash', connect.slice(1))).stdout).toBe('reached');
      for (const allowedHosts of [[], ['registry.example.org']]) {
        const cell = await bench.open({ allowedHosts });
        const result = await cell.exec({ argv: connect });
        expect(result.exitCode).not.toBe(0);
        expect(result.stdout).not.toContain('reached');
        const interfaces = await cell.exec({ argv: ['cat', '/proc/net/dev'] });
        expect(interfaces.stdout.match(/^\s*\w+:/gm)?.map((name) => name.trim())).toEqual(['lo:']);
      }
    });

    it('shows neither homes nor secrets nor other workspaces nor processes of the host', async () => {
      const other = join(bench.base(), 'other');
      mkdirSync(other);
      writeFileSync(join(other, 'file'), 'secret');
      const cell = await bench.open();
      const hidden = [
        other,
        '/root',
        '/etc/shadow',
        '/etc/gshadow',
        '/etc/ssh',
        '/etc/ssl/private',
        '/var/lib',
        '/sys',
        '/etc/npmrc',
        '/etc/sudoers',
      ];
      for (const path of hidden) {
        const { stdout } = await cell.exec({
          argv: ['sh', '-c', `ls -A ${path} 2>/dev/null | grep -v "^[.]"`],
        });
        expect([path, stdout]).toEqual([path, '']);
      }
      const pids = await cell.exec({ argv: ['sh', '-c', 'ls /proc | grep -c "^[0-9]"'] });
      expect(Number(pids.stdout)).toBeLessThan(10);
      const capabilities = await cell.exec({ argv: ['grep', '-E', 'Cap(Eff|Bnd|Prm)', '/proc/self/status'] });
      expect(capabilities.stdout.replace(/Cap...:\s*0+\n/g, '')).toBe('');
      const writes = await cell.exec({
        argv: ['sh', '-c', 'touch /usr/x /etc/x /run/meshwright/inside/x /opt/x; true'],
      });
      expect(writes.stderr.match(/Read-only|Permission|No such/g)?.length).toBeGreaterThanOrEqual(3);
    });

    it('shows what is given as readable, read-only', async () => {
      const shared = join(bench.base(), 'shared');
      mkdirSync(shared);
      writeFileSync(join(shared, 'file'), 'shared');
      const cell = await bench.open({ readable: [shared, join(bench.base(), 'missing')] });
      const result = await cell.exec({ argv: ['sh', '-c', `cat ${shared}/file; echo x > ${shared}/file`] });
      expect(result).toMatchObject({ stdout: 'shared', exitCode: 2 });
      expect(readFileSync(join(shared, 'file'), 'utf8')).toBe('shared');
    });

    it('keeps the workspace as it is for a role that only reads', async () => {
      writeFileSync(join(bench.workspace, 'a.txt'), 'text');
      const cell = await bench.open({ isWorkspaceWritable: false });
      expect(await cell.readFile('a.txt')).toEqual({ ok: true, value: 'text' });
      expect(await cell.writeFile('a.txt', 'x')).toMatchObject({
        ok: false,
        message: expect.stringMatching(/read-only/),
      });
      expect((await cell.exec({ argv: ['sh', '-c', 'echo x > a.txt; touch new'] })).exitCode).not.toBe(0);
      expect(readFileSync(join(bench.workspace, 'a.txt'), 'utf8')).toBe('text');
    });

    it('ends what erased its environment and left its session when the command ends', async () => {
      const cell = await bench.open();
      await cell.exec({ argv: ['sh', '-c', 'env -i setsid sleep 5151.5151 >/dev/null 2>&1 & sleep 0.2'] });
      expect(findProcesses('5151.5151')).toEqual([]);
    });

    it('stops a command that takes more memory or processes than allowed, and goes on', async () => {
      const limits = { ...bench.spec().limits, memoryMb: 300, processes: 20 };
      const cell = await bench.open({ limits });
      const hog = 'const keep = []; setInterval(() => keep.push(Buffer.alloc(3e7, 1)), 20)';
      const memory = await cell.exec({ argv: ['node', '-e', hog] });
      expect(memory).toMatchObject({ exitCode: null, isTimedOut: false });
      expect(memory.stderr).toContain('[stopped: more than 300 MB of memory in use]');
      const crowd = await cell.exec({ argv: ['sh', '-c', 'for i in $(seq 40); do sleep 30 & done; wait'] });
      expect(crowd.stderr).toContain('[stopped: more than 20 processes]');
      expect((await cell.exec({ argv: ['echo', 'alive'] })).stdout).toBe('alive\n');
    });

    it('ends with everything in it when a command kills the program inside', async () => {
      const cell = await bench.open();
      const running = cell.exec({
        argv: ['bash', '-c', 'setsid sleep 6161.6161 & kill -9 $PPID; sleep 6161.6161'],
      });
      await expect(running).rejects.toMatchObject({ code: 'cell_ended' });
      await cell.close();
      expect(findProcesses('6161.6161')).toEqual([]);
    });
  });

  describe.runIf(findOrdinaryUser() !== null)('as an ordinary user', () => {
    const bench = setUpBench(create);
    it('opens, runs, isolates and closes cells of both drivers', () => {
      chmodSync(bench.base(), 0o777);
      chmodSync(bench.workspace, 0o777);
      const script = `
        const { bubblewrapDriver } = await import('${import.meta.dirname}/bubblewrap-cell.ts');
        const { processDriver } = await import('${import.meta.dirname}/process-cell.ts');
        for (const create of [bubblewrapDriver, processDriver]) {
          const driver = create({ cellsDir: '${bench.base()}/cells', upstreamProxy: null });
          const limits = { memoryMb: 512, processes: 64, commandTimeoutMs: 9000, outputBytes: 9000, fileBytes: 9000 };
          const cell = await driver.open({ id: driver.name, workspace: '${bench.workspace}', isWorkspaceWritable: true, readable: [], env: {}, allowedHosts: [], limits });
          const id = await cell.exec({ argv: ['id', '-u'] });
          const written = await cell.writeFile('by-' + driver.name, 'x');
          const net = await cell.exec({ argv: ['sh', '-c', 'grep -c : /proc/net/dev'] });
          await cell.close();
          console.log(driver.name, id.stdout.trim(), written.ok, net.stdout.trim() === '1');
        }`;
      const user = ['--reuid', '1000', '--regid', '1000', '--clear-groups'];
      const ran = spawnSync(
        'setpriv',
        [...user, process.execPath, '--no-warnings', '--input-type=module', '-e', script],
        {
          encoding: 'utf8',
          cwd: '/',
          env: { PATH: '/usr/bin:/bin', HOME: bench.base() },
        },
      );
      expect(ran.stderr).toBe('');
      expect(ran.stdout.split('\n').slice(0, 2)[0]).toBe('bubblewrap 1000 true true');
      expect(ran.stdout).toContain('process 1000 true');
    });
  });
});
