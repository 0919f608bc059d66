/**
 * How long a worker may believe that a claim is its own. A claim is renewed long before its lease ends; a worker that the
 * database has not confirmed for half the lease treats the claim as lost, before anybody else can have it. Time is
 * measured on both clocks: the monotonic one stands still while a machine sleeps, the wall clock may be set back.
 */
import type { Clock } from '../base/clock.ts';
import type { StreamId } from '../journal/event.ts';
import { FencedError } from '../journal/fenced-error.ts';
import type { Claim, Journal } from '../journal/journal.ts';

export const leaseMs = 15_000;
const renewEveryMs = 4_000;
const beatMs = 1_000;
const longestSilenceMs = leaseMs / 2;

export interface Moment {
  monotonicMs: number;
  wallMs: number;
}

export function momentOf(clock: Clock): Moment {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.now() };
}

export interface Leases {
  /** `askedAt`: before the claim was asked for. */
  hold(claim: Claim, askedAt: Moment): void;
  drop(claim: Claim): void;
  /** Called right before every outside effect. @throws FencedError when the claim may be somebody else's. */
  assertHeld(claim: Claim): void;
  /** Renews until the signal aborts; says which claims are lost, once each. */
  keep(signal: AbortSignal): Promise<void>;
}

export function createLeases(options: {
  clock: Clock;
  journal: Pick<Journal, 'renew'>;
  onLost: (unit: StreamId) => void;
}): Leases {
  const { clock, journal, onLost } = options;
  const held = new Map<string, { claim: Claim; confirmed: Moment; isRenewing: boolean }>();
  const keyOf = (claim: Claim) => `${claim.unit} ${claim.fence}`;
  const silenceMs = ({ confirmed }: { confirmed: Moment }) =>
    Math.max(clock.monotonicMs() - confirmed.monotonicMs, clock.now() - confirmed.wallMs);

  const lose = (claim: Claim) => {
    if (held.delete(keyOf(claim))) onLost(claim.unit);
  };
  const renew = async (entry: { claim: Claim; confirmed: Moment; isRenewing: boolean }): Promise<void> => {
    entry.isRenewing = true;
    const askedAt = momentOf(clock);
    try {
      if (await journal.renew(entry.claim, leaseMs)) entry.confirmed = askedAt;
      else lose(entry.claim);
    } catch {
      // Not confirmed: the silence goes on, and ends the claim if it lasts.
    } finally {
      entry.isRenewing = false;
    }
  };

  return {
    hold: (claim, askedAt) => {
      held.set(keyOf(claim), { claim, confirmed: askedAt, isRenewing: false });
    },
    drop: (claim) => {
      held.delete(keyOf(claim));
    },
    assertHeld(claim) {
      const entry = held.get(keyOf(claim));
      if (!entry || silenceMs(entry) > longestSilenceMs) throw new FencedError(claim.unit);
    },
    async keep(signal) {
      while (!signal.aborted) {
        await clock.sleep(beatMs, signal).catch(() => {});
        for (const entry of [...held.values()]) {
          if (silenceMs(entry) > longestSilenceMs) lose(entry.claim);
          else if (silenceMs(entry) >= renewEveryMs && !entry.isRenewing) void renew(entry);
        }
      }
    },
  };
}
