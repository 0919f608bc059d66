/**
 * Runs one long-lived program whose input and output are passed on as they come. Nothing is read ahead: as long as nobody
 * asks for output, the program is held by its full pipe. What it started ends with it.
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { killMarked, signalGroup, signalMarked } from './end-processes.ts';
import { EndsKeeper } from './keep-ends.ts';
import type { OutputAnswer, ProcessEnd, SpawnParams } from './protocol.ts';
import { type CommandScope, drainMs, explainStart, graceMs, spawnCommand } from './run-command.ts';

/** An answer that has nothing is given after this, so that the host can tell a silent program from a stuck cell. */
const pollMs = 10_000;

export interface RunningProcess {
  /** Resolves when the program has taken it, or never will. Null ends its input. */
  write(data: Buffer | null): Promise<void>;
  /** The next piece of output; one asker at a time. */
  read(): Promise<OutputAnswer>;
  /** SIGTERM, then SIGKILL, to everything it started. */
  cancel(): void;
  /** SIGKILL at once; the reason is added to its stderr. */
  stop(reason: string): void;
}

/** @throws Error with one line when it cannot be started. */
export async function startProcess(
  scope: CommandScope,
  params: SpawnParams,
  onEnd: () => void,
): Promise<RunningProcess> {
  const marker = `MESHWRIGHT_COMMAND=${randomBytes(12).toString('hex')}`;
  const child = spawnCommand(scope, { ...params, stdin: '' }, scope.workspace, marker);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(explainStart(params.argv[0] ?? '', error))));
  });
  return passOn(child as ChildProcessWithoutNullStreams, { marker, outputBytes: scope.outputBytes, onEnd });
}

function passOn(
  child: ChildProcessWithoutNullStreams,
  { marker, outputBytes, onEnd }: { marker: string; outputBytes: number; onEnd: () => void },
): RunningProcess {
  const stderr = new EndsKeeper(outputBytes);
  const reasons: string[] = [];
  let end: ProcessEnd | undefined;
  let wake = () => {};
  let hasOutputEnded = false;
  child.stdout.on('readable', () => wake());
  child.stdout.once('end', () => {
    hasOutputEnded = true;
    wake();
  });
  /** Resolves with what is left of the time. */
  const pause = (ms: number) =>
    new Promise<number>((resolve) => {
      const until = performance.now() + ms;
      const timer = setTimeout(() => resolve(0), ms);
      wake = () => {
        clearTimeout(timer);
        resolve(Math.max(1, until - performance.now()));
      };
    });
  const kill = () => {
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    killMarked(marker);
  };
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  child.once('exit', (exitCode, signal) => {
    kill();
    const finish = () => {
      clearTimeout(timer);
      const said = stderr.text() + reasons.map((reason) => `\n[stopped: ${reason}]\n`).join('');
      end = { exitCode, signal, stderr: said };
      wake();
      onEnd();
    };
    // Its pipes close now, unless something that hid from the kill holds them.
    const timer = setTimeout(finish, drainMs);
    child.stderr.once('close', finish);
  });
  return {
    write: (data) => write(child, data),
    read: async () => {
      for (let waitMs = pollMs; ; ) {
        const chunk: Buffer | null = child.stdout.read();
        if (chunk !== null) return { data: chunk.toString('base64'), end: null };
        if (end !== undefined && hasOutputEnded) return { data: '', end };
        if (waitMs === 0) return { data: '', end: end ?? null };
        // What an ended program left in its pipe comes at once, if anything does.
        waitMs = await pause(end === undefined ? waitMs : Math.min(waitMs, drainMs));
      }
    },
    cancel: () => {
      if (child.pid === undefined || end !== undefined) return;
      signalGroup(child.pid, 'SIGTERM');
      signalMarked(marker, 'SIGTERM');
      setTimeout(kill, graceMs).unref();
    },
    stop: (reason) => {
      if (!reasons.includes(reason)) reasons.push(reason);
      kill();
    },
  };
}

function write(child: ChildProcessWithoutNullStreams, data: Buffer | null): Promise<void> {
  return new Promise((resolve) => {
    if (!child.stdin.writable) return resolve();
    if (data === null) child.stdin.end(() => resolve());
    else child.stdin.write(data, () => resolve());
    child.stdin.once('close', resolve);
  });
}
