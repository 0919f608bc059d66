/**
 * The program that runs inside every cell: reads requests as JSON lines from stdin, answers on stdout, ends with
 * everything it started when stdin closes. Started as `node cell-server`, without any package around it.
 */
import { realpathSync } from 'node:fs';
import { readTextFile, writeTextFile } from './access-files.ts';
import { killMarked, killOthers } from './end-processes.ts';
import type { CellLine, HostLine, StartParams } from './protocol.ts';
import { proxyEnvironment, relayEgress } from './relay-egress.ts';
import { type RunningCommand, startCommand } from './run-command.ts';
import { globFiles, grepFiles } from './search-files.ts';
import { lineSplitter } from './split-lines.ts';
import { watchUsage } from './watch-usage.ts';

interface Session {
  start: StartParams;
  workspace: string;
  env: Record<string, string>;
  commands: Map<string, RunningCommand>;
  /** Requests that may have a process of ours running. */
  busyCount: number;
  endWatch: (() => void) | null;
}

let session: Session | undefined;

async function handle(line: HostLine): Promise<unknown> {
  if (line.method === 'start') {
    session = await begin(line.params);
    return { pid: process.pid };
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
  const proxy = start.egressSocket === null ? {} : proxyEnvironment(await relayEgress(start.egressSocket));
  return {
    start,
    workspace: realpathSync(start.workspace),
    env: { ...start.env, ...proxy },
    commands: new Map(),
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
    if (current.commands.size === 0) {
      current.endWatch?.();
      current.endWatch = null;
    }
    // Whatever is still there belongs to no request, however it hid from its command.
    if (current.start.isIsolated && current.busyCount === 1) killOthers();
  }
}

function watch(current: Session): void {
  if (!current.start.isIsolated || current.endWatch !== null) return;
  current.endWatch = watchUsage(current.start.limits, (reason) => {
    for (const command of current.commands.values()) command.stop(reason);
    if (current.busyCount === current.commands.size) killOthers();
  });
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
