/** Runs many seeds in child processes, a range at a time: whoever is free gets the next one. */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { RangeOutcome, SeedRange } from './child.ts';

export interface RunRangesOptions {
  ranges: readonly SeedRange[];
  processes: number;
  /** Name of a planted bug; null: the product as it is. */
  bug: string | null;
  /** Called after every range. False: no further range is begun. */
  onRange: (outcome: RangeOutcome) => boolean;
  signal: AbortSignal;
}

/** Resolves when every range that was begun has ended, and the children with them. @throws when a child fails, or on abort. */
export async function runRanges(options: RunRangesOptions): Promise<void> {
  const waiting = [...options.ranges];
  const next = (): SeedRange | undefined => waiting.shift();
  const stop = (): void => void waiting.splice(0);
  const count = Math.min(options.processes, options.ranges.length);
  await Promise.all(Array.from({ length: count }, () => runChild(options, next, stop)));
}

function runChild(
  { bug, onRange, signal }: RunRangesOptions,
  next: () => SeedRange | undefined,
  stop: () => void,
): Promise<void> {
  const child = fork(path.join(import.meta.dirname, 'child.ts'), bug === null ? [] : [bug], {
    execArgv: ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=32'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const errors = collect(child);
  return new Promise((resolve, reject) => {
    const abort = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', abort, { once: true });
    const goOn = (): void => {
      const range = next();
      if (range) child.send(range);
      else child.disconnect();
    };
    child.on('message', (message: RangeOutcome | 'ready') => {
      if (message !== 'ready' && !onRange(message)) stop();
      goOn();
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      signal.removeEventListener('abort', abort);
      if (code === 0) return resolve();
      stop();
      reject(signal.aborted ? signal.reason : new Error(`a child of the simulator failed:\n${errors()}`));
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

/** Ranges of at most `size` seeds. */
export function splitSeeds(from: number, to: number, size: number, isFirstOnly = false): SeedRange[] {
  const ranges: SeedRange[] = [];
  for (let start = from; start <= to; start += size) {
    ranges.push({ from: start, to: Math.min(to, start + size - 1), isFirstOnly });
  }
  return ranges;
}
