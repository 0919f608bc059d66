/**
 * One run under blows at random times: workers killed, the database server killed, workers stopped for longer than their
 * lease while another takes over, and then woken. Each blow is dealt when the one before has taken its effect.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess } from '../../src/base/process-identity.ts';
import type { ProveServer } from '../prove-server.ts';
import { checkRun, type RunCheck } from './check-run.ts';
import { actAsPerson, type KillWorld, openKillWorld } from './kill-world.ts';
import { measure, type Restart } from './run-once.ts';
import { startWorker, type WorkerLife } from './worker-life.ts';

export interface Blow {
  kind: 'kill_worker' | 'kill_postgres' | 'stop_worker';
  /** After the blow before, or after the start. */
  afterMs: number;
}

export interface RandomRun extends RunCheck {
  /** Blows dealt; the others came after everything had landed. */
  dealt: Blow[];
  /** Successors of killed workers. */
  restarts: Restart[];
  /** From stopping a worker to the first event of the one that took over. */
  takeoverMs: number[];
  /** Workers that ended with an error; the database was away when they started. */
  gaveUpCount: number;
  askedCount: number;
  durationMs: number;
}

/** Past the lease of 15 s. */
const stoppedForMs = 17_000;
const startAgainAfterMs = 300;
const settleMs = 700;

export async function runRandomly(request: {
  server: ProveServer;
  blows: readonly Blow[];
  expectedTree: string | null;
  boundMs: number;
}): Promise<RandomRun> {
  const world = await openKillWorld(request.server);
  const crew = createCrew(world);
  const startedAt = Date.now();
  try {
    const signal = AbortSignal.timeout(request.boundMs);
    const person = actAsPerson(world, signal);
    let isLanded = false;
    const landed = person.then(
      () => {
        isLanded = true;
      },
      () => {
        isLanded = true;
      },
    );
    const dealt: Blow[] = [];
    const restarts: WorkerLife[] = [];
    const takeoverMs: number[] = [];
    crew.keepOne();
    for (const blow of request.blows) {
      await Promise.race([delay(blow.afterMs), landed]);
      if (isLanded) break;
      const successor = await deal(blow, { crew, server: request.server, takeoverMs });
      if (successor) restarts.push(successor);
      dealt.push(blow);
    }
    const { askedCount } = await person;
    await delay(settleMs);
    await crew.stop();
    await answersAgain(world);
    const check = await checkRun(world, { tree: request.expectedTree });
    const { gaveUpCount } = crew;
    const durationMs = Date.now() - startedAt;
    return {
      ...check,
      dealt,
      restarts: restarts.map(measure),
      takeoverMs,
      gaveUpCount,
      askedCount,
      durationMs,
    };
  } finally {
    await crew.end();
    await world.close();
  }
}

interface Crew {
  gaveUpCount: number;
  /** The ones that run and are not stopped. */
  awake(): WorkerLife[];
  start(): WorkerLife;
  /** From now on at least one is awake; returns one that it had to start. */
  keepOne(): WorkerLife | undefined;
  /** All are asked to end, and do. */
  stop(): Promise<void>;
  end(): Promise<void>;
  stopped: Set<WorkerLife>;
}

function createCrew(world: KillWorld): Crew {
  const lives = new Set<WorkerLife>();
  let isEnding = false;
  const crew: Crew = {
    gaveUpCount: 0,
    stopped: new Set(),
    awake: () => [...lives].filter((life) => !life.isEnded && !crew.stopped.has(life)),
    start() {
      const life = startWorker(world, {});
      lives.add(life);
      void life.ended.then(async () => {
        if (isEnding || !life.lines.some(({ what }) => what === 'failed')) return;
        crew.gaveUpCount += 1;
        await delay(startAgainAfterMs);
        if (!isEnding) crew.keepOne();
      });
      return life;
    },
    keepOne: () => (crew.awake().length > 0 ? undefined : crew.start()),
    async stop() {
      isEnding = true;
      for (const life of lives) life.send('SIGTERM');
      await Promise.all([...lives].map(({ ended }) => ended));
    },
    async end() {
      isEnding = true;
      for (const life of lives) life.send('SIGKILL');
      await Promise.all([...lives].map(({ ended }) => ended));
    },
  };
  return crew;
}

/** Returns the successor that a killed worker got, if it was the last one. */
async function deal(
  blow: Blow,
  hands: { crew: Crew; server: ProveServer; takeoverMs: number[] },
): Promise<WorkerLife | undefined> {
  const { crew, server, takeoverMs } = hands;
  const [victim] = crew.awake();
  switch (blow.kind) {
    case 'kill_postgres':
      await killPostgres(server);
      return undefined;
    case 'kill_worker':
      if (!victim) return undefined;
      victim.send('SIGKILL');
      await victim.ended;
      return crew.keepOne();
    case 'stop_worker': {
      if (!victim) return undefined;
      const stoppedAt = Date.now();
      victim.send('SIGSTOP');
      crew.stopped.add(victim);
      const [other = crew.start()] = crew.awake();
      await delay(stoppedForMs);
      victim.send('SIGCONT');
      crew.stopped.delete(victim);
      const line = other.lines.find(({ what }) => what === 'progress');
      if (line && line.at > stoppedAt) takeoverMs.push(line.at - stoppedAt);
      return undefined;
    }
  }
}

/** Waits for one that is being started. */
async function killPostgres(server: ProveServer): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (let pid = server.postmasterPid(); ; pid = server.postmasterPid()) {
    if (pid !== null && identifyProcess(pid)) {
      process.kill(pid, 'SIGKILL');
      return;
    }
    if (Date.now() > deadline) throw new Error('the database server was not started again');
    await delay(20);
  }
}

/** A server that was killed last may still be recovering. */
async function answersAgain({ journal }: KillWorld): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await journal.head();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(200);
    }
  }
}
