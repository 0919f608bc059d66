/** Runs segments in child processes, each by whoever is free. */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { SegmentOrder, SegmentOutcome } from './run-segment.ts';

export interface RunSegmentsOptions {
  orders: readonly SegmentOrder[];
  processes: number;
  /** Name of the guard that is taken out; null: the product as it is. */
  guard: string | null;
  /** Called after every segment. False: no further one is begun. */
  onSegment(outcome: SegmentOutcome): boolean;
  signal: AbortSignal;
}

/** Resolves when all that were begun have ended, and the children with them. @throws when a child fails, or on abort. */
export async function runSegments(options: RunSegmentsOptions): Promise<void> {
  const waiting = [...options.orders];
  const count = Math.min(options.processes, waiting.length);
  await Promise.all(Array.from({ length: count }, () => runChild(options, waiting)));
}

function runChild({ guard, onSegment, signal }: RunSegmentsOptions, waiting: SegmentOrder[]): Promise<void> {
  signal.throwIfAborted();
  const child = fork(path.join(import.meta.dirname, 'child.ts'), guard === null ? [] : [guard], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const errors = collect(child);
  return new Promise((resolve, reject) => {
    const abort = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', abort, { once: true });
    child.on('message', (message: SegmentOutcome | 'ready') => {
      if (message !== 'ready' && !onSegment(message)) waiting.splice(0);
      const next = waiting.shift();
      if (next) child.send(next);
      else child.disconnect();
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      signal.removeEventListener('abort', abort);
      if (code === 0) return resolve();
      waiting.splice(0);
      reject(
        signal.aborted ? signal.reason : new Error(`a child of the hijacked model failed:\n${errors()}`),
      );
    });
  });
}

function collect(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-4_000);
  });
  return () => text;
}
