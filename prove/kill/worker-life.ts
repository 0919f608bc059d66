/** One life of a worker process: started, listened to, ended, with the times at which it said something. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { KillWorld } from './kill-world.ts';
import { paidModelKey } from './paid-model.ts';
import { type WorkerLine, workerVariables } from './worker-line.ts';

export interface WorkerLife {
  pid: number;
  /** Milliseconds since the epoch, as in its lines. */
  spawnedAt: number;
  lines: readonly WorkerLine[];
  isEnded: boolean;
  /** Its last lines on standard error, for a message. */
  complaint: string;
  /** Resolves with the signal that ended it, or null. */
  ended: Promise<NodeJS.Signals | null>;
  /** Resolves at such a line; undefined when it ended without one. */
  waitFor(what: WorkerLine['what']): Promise<WorkerLine | undefined>;
  send(signal: NodeJS.Signals): void;
}

const processFile = path.join(import.meta.dirname, 'worker-process.ts');

/** Where a worker runs, and which model it finds. */
export type WorkerPlace = Pick<KillWorld, 'root' | 'repository' | 'home' | 'databaseUrl'> & {
  model: Pick<KillWorld['model'], 'baseUrl'>;
};

export function startWorker(
  world: WorkerPlace,
  files: { killList?: string | undefined; notes?: string | undefined },
): WorkerLife {
  const spawnedAt = Date.now();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', processFile], {
    cwd: world.root,
    env: environment(world, files),
    // In a group of its own: a stopped member of an orphaned group would have all of it hung up. It ends with this pipe.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin?.on('error', () => {});
  const lines: WorkerLine[] = [];
  const waiting = new Set<() => void>();
  const look = () => {
    for (const each of waiting) each();
  };
  const life: WorkerLife = {
    pid: child.pid ?? 0,
    spawnedAt,
    lines,
    isEnded: false,
    complaint: '',
    ended: new Promise((resolve) => {
      child.once('close', (_, signal) => {
        life.isEnded = true;
        resolve(signal);
        look();
      });
    }),
    waitFor: (what) =>
      new Promise((resolve) => {
        const check = () => {
          const line = lines.find((each) => each.what === what);
          if (!line && !life.isEnded) return;
          waiting.delete(check);
          resolve(line);
        };
        waiting.add(check);
        check();
      }),
    send: (signal) => {
      if (!life.isEnded) child.kill(signal);
    },
  };
  readLines(child, (line) => {
    lines.push(line);
    look();
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    life.complaint = (life.complaint + chunk).slice(-2_000);
  });
  return life;
}

function environment(
  world: WorkerPlace,
  files: { killList?: string | undefined; notes?: string | undefined },
): Record<string, string> {
  return {
    PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH ?? ''}`,
    HOME: world.root,
    LANG: 'C.UTF-8',
    MESHWRIGHT_HOME: world.home,
    DATABASE_URL: world.databaseUrl,
    ANTHROPIC_BASE_URL: world.model.baseUrl,
    ANTHROPIC_API_KEY: paidModelKey,
    [workerVariables.repository]: world.repository,
    ...(files.killList ? { [workerVariables.killList]: files.killList } : {}),
    ...(files.notes ? { [workerVariables.notes]: files.notes } : {}),
  };
}

function readLines(child: ChildProcess, onLine: (line: WorkerLine) => void): void {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (text + chunk).split('\n');
    text = parts.pop() ?? '';
    for (const part of parts) onLine(JSON.parse(part) as WorkerLine);
  });
}
