/**
 * The program that runs inside every cell: reads requests as JSON lines from stdin, answers on stdout, ends with
 * everything it started when stdin closes. Started as `node cell-server`, without any package around it.
 */
import { realpathSync } from 'node:fs';
import { readTextFile, writeTextFile } from './access-files.ts';
import { killMarked, killOthers } from './end-processes.ts';
import type { CellLine, HostLine, SpawnParams, StartParams } from './protocol.ts';
import { directHosts, proxyEnvironment, relaySocket } from './relay-socket.ts';
import { type RunningCommand, startCommand } from './run-command.ts';
import { type RunningProcess, startProcess } from './run-process.ts';
import { globFiles, grepFiles } from './search-files.ts';
import { lineSplitter } from './split-lines.ts';
import { watchUsage } from './watch-usage.ts';

interface Session {
  start: StartParams;
  workspace: string;
  env: Record<string, string>;
  commands: Map<string, RunningCommand>;
  /** Ended ones stay until the cell ends: their last output may not have been asked for yet. */
  processes: Map<string, { running: RunningProcess; hasEnded: boolean }>;
  gatewayPort: number | null;
  /** Requests that may have a process of ours running. */
  busyCount: number;
  endWatch: (() => void) | null;
}

let session: Session | undefined;

async function handle(line: HostLine): Promise<unknown> {
  if (line.method === 'start') {
    session = await begin(line.params);
    return { pid: process.pid, gatewayPort: session.gatewayPort };
  }
  if (session === undefined) throw new Error('the cell was not started');
  const current = session;
  current.busyCount += 1;
  try {
    return await serve(current, line);
  } finally {
    current.busyCount -= 1;
  }
}

async function begin(start: StartParams): Promise<Session> {
  const proxy = start.egressSocket === null ? {} : proxyEnvironment(await relaySocket(start.egressSocket));
  const gatewayPort = start.gatewaySocket === null ? null : await relaySocket(start.gatewaySocket);
  return {
    start,
    workspace: realpathSync(start.workspace),
    env: { ...start.env, ...proxy, ...(gatewayPort === null ? {} : directHosts) },
    commands: new Map(),
    processes: new Map(),
    gatewayPort,
    busyCount: 0,
    endWatch: null,
  };
}

async function serve(current: Session, line: Exclude<HostLine, { method: 'start' }>): Promise<unknown> {
  const { workspace, env } = current;
  const { fileBytes } = current.start.limits;
  switch (line.method) {
    case 'exec':
      return exec(current, line);
    case 'cancel':
      current.commands.get(line.params.target)?.cancel();
      return null;
    case 'spawn':
      return spawn(current, line.params);
    case 'input': {
      const { process, data } = line.params;
      await processOf(current, process).write(data === null ? null : Buffer.from(data, 'base64'));
      return null;
    }
    case 'output':
      return processOf(current, line.params.process).read();
    case 'end':
      processOf(current, line.params.process).cancel();
      return null;
    case 'readFile':
      return readTextFile({ workspace, fileBytes }, line.params.path);
    case 'writeFile':
      return writeTextFile({ workspace, fileBytes }, line.params.path, line.params.content);
    case 'glob':
      return globFiles({ workspace, env, fileBytes }, line.params);
    case 'grep':
      return grepFiles({ workspace, env, fileBytes }, line.params);
  }
}

async function exec(current: Session, line: Extract<HostLine, { method: 'exec' }>): Promise<unknown> {
  const { commandTimeoutMs, outputBytes } = current.start.limits;
  const scope = { workspace: current.workspace, env: current.env, commandTimeoutMs, outputBytes };
  const command = startCommand(scope, line.params);
  current.commands.set(line.id, command);
  watch(current);
  try {
    return await command.answer;
  } finally {
    current.commands.delete(line.id);
    unwatch(current);
    // Whatever is still there belongs to no request, however it hid from its command.
    if (current.start.isIsolated && current.busyCount === 1 && livingOf(current).length === 0) killOthers();
  }
}

async function spawn(current: Session, params: SpawnParams): Promise<unknown> {
  const { commandTimeoutMs, outputBytes } = current.start.limits;
  const scope = { workspace: current.workspace, env: current.env, commandTimeoutMs, outputBytes };
  try {
    const running = await startProcess(scope, params, () => {
      entry.hasEnded = true;
      unwatch(current);
    });
    const entry = { running, hasEnded: false };
    current.processes.set(params.process, entry);
    watch(current);
    return { ok: true, value: null };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

function processOf(current: Session, name: string): RunningProcess {
  const found = current.processes.get(name);
  if (found === undefined) throw new Error(`there is no process ${name}`);
  return found.running;
}

function livingOf(current: Session): RunningProcess[] {
  return [...current.processes.values()].flatMap(({ running, hasEnded }) => (hasEnded ? [] : [running]));
}

function watch(current: Session): void {
  if (!current.start.isIsolated || current.endWatch !== null) return;
  current.endWatch = watchUsage(current.start.limits, (reason) => {
    for (const command of current.commands.values()) command.stop(reason);
    for (const running of livingOf(current)) running.stop(reason);
    if (current.busyCount === current.commands.size) killOthers();
  });
}

function unwatch(current: Session): void {
  if (current.commands.size > 0 || livingOf(current).length > 0) return;
  current.endWatch?.();
  current.endWatch = null;
}

function endEverything(): void {
  const cellMarker = process.env.MESHWRIGHT_CELL;
  if (session?.start.isIsolated) killOthers();
  else if (cellMarker !== undefined) killMarked(`MESHWRIGHT_CELL=${cellMarker}`);
  process.exit(0);
}

function answer(line: CellLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function receive(text: string): void {
  const line = JSON.parse(text) as HostLine;
  handle(line).then(
    (value) => answer({ id: line.id, value }),
    (error: unknown) =>
      answer({ id: line.id, fault: error instanceof Error ? error.message : String(error) }),
  );
}

process.stdin.on(
  'data',
  lineSplitter(Number.POSITIVE_INFINITY, receive, () => {}),
);
process.stdin.on('close', endEverything);
process.on('SIGTERM', endEverything);
process.stdout.on('error', endEverything);
