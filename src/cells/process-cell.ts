/**
 * Driver `process`: no isolation at all, only order: a cleared environment, a private home, and an end that finds
 * every process. Commands can read and write whatever the platform's user can, and reach any network.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { realpath, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cell, CellDriver, CellSpec } from './cell.ts';
import {
  type CellHost,
  createPrivateDir,
  describeCellHost,
  type PrivateDir,
  removePrivateDir,
} from './cell-host.ts';
import { noteProcess } from './cell-record.ts';
import { type EgressProxy, startEgressProxy } from './egress-proxy.ts';
import { killMarked, signalGroup } from './inside/end-processes.ts';
import { proxyEnvironment } from './inside/relay-socket.ts';
import { endLeftover, listLeftovers } from './leftovers.ts';
import { openCell } from './open-cell.ts';
import { insideFolder, insideProgram, nodeOptions } from './start-inside.ts';

/** @param options what is not given is read from the platform's own environment, once, here. */
export function processDriver(options: Partial<CellHost> = {}): CellDriver {
  const host = describeCellHost(options, process.env);
  return {
    name: 'process',
    isIsolated: false,
    preflight: async () => ({ ok: true }),
    open: (spec) => open(host, spec),
    listLeftovers: () => listLeftovers(host.cellsDir),
    endLeftover: (id) => endLeftover(host.cellsDir, id),
  };
}

async function open(host: CellHost, spec: CellSpec): Promise<Cell> {
  const workspace = await realpath(spec.workspace);
  const cell = { id: spec.id, driver: 'process', needsEgress: false } as const;
  const privateDir = await createPrivateDir(host, cell);
  try {
    return await openIn(host, { ...spec, workspace }, privateDir);
  } catch (error) {
    await removePrivateDir(host, privateDir);
    throw error;
  }
}

async function openIn(host: CellHost, spec: CellSpec, privateDir: PrivateDir): Promise<Cell> {
  const { dir, token, home, temporary } = privateDir;
  // Started through the private folder: once that is gone, a spawn that was already on its way finds no program.
  await symlink(insideFolder, join(dir, 'inside'));
  const marker = `MESHWRIGHT_CELL=${token}`;
  let egress: EgressProxy | undefined;
  if (spec.allowedHosts.length > 0) {
    const { upstreamProxy, waitForHost } = host;
    egress = await startEgressProxy({
      allowedHosts: spec.allowedHosts,
      upstreamProxy,
      waitForHost,
      socketPath: null,
    });
  }
  const env = {
    PATH: host.path,
    HOME: home,
    TMPDIR: temporary,
    LANG: 'C.UTF-8',
    ...(egress?.port == null ? {} : proxyEnvironment(egress.port)),
    ...spec.env,
    MESHWRIGHT_CELL: token,
  };
  const child = spawn(host.nodePath, [...nodeOptions, join(dir, 'inside', insideProgram)], {
    cwd: spec.workspace,
    env: { PATH: host.path, HOME: home, LANG: 'C.UTF-8', MESHWRIGHT_CELL: token },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  noteProcess(dir, child.pid);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  return openCell({
    child: child as ChildProcessWithoutNullStreams,
    spec,
    env,
    isIsolated: false,
    egressSocket: null,
    gatewaySocket: spec.gatewaySocket ?? null,
    pid: () => child.pid ?? 0,
    dispose: async () => {
      // Commands have sessions of their own, so that the group alone would miss them; on a machine without /proc the
      // program inside ends its commands' groups when its input closes, and gets the time for it.
      child.stdin.end();
      if (process.platform !== 'linux') await Promise.race([ended, pause(300)]);
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
      killMarked(marker);
      await ended;
      killMarked(marker);
      await egress?.close();
      await removePrivateDir(host, privateDir);
    },
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
