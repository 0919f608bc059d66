/**
 * The worker: claims what is due, drives it, renews its leases, and gives everything back when it ends. Any number of
 * workers may run on one database; a claim's fence keeps each stream with one of them.
 */
import type { Clock } from '../base/clock.ts';
import type { StreamId } from '../journal/event.ts';
import { streamId } from '../journal/event.ts';
import type { Claim } from '../journal/journal.ts';
import { openClusterDriver } from './drive-cluster.ts';
import { openMeshDriver } from './drive-mesh.ts';
import { openTargetDriver } from './drive-target.ts';
import { hasWorkLeft } from './has-work-left.ts';
import { FencedError } from './stream-writer.ts';
import type { Scope, UnitDriver } from './unit-driver.ts';
import type { WorkerContext } from './worker-context.ts';

export interface RunOptions {
  /** Return when nothing can go on without a person; else run until the signal. */
  untilIdle: boolean;
  /** Default: everything. */
  scope?: Scope;
  signal: AbortSignal;
}

const leaseMs = 15_000;
const renewEveryMs = 4_000;
/** Also without a wake: a message may have arrived while no notification could. */
const pollMs = 250;

/** @throws what made a stream impossible to drive on (storage gone, corrupted stream, broken team files). */
export async function runWorker(context: WorkerContext, options: RunOptions): Promise<void> {
  const scope = options.scope ?? { items: null, requestsOnly: false };
  const units = new Map<StreamId, UnitDriver>();
  const wake = createWake(context.clock);
  let failure: { error: unknown } | null = null;
  const fail = (unit: StreamId) => (error: unknown) => {
    if (error instanceof FencedError) {
      context.log.warn('lost a claim', { unit });
      void dropUnit(context, units, unit);
    } else failure ??= { error };
    wake.ring();
  };
  const unsubscribe = context.journal.onWake(wake.ring);
  options.signal.addEventListener('abort', wake.ring, { once: true });
  let renewAt = context.clock.monotonicMs() + renewEveryMs;
  try {
    await ensureMesh(context);
    while (!options.signal.aborted && failure === null) {
      const claimed = await claimAll(context, units, {
        scope,
        onChange: wake.ring,
        failOf: fail,
      });
      for (const unit of [...units.values()]) {
        await unit.tick().catch(fail(unit.claim.unit));
      }
      if (context.clock.monotonicMs() >= renewAt) {
        await renewAll(context, units);
        renewAt = context.clock.monotonicMs() + renewEveryMs;
      }
      const isIdle = !claimed && [...units.values()].every((unit) => unit.isIdle());
      const mayEnd = options.untilIdle && isIdle && failure === null;
      if (mayEnd && !(await hasWorkLeft(context, scope))) break;
      await wake.wait(pollMs);
    }
  } finally {
    unsubscribe();
    await Promise.all([...units.values()].map((unit) => unit.stop()));
    await Promise.all([...units.values()].map((unit) => giveBack(context, unit)));
  }
  if (failure) throw (failure as { error: unknown }).error;
}

async function giveBack(context: WorkerContext, unit: UnitDriver): Promise<void> {
  const wakeAt = unit.isDue() ? new Date(context.clock.now()).toISOString() : null;
  await context.journal.release(unit.claim, wakeAt);
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

async function claimAll(
  context: WorkerContext,
  units: Map<StreamId, UnitDriver>,
  hooks: {
    scope: Scope;
    onChange: () => void;
    failOf: (unit: StreamId) => (error: unknown) => void;
  },
): Promise<boolean> {
  const request = { owner: context.owner, host: context.host, leaseMs, project: context.project };
  let isAny = false;
  for (;;) {
    const claim = await context.journal.claim(request);
    if (!claim) return isAny;
    isAny = true;
    const { scope, onChange } = hooks;
    const options = { context, claim, scope, onChange, onFailure: hooks.failOf(claim.unit) };
    const driver = await openUnitDriver(claim, options);
    if (driver) units.set(claim.unit, driver);
    else await context.journal.release(claim, null);
  }
}

async function openUnitDriver(
  claim: Claim,
  options: Parameters<typeof openClusterDriver>[0],
): Promise<UnitDriver | null> {
  const kind = claim.unit.slice(0, claim.unit.indexOf(':'));
  switch (kind) {
    case 'mesh':
      return openMeshDriver(options);
    case 'cluster':
      return openClusterDriver(options);
    case 'target':
      return openTargetDriver(options);
    default:
      options.context.log.warn('cannot drive this kind of stream', { unit: claim.unit });
      return null;
  }
}

async function renewAll(context: WorkerContext, units: Map<StreamId, UnitDriver>): Promise<void> {
  for (const [unit, driver] of units) {
    if (!(await context.journal.renew(driver.claim, leaseMs))) await dropUnit(context, units, unit);
  }
}

async function dropUnit(
  context: WorkerContext,
  units: Map<StreamId, UnitDriver>,
  unit: StreamId,
): Promise<void> {
  const driver = units.get(unit);
  units.delete(unit);
  await driver?.stop();
  context.log.warn('stopped driving: another worker owns it now', { unit });
}

interface Wake {
  ring: () => void;
  /** Resolves at the next ring, at once when one came since the last wait, or after `ms`. */
  wait(ms: number): Promise<void>;
}

function createWake(clock: Clock): Wake {
  let hasRung = false;
  let waiting: AbortController | null = null;
  return {
    ring() {
      hasRung = true;
      waiting?.abort();
    },
    async wait(ms) {
      waiting = new AbortController();
      // A ring at every turn must still let timers and sockets have theirs.
      await clock.sleep(hasRung ? 0 : ms, hasRung ? undefined : waiting.signal).catch(() => {});
      waiting = null;
      hasRung = false;
    },
  };
}
