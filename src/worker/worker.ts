/**
 * The worker: claims what is due, drives it, and gives everything back when it ends. Any number of workers may run on one
 * database; a claim's fence keeps each stream with one of them. When the database goes away, the worker stops what it
 * does, waits, and goes on when it is back.
 */
import { ControlWatch } from '../controls/control-watch.ts';
import { streamId } from '../journal/event.ts';
import { applyCeilings } from './apply-ceilings.ts';
import { createWorkCheck } from './has-work-left.ts';
import { HeldUnits } from './held-units.ts';
import { obeyControls } from './obey-controls.ts';
import { isStorageFault } from './storage-fault.ts';
import type { Scope } from './unit-driver.ts';
import { createWake, untilNextLook, type Wake } from './wake.ts';
import type { WorkerContext } from './worker-context.ts';

export interface RunOptions {
  /** Return when nothing can go on without a person; else run until the signal. */
  untilIdle: boolean;
  /** Default: everything. */
  scope?: Scope;
  signal: AbortSignal;
  /** What a person who watches should know: the database is away, it is back, an item cannot be driven here. */
  onNotice?: (line: string) => void;
}

/** Also without a wake, and when nothing is due: a message may have arrived while no notification could. */
const pollMs = 500;
const tryAgainMs = 1_000;
/** A database that is away for longer is a matter for a person. */
const longestOutageMs = 10 * 60_000;

interface Run {
  context: WorkerContext;
  options: RunOptions;
  units: HeldUnits;
  /** What has to be there before anything is claimed. */
  prepare: () => Promise<void>;
  onNotice: (line: string) => void;
  hasWorkLeft: () => Promise<boolean>;
  wake: Wake;
  failures: unknown[];
}

/** @throws what made a stream impossible to drive on (storage gone for good, corrupted stream, broken team files). */
export async function runWorker(context: WorkerContext, options: RunOptions): Promise<void> {
  const scope = options.scope ?? { items: null, requestsOnly: false };
  const wake = createWake(context.clock);
  const failures: unknown[] = [];
  const onFailure = (error: unknown) => {
    failures.push(error);
    wake.ring();
  };
  const onNotice = options.onNotice ?? (() => {});
  const controlWake = createWake(context.clock);
  const controls = new ControlWatch(context.journal, context.project, () => units.obey());
  const units = new HeldUnits({ context, scope, controls, onChange: wake.ring, onNotice, onFailure });
  const unsubscribe = [wake, controlWake].map(({ ring }) => context.journal.onWake(ring));
  options.signal.addEventListener('abort', wake.ring, { once: true });
  const ended = new AbortController();
  ended.signal.addEventListener('abort', controlWake.ring, { once: true });
  const keeping = Promise.all([
    units.keepLeases(ended.signal),
    obeyControls({
      context,
      controls,
      isObedient: () => units.isObedient(),
      wake: controlWake,
      onFailure,
      signal: ended.signal,
    }),
  ]);
  try {
    await loop({
      onNotice,
      context,
      options,
      units,
      prepare: createPreparation(context),
      hasWorkLeft: createWorkCheck({ context, scope, controls, onNotice }),
      wake,
      failures,
    });
  } finally {
    for (const each of unsubscribe) each();
    await units.giveBackAll();
    ended.abort();
    await keeping;
  }
}

async function loop(run: Run): Promise<void> {
  const { context, options, failures, onNotice } = run;
  const { signal } = options;
  let awaySinceMs: number | null = null;
  while (!signal.aborted) {
    let isDone = false;
    try {
      isDone = await turn(run);
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      if (awaySinceMs !== null) onNotice('The database is back; work goes on.');
      awaySinceMs = null;
    } catch (error) {
      if (!isStorageFault(error)) throw error;
      if (awaySinceMs === null) onNotice(`${(error as Error).message} Waiting for it; nothing is lost.`);
      awaySinceMs ??= context.clock.monotonicMs();
      if (context.clock.monotonicMs() - awaySinceMs > longestOutageMs) throw error;
      context.log.error('storage is away', { err: error });
      await run.units.dropAll();
      failures.length = 0;
      await context.clock.sleep(tryAgainMs, signal).catch(() => {});
    }
    if (isDone) return;
    await run.wake.wait(untilNextLook(run.units.dueAtMs(), context.clock.now(), pollMs));
  }
}

/** True when nothing is left to do and the worker is to end then. */
async function turn({ prepare, options, units, hasWorkLeft, failures }: Run): Promise<boolean> {
  await prepare();
  const hasClaimed = await units.claimAll();
  await units.tickAll();
  if (!options.untilIdle || hasClaimed || !units.isIdle() || failures.length > 0) return false;
  return !(await hasWorkLeft());
}

/** Again and again until it has gone well once: the database may be away. */
function createPreparation(context: WorkerContext): () => Promise<void> {
  let isDone = false;
  return async () => {
    if (isDone) return;
    await ensureMesh(context);
    await applyCeilings(context);
    isDone = true;
  };
}

/** Every project has a mesh stream from its first worker on; unrouted items belong to it. */
async function ensureMesh(context: WorkerContext): Promise<void> {
  const stream = streamId('mesh', context.project);
  if (await context.journal.streamHead(stream)) return;
  await context.journal.append({
    id: context.newId(),
    project: context.project,
    stream,
    expectedVersion: 0,
    fence: null,
    events: [{ kind: 'mesh.created', schema: 1, actor: context.owner, data: {} }],
  });
}
