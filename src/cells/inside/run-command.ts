/**
 * Runs one command in its own session, bounded in time and output. Nothing that a command started outlives it:
 * whoever needs a server for a test starts, uses and ends it within one command.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { resolveExisting } from './confine-path.ts';
import { killMarked, signalGroup, signalMarked } from './end-processes.ts';
import { EndsKeeper } from './keep-ends.ts';
import type { ExecAnswer, ExecParams } from './protocol.ts';

/** Between SIGTERM and SIGKILL. */
export const graceMs = 1_000;
/** How long pipes may stay open after everything that could write to them was killed. */
export const drainMs = 500;

export interface CommandScope {
  workspace: string;
  env: Record<string, string>;
  commandTimeoutMs: number;
  outputBytes: number;
}

export interface RunningCommand {
  answer: Promise<ExecAnswer>;
  /** SIGTERM, then SIGKILL, to everything it started. */
  cancel(): void;
  /** SIGKILL at once; the reason is added to its stderr. */
  stop(reason: string): void;
}

export function startCommand(scope: CommandScope, params: ExecParams): RunningCommand {
  const startedAt = performance.now();
  const marker = `MESHWRIGHT_COMMAND=${randomBytes(12).toString('hex')}`;
  const state = { isTimedOut: false, isEnding: false, reasons: [] as string[] };
  let child: ChildProcess | undefined;
  const stdout = new EndsKeeper(scope.outputBytes);
  const stderr = new EndsKeeper(scope.outputBytes);

  const kill = () => {
    if (child?.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    killMarked(marker);
  };
  const terminate = () => {
    if (state.isEnding) return;
    state.isEnding = true;
    if (child?.pid === undefined) return;
    signalGroup(child.pid, 'SIGTERM');
    signalMarked(marker, 'SIGTERM');
    setTimeout(kill, graceMs).unref();
  };

  const answerWith = (exitCode: number | null, signal: string | null): ExecAnswer => ({
    exitCode: state.isEnding ? null : exitCode,
    signal: state.isEnding ? (signal ?? 'SIGTERM') : signal,
    stdout: stdout.text(),
    stderr: stderr.text() + state.reasons.map((reason) => `\n[stopped: ${reason}]\n`).join(''),
    isTimedOut: state.isTimedOut,
    isTruncated: stdout.isCut || stderr.isCut,
    durationMs: Math.round(performance.now() - startedAt),
  });

  const run = async (): Promise<ExecAnswer> => {
    const [program] = params.argv;
    const cwd = await resolveExisting(scope.workspace, params.cwd ?? '.');
    if (!program) return refusal(answerWith(126, null), 'no program was named');
    if (!cwd.ok) return refusal(answerWith(126, null), cwd.message);
    if (state.isEnding) return answerWith(null, 'SIGTERM');
    try {
      child = spawnCommand(scope, params, cwd.value, marker);
    } catch (error) {
      return refusal(answerWith(126, null), error instanceof Error ? error.message : String(error));
    }
    child.stdout?.on('data', (chunk: Buffer) => stdout.add(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk));
    // The program may end without reading its input.
    child.stdin?.on('error', () => {});
    child.stdin?.end(params.stdin ?? '');
    const timer = setTimeout(() => {
      state.isTimedOut = true;
      terminate();
    }, params.timeoutMs ?? scope.commandTimeoutMs);
    const end = await waitForEnd(child, kill);
    clearTimeout(timer);
    if (!('error' in end)) return answerWith(end.code, end.signal);
    return refusal(
      answerWith(end.error.code === 'ENOENT' ? 127 : 126, null),
      explainStart(program, end.error),
    );
  };
  return {
    answer: run(),
    cancel: terminate,
    stop: (reason) => {
      if (!state.reasons.includes(reason)) state.reasons.push(reason);
      state.isEnding = true;
      kill();
    },
  };
}

/** A session of its own per command: signals reach all of it, and none of it reaches a terminal. */
export function spawnCommand(
  scope: CommandScope,
  params: ExecParams,
  cwd: string,
  marker: string,
): ChildProcess {
  const [program = '', ...args] = params.argv;
  const [name = '', value = ''] = marker.split('=');
  return spawn(program, args, {
    cwd,
    env: { ...scope.env, ...params.env, [name]: value },
    detached: true,
    stdio: [params.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
}

type End = { code: number | null; signal: NodeJS.Signals | null } | { error: NodeJS.ErrnoException };

/** Resolves when the program has ended, its leftovers are killed and its output has been read. */
function waitForEnd(child: ChildProcess, killLeftovers: () => void): Promise<End> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ error }));
    child.once('exit', (code, signal) => {
      killLeftovers();
      const finish = () => {
        clearTimeout(timer);
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ code, signal });
      };
      const timer = setTimeout(finish, drainMs);
      child.once('close', finish);
    });
  });
}

export function explainStart(program: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return `${program}: command not found`;
  if (error.code === 'EACCES') return `${program}: permission denied`;
  return `${program}: cannot be started: ${error.message}`;
}

function refusal(answer: ExecAnswer, message: string): ExecAnswer {
  return { ...answer, stderr: `${answer.stderr}${message}\n` };
}
