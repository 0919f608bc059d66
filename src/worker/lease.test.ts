import { describe, expect, it } from 'vitest';
import type { Clock } from '../base/clock.ts';
import { streamId } from '../journal/event.ts';
import type { Claim } from '../journal/journal.ts';
import { createLeases, momentOf } from './lease.ts';

const claim: Claim = { unit: streamId('cluster', 'p', 'main'), project: 'p', owner: 'w', fence: 7 };

/** Time moves only when the test says so; sleepers are let go in passing. */
function manualClock() {
  let monotonicMs = 0;
  let wallMs = 1_000_000;
  let sleepers: { until: number; wake: () => void }[] = [];
  const clock: Clock = {
    now: () => wallMs,
    monotonicMs: () => monotonicMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        sleepers.push({ until: monotonicMs + ms, wake: resolve });
      }),
  };
  return {
    clock,
    /** Wall time passes as well, unless told otherwise. */
    async pass(ms: number, wall = ms) {
      monotonicMs += ms;
      wallMs += wall;
      const due = sleepers.filter(({ until }) => until <= monotonicMs);
      sleepers = sleepers.filter((sleeper) => !due.includes(sleeper));
      for (const { wake } of due) wake();
      await new Promise<void>((resolve) => setImmediate(resolve));
    },
  };
}

function heldLease(renew: () => Promise<boolean>) {
  const time = manualClock();
  const lost: string[] = [];
  let renewals = 0;
  const journal = {
    renew: () => {
      renewals += 1;
      return renew();
    },
  };
  const leases = createLeases({ clock: time.clock, journal, onLost: (unit) => lost.push(unit) });
  const ended = new AbortController();
  leases.hold(claim, momentOf(time.clock));
  void leases.keep(ended.signal);
  const isHeld = () => {
    try {
      leases.assertHeld(claim);
      return true;
    } catch {
      return false;
    }
  };
  const seconds = async (count: number) => {
    for (let second = 0; second < count; second += 1) await time.pass(1_000);
  };
  return { time, lost, leases, isHeld, seconds, renewals: () => renewals, end: () => ended.abort() };
}

describe('a lease', () => {
  it('is renewed long before its end and holds as long as it is confirmed', async () => {
    const lease = heldLease(async () => true);
    await lease.seconds(60);
    expect(lease.isHeld()).toBe(true);
    expect(lease.lost).toEqual([]);
    expect(lease.renewals()).toBeGreaterThan(10);
    lease.end();
  });

  it('is lost when the database says so', async () => {
    const lease = heldLease(async () => false);
    await lease.seconds(5);
    expect(lease.lost).toEqual([claim.unit]);
    expect(lease.isHeld()).toBe(false);
    lease.end();
  });

  it.each([
    ['fails', () => Promise.reject(new Error('gone'))],
    ['hangs', () => new Promise<boolean>(() => {})],
  ])(
    'is given up after half its time when every renewal %s, while nobody else can have it yet',
    async (_, renew) => {
      const lease = heldLease(renew);
      await lease.seconds(7);
      expect(lease.isHeld()).toBe(true);
      await lease.seconds(2);
      expect(lease.isHeld()).toBe(false);
      expect(lease.lost).toEqual([claim.unit]);
      lease.end();
    },
  );

  it('does not hold for a process that was stopped and goes on: it is told before its next act, not at the next beat', async () => {
    const lease = heldLease(async () => true);
    await lease.seconds(5);
    // Nothing ran meanwhile, no timer either.
    void lease.time.pass(20_000);
    expect(lease.isHeld()).toBe(false);
    lease.end();
  });

  it('does not hold after a machine slept, whose monotonic clock stood still', async () => {
    const lease = heldLease(async () => true);
    await lease.seconds(5);
    void lease.time.pass(0, 3_600_000);
    expect(lease.isHeld()).toBe(false);
    lease.end();
  });

  it('knows its claim by its fence: an older claim on the same unit stays lost', () => {
    const lease = heldLease(async () => true);
    lease.leases.drop(claim);
    const newer = { ...claim, fence: 8 };
    lease.leases.hold(newer, momentOf(lease.time.clock));
    expect(lease.isHeld()).toBe(false);
    expect(() => lease.leases.assertHeld(newer)).not.toThrow();
    lease.end();
  });
});
