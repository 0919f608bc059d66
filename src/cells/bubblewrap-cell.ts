/**
 * Driver `bubblewrap`: namespaces of its own for everything (files, processes, network, users), no capabilities, one
 * long-lived `bwrap` per cell. The `.git` of a workspace that is writable as a whole is so too: the platform never reads it.
 * Limits: time, output and file size are exact; memory and processes are watched, which a fast enough command can
 * overrun for a moment (`ulimit -u` stops a fork bomb, but not for root; cgroups and a system call filter are not used).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../base/errors.ts';
import { identifyProcess, isSameProcessAlive, type ProcessIdentity } from '../base/process-identity.ts';
import { explainBubblewrap } from './bubblewrap-fix.ts';
import { findVisibleTools, readOnlyMounts, systemMounts } from './bubblewrap-mounts.ts';
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
import { endLeftover, listLeftovers } from './leftovers.ts';
import { openCell } from './open-cell.ts';
import { insideFolder, insideProgram, nodeOptions } from './start-inside.ts';
import { workspaceMounts } from './workspace-mounts.ts';

const homeInside = '/home/agent';
const programInside = '/run/meshwright/inside';
const egressInside = '/run/meshwright/egress';
const gatewayInside = '/run/meshwright/gateway';
/** Largest file a command may write; what a runaway log would fill the disk with. */
const largestFileBytes = 4 * 1024 * 1024 * 1024;
const longestEndMs = 2_000;
/** Threads count too, and a Node process has about eleven. */
const threadsPerProcess = 16;

/** @param options what is not given is read from the platform's own environment, once, here. */
export function bubblewrapDriver(options: Partial<CellHost> = {}): CellDriver {
  const host = describeCellHost(options, process.env);
  return {
    name: 'bubblewrap',
    isIsolated: true,
    preflight: () => preflight(host),
    open: (spec) => open(host, spec),
    listLeftovers: () => listLeftovers(host.cellsDir),
    endLeftover: (id) => endLeftover(host.cellsDir, id),
  };
}

