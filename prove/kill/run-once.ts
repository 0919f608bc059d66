/**
 * One run to its end under a list of boundaries to die at: worker after worker is started until everything has landed and
 * the last one has put everything down. Measures how soon each successor gets on.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProveServer } from '../prove-server.ts';
import { checkRun, type RunCheck } from './check-run.ts';
import { actAsPerson, type KillWorld, openKillWorld } from './kill-world.ts';
import { startWorker, type WorkerLife } from './worker-life.ts';

export interface RunResult extends RunCheck {
  /** Labels at which a worker died, in order. */
  killedAt: string[];
  /** Every boundary that was met, in order; empty unless asked for. */
  notes: string[];
  restarts: Restart[];
  askedCount: number;
  durationMs: number;
}

/** Of one successor, in milliseconds since it was spawned; null: it had nothing to append before it died or ended. */
export interface Restart {
  readyMs: number | null;
  progressMs: number | null;
}

export interface RunRequest {
  server: ProveServer;
  /** Each is died at once, and is then left out of the list. */
  killAt: readonly string[];
  takesNotes: boolean;
  expectedTree: string | null;
  /** A run that takes longer has failed. */
  boundMs: number;
}

/** After the last landing a worker still puts things down; a death there is taken up too. */
const settleMs = 700;

export async function runOnce(request: RunRequest): Promise<RunResult> {
  const world = await openKillWorld(request.server);
  const lives: WorkerLife[] = [];
  try {
    return await play(world, request, lives);
  } finally {
    for (const life of lives) life.send('SIGKILL');
    await Promise.all(lives.map(({ ended }) => ended));
    await world.close();
  }
}

async function play(world: KillWorld, request: RunRequest, lives: WorkerLife[]): Promise<RunResult> {
  const startedAt = Date.now();
  const bound = AbortSignal.timeout(request.boundMs);
  const pending = new Set(request.killAt);
  const killedAt: string[] = [];
  const notes = path.join(world.root, 'notes');
  if (request.takesNotes) writeFileSync(notes, '');
  const start = () => {
    const killList = path.join(world.root, 'kill-list');
    writeFileSync(killList, [...pending].join('\n'));
    const life = startWorker(world, { killList, notes: request.takesNotes ? notes : undefined });
    lives.push(life);
    return life;
  };
  const noteDeath = (life: WorkerLife) => {
    for (const line of life.lines) {
      if (line.what === 'killed') {
        pending.delete(line.label);
        killedAt.push(line.label);
      }
      if (line.what === 'failed') throw new Error(`a worker ended by itself: ${line.message}`);
    }
  };
  const person = actAsPerson(world, bound);
  person.catch(() => {});
  let isLanded = false;
  void person.then(
    () => {
      isLanded = true;
    },
    () => {},
  );
  let life = start();
  while (!isLanded) {
    await Promise.race([life.ended, person]);
    if (!life.isEnded) break;
    noteDeath(life);
    life = start();
  }
  const { askedCount } = await person;
  for (;;) {
    await Promise.race([life.ended, life.waitFor('ready').then(() => delay(settleMs))]);
    life.send('SIGTERM');
    await life.ended;
    const died = life.lines.some(({ what }) => what === 'killed');
    noteDeath(life);
    if (!died) break;
    life = start();
  }
  const check = await checkRun(world, { tree: request.expectedTree });
  return {
    ...check,
    killedAt,
    notes: request.takesNotes ? readFileSync(notes, 'utf8').split('\n').filter(Boolean) : [],
    restarts: lives.slice(1).map(measure),
    askedCount,
    durationMs: Date.now() - startedAt,
  };
}

export function measure(life: WorkerLife): Restart {
  const since = (what: 'ready' | 'progress') => {
    const line = life.lines.find((each) => each.what === what);
    return line ? line.at - life.spawnedAt : null;
  };
  return { readyMs: since('ready'), progressMs: since('progress') };
}
