/** Token buckets that real processes take from at once, by the database's clock. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openRateStore } from '../../src/postgres/rate-buckets.ts';
import { openTestDatabase, type TestDatabase } from '../postgres.ts';

const main = fileURLToPath(new URL('./taker-process.ts', import.meta.url));

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

interface Taker {
  ready: Promise<void>;
  go(): Promise<number[]>;
}

/** Waits at the start line, so that all of them take at once; says how long each take was told to wait. */
function startTaker(takes: number, perMinute: number): Taker {
  const args = ['--disable-warning=ExperimentalWarning', main, database.url, `${takes}`, `${perMinute}`];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const waits = text(child.stdout).then((said) => JSON.parse(said.slice(said.indexOf('\n') + 1)) as number[]);
  const ready = new Promise<void>((resolve) => {
    child.stdout.once('data', () => resolve());
  });
  return {
    ready,
    go() {
      child.stdin.end();
      return waits;
    },
  };
}

describe('a bucket in the database', () => {
  it('lets three processes together go no faster than its rate', async () => {
    const perMinute = 60;
    const takers = [1, 2, 3].map(() => startTaker(40, perMinute));
    await Promise.all(takers.map(({ ready }) => ready));
    const startedAt = Date.now();
    const waits = (await Promise.all(takers.map((taker) => taker.go()))).flat().sort((a, b) => a - b);
    const tookMs = Date.now() - startedAt;
    expect(waits).toHaveLength(120);
    // A minute's worth at once, and what was filled up while they took; the others wait, one second after another.
    const filled = Math.ceil((tookMs / 60_000) * perMinute);
    const atOnce = waits.filter((ms) => ms === 0).length;
    expect(atOnce).toBeGreaterThanOrEqual(perMinute);
    expect(atOnce).toBeLessThanOrEqual(perMinute + filled);
    for (const [index, ms] of waits.entries()) {
      expect(ms).toBeGreaterThanOrEqual((index + 1 - perMinute) * 1_000 - tookMs - 1);
    }
    // No two of them were given the same place.
    const places = waits.slice(perMinute + filled);
    for (const [index, ms] of places.slice(1).entries()) {
      expect(ms - (places[index] ?? 0)).toBeGreaterThan(1_000 - tookMs);
    }
  });

  it('is of one project: another one has its own', async () => {
    const store = openRateStore({ url: database.url });
    onTestFinished(() => store.close());
    const take = { perMinute: 1, amount: 1 };
    expect(await store.ofProject('shop').take('tool:shell', take)).toBe(0);
    expect(await store.ofProject('shop').take('tool:shell', take)).toBeGreaterThan(50_000);
    expect(await store.ofProject('orders').take('tool:shell', take)).toBe(0);
  });

  it('is given back what was taken too much', async () => {
    const store = openRateStore({ url: database.url });
    onTestFinished(() => store.close());
    const buckets = store.ofProject('back');
    await buckets.take('tokens', { perMinute: 100, amount: 100 });
    await buckets.take('tokens', { perMinute: 100, amount: -60 });
    expect(await buckets.take('tokens', { perMinute: 100, amount: 60 })).toBe(0);
    expect(await buckets.take('tokens', { perMinute: 100, amount: 60 })).toBeGreaterThan(30_000);
  });
});