async function preflight(host: CellHost): ReturnType<CellDriver['preflight']> {
  const workspace = await mkdtemp(join(tmpdir(), 'mw-preflight-'));
  try {
    const cell = await open(host, {
      id: `preflight-${randomBytes(4).toString('hex')}`,
      workspace,
      isWorkspaceWritable: true,
      readable: [],
      env: {},
      allowedHosts: [],
      limits: { memoryMb: 1024, processes: 64, commandTimeoutMs: 10_000, outputBytes: 4096, fileBytes: 4096 },
    });
    try {
      const { exitCode, stderr } = await cell.exec({ argv: ['true'] });
      if (exitCode === 0) return { ok: true };
      return { ok: false, ...explainBubblewrap(stderr) };
    } finally {
      await cell.close();
    }
  } catch (error) {
    return { ok: false, ...explainBubblewrap(messageOf(error)) };
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

async function open(host: CellHost, spec: CellSpec): Promise<Cell> {
  const workspace = await realpath(spec.workspace);
  const needsEgress = spec.allowedHosts.length > 0;
  const privateDir = await createPrivateDir(host, { id: spec.id, driver: 'bubblewrap', needsEgress });
  try {
    return await openIn(host, { ...spec, workspace }, privateDir);
  } catch (error) {
    await removePrivateDir(host, privateDir);
    throw error;
  }
}

async function openIn(host: CellHost, spec: CellSpec, privateDir: PrivateDir): Promise<Cell> {
  const tools = findVisibleTools(host);
  const { egressDir } = privateDir;
  let egress: EgressProxy | undefined;
  if (egressDir !== null) {
    await mkdir(egressDir, { mode: 0o700 });
    const { upstreamProxy, waitForHost } = host;
    egress = await startEgressProxy({
      allowedHosts: spec.allowedHosts,
      upstreamProxy,
      waitForHost,
      socketPath: join(egressDir, 'socket'),
    });
  }
  const args = bubblewrapArgs({
    host,
    spec,
    privateDir,
    tools: tools.folders,
  });
  const child = spawn('bwrap', args, {
    cwd: spec.workspace,
    // bwrap itself clears what commands see; its own lookup needs the person's PATH.
    // The token stays readable on bwrap itself, from outside: how it is found when its opener died before it noted it.
    env: { PATH: host.path, MESHWRIGHT_CELL: privateDir.token },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  noteProcess(privateDir.dir, child.pid);
  const started = watchStart(child, (pid) => noteProcess(privateDir.dir, pid));
  return openCell({
    child: child as ChildProcess & { stdin: Writable; stdout: Readable; stderr: Readable },
    spec,
    env: {
      PATH: tools.path,
      HOME: homeInside,
      TMPDIR: '/tmp',
      LANG: 'C.UTF-8',
      ...tools.env,
      ...spec.env,
    },
    isIsolated: true,
    egressSocket: egress === undefined ? null : `${egressInside}/socket`,
    gatewaySocket: spec.gatewaySocket === undefined ? null : gatewayInside,
    pid: () => (started.hasEnded() ? undefined : started.first()?.pid) ?? child.pid ?? 0,
    dispose: async () => {
      // The first process inside takes everything in its namespace with it; the outer one then reports and ends.
      const first = started.first();
      if (first === undefined) kill(child.pid);
      else if (isSameProcessAlive(first)) kill(first.pid);
      const timer = setTimeout(() => kill(child.pid), 500);
      await started.ended;
      clearTimeout(timer);
      // Not the last one where a command killed the program inside: the first one follows it a moment later.
      if (first !== undefined) await untilGone(first);
      await egress?.close();
      await removePrivateDir(host, privateDir);
    },
  });
}

interface StartWatch {
  ended: Promise<void>;
  hasEnded(): boolean;
  /** The namespace's first process as the host sees it, once bwrap has said it. */
  first(): ProcessIdentity | undefined;
}

function watchStart(child: ChildProcess, onFirstPid: (pid: number) => void): StartWatch {
  let first: ProcessIdentity | undefined;
  let status = '';
  const pipe = child.stdio[3];
  if (pipe !== null && pipe !== undefined && 'on' in pipe) {
    pipe.on('error', () => {});
    pipe.on('data', (chunk: Buffer) => {
      status += chunk.toString('utf8');
      const match = /"child-pid":\s*(\d+)/.exec(status);
      if (!match || first !== undefined) return;
      const pid = Number(match[1]);
      // A pid may be somebody else's once ours was reaped.
      first = identifyProcess(pid);
      onFirstPid(pid);
    });
  }
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      hasEnded = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  return { ended, hasEnded: () => hasEnded, first: () => first };
}

/** At most as long as the kernel may need for it; what cannot be killed is a leftover for later. */
async function untilGone(known: ProcessIdentity): Promise<void> {
  for (let waitedMs = 0; waitedMs < longestEndMs && isSameProcessAlive(known); waitedMs += 5) await sleep(5);
}

interface ArgsRequest {
  host: CellHost;
  spec: CellSpec;
  privateDir: PrivateDir;
  tools: readonly string[];
}

function bubblewrapArgs(request: ArgsRequest): string[] {
  const { host, spec, privateDir, tools } = request;
  const { egressDir } = privateDir;
  const hosts = join(privateDir.dir, 'hosts');
  const manifest = join(privateDir.dir, 'package.json');
  writeFileSync(hosts, '127.0.0.1 localhost\n::1 localhost\n');
  writeFileSync(manifest, '{"type":"module"}\n');
  const fileBlocks = Math.ceil(largestFileBytes / 512);
  const threads = spec.limits.processes * threadsPerProcess;
  // Soft failures: a lower limit of the machine stays in force. Shells differ in the letter for processes.
  const threadLimit = countsPerNamespace(release())
    ? `ulimit -u ${threads} 2>/dev/null || ulimit -p ${threads} 2>/dev/null; `
    : '';
  const limits = `ulimit -c 0; ulimit -f ${fileBlocks} 2>/dev/null; ${threadLimit}exec "$@"`;
  return [
    ...['--unshare-all', '--die-with-parent', '--new-session', '--clearenv', '--cap-drop', 'ALL'],
    ...['--hostname', 'cell', '--json-status-fd', '3'],
    ...systemMounts(),
    ...['--ro-bind', hosts, '/etc/hosts'],
    ...['--proc', '/proc', '--dev', '/dev'],
    ...['--bind', privateDir.temporary, '/tmp', '--symlink', '/tmp', '/var/tmp'],
    ...['--bind', privateDir.home, homeInside],
    ...['--ro-bind', insideFolder, programInside, '--ro-bind', manifest, '/run/meshwright/package.json'],
    ...(egressDir === null ? [] : ['--bind', egressDir, egressInside]),
    ...(spec.gatewaySocket === undefined ? [] : ['--bind', spec.gatewaySocket, gatewayInside]),
    ...readOnlyMounts([...tools, ...spec.readable]),
    ...workspaceMounts(spec),
    ...['--chdir', spec.workspace, '--'],
    ...['/bin/sh', '-c', limits, 'sh'],
    ...[host.nodePath, ...nodeOptions, join(programInside, insideProgram)],
  ];
}

/**
 * Since Linux 5.14 a limit on processes counts those of the cell. Before, it counted all of the person's, wherever they run:
 * a desktop alone could use it up. Pure.
 */
export function countsPerNamespace(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10));
  return major > 5 || (major === 5 && minor >= 14);
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}
