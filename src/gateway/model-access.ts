/**
 * Which models are to be had now, for all agents of a worker process: a used-up quota, known to every process through a shared
 * stream, and a breaker per model, of this process alone. It decides nothing about who calls what instead.
 */
import type { Clock } from '../base/clock.ts';
import { appendShared, type SharedWrite } from '../journal/append-shared.ts';
import type { Journal } from '../journal/journal.ts';
import { askBreaker, type Breaker, closedBreaker, tellBreaker } from '../ledger/breaker.ts';
import type { ModelPlace } from '../ledger/pick-fallback.ts';
import {
  findWindow,
  placeKey,
  type QuotaWindow,
  type QuotaWindows,
  quotaStream,
  readQuotaEvent,
  toQuotaEvent,
  withWindow,
} from '../ledger/quota-window.ts';
import type { ModelFailure } from './model.ts';
import { longestDelayMs } from './retry-delay.ts';

type Place = Pick<ModelPlace, 'provider' | 'model'>;

/** Why a model is not called, and until when (ISO time). */
export interface Closure {
  until: string;
  /** One line for a person. */
  reason: string;
}

export interface ModelAccess {
  /** As things are now; the answer holds for the decision at hand. Null: the model may be called. */
  look(): Promise<(place: Place) => Closure | null>;
  /** A call, with all its attempts, begins. */
  begin(place: Place): void;
  /** What came of it; null: an answer. True: its quota is used up until a known moment, and every process will know. */
  end(place: Place, failure: ModelFailure | null): Promise<boolean>;
}

const breakerSettings = { failures: 3, firstCoolDownMs: 30_000, longestCoolDownMs: 10 * 60_000 };
/** Of a quota whose reset the provider does not tell. */
const unknownWindowMs = 5 * 60_000;
/** No provider's window is longer than a month; what says so is wrong. */
const longestWindowMs = 32 * 24 * 3_600_000;
export interface ModelAccessOptions {
  journal: Pick<Journal, 'read' | 'append'>;
  project: string;
  clock: Pick<Clock, 'now'>;
  newId: () => string;
  /** Who writes; unique per process. */
  owner: string;
}

export function createModelAccess(options: ModelAccessOptions): ModelAccess {
  const { clock } = options;
  const memory = createQuotaMemory(options);
  const breakers = new Map<string, Breaker>();
  const breakerOf = (place: Place) => breakers.get(placeKey(place)) ?? closedBreaker;

  return {
    async look() {
      const windows = await memory.read();
      return (place) => {
        const nowMs = clock.now();
        const window = findWindow(windows, place, nowMs);
        if (window) {
          return { until: window.until, reason: `the quota of ${place.model} is used up: ${window.reason}` };
        }
        const asked = askBreaker(breakerOf(place), nowMs);
        if (asked.isAllowed) return null;
        return {
          until: new Date(asked.untilMs).toISOString(),
          reason: `the breaker of ${place.model} is open: ${breakerSettings.failures} or more calls in a row failed`,
        };
      };
    },
    begin(place) {
      const asked = askBreaker(breakerOf(place), clock.now());
      if (asked.isAllowed) breakers.set(placeKey(place), asked.breaker);
    },
    async end(place, failure) {
      const nowMs = clock.now();
      const window = failure ? windowOf(place, failure, nowMs) : null;
      if (window) await memory.record(window);
      // What another attempt cannot change says nothing about how the provider is.
      const isSuccess = failure === null || !failure.isRetryable || window !== null;
      const breaker = tellBreaker(breakerOf(place), { isSuccess, nowMs }, breakerSettings);
      breakers.set(placeKey(place), breaker);
      return window !== null && failure?.retryAfterMs !== null;
    },
  };
}

/** A wish to wait for longer than retries do is a window; so is an account without any quota left. Null: neither. */
function windowOf(place: Place, failure: ModelFailure, nowMs: number): QuotaWindow | null {
  const { kind, isRetryable, retryAfterMs, message } = failure;
  const isExhausted = kind === 'rate_limited' && !isRetryable;
  if (!isExhausted && (retryAfterMs === null || retryAfterMs <= longestDelayMs)) return null;
  const lengthMs = Math.min(retryAfterMs ?? unknownWindowMs, longestWindowMs);
  const { provider, model } = place;
  return { provider, model, until: new Date(nowMs + lengthMs).toISOString(), reason: message };
}

/** The project's quota stream, read on from where it was known. */
function createQuotaMemory({ journal, project, newId, owner }: ModelAccessOptions) {
  const stream = quotaStream(project);
  let windows: QuotaWindows = new Map();
  let version = 0;

  async function read(): Promise<QuotaWindows> {
    for (const stored of await journal.read(stream, { after: version })) {
      if (stored.version <= version) continue;
      windows = withWindow(windows, readQuotaEvent(stored));
      version = stored.version;
    }
    return windows;
  }

  async function record(window: QuotaWindow): Promise<void> {
    const decide = async (): Promise<SharedWrite | null> => {
      const known = (await read()).get(placeKey(window));
      const isKnown = known !== undefined && known.until >= window.until;
      return isKnown ? null : { version, events: [toQuotaEvent(window, owner)] };
    };
    await appendShared({ journal, newId, project, stream, decide });
  }

  return { read, record };
}
