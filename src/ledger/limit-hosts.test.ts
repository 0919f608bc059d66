import { expect, it } from 'vitest';
import { limitHosts } from './limit-hosts.ts';
import { createMemoryRateBuckets } from './rate-bucket.ts';

it('connections to a host wait for their turn, and the log says why; other hosts do not', async () => {
  const slept: number[] = [];
  const logged: unknown[] = [];
  const waitForHost = limitHosts(
    { 'registry.example': 2 },
    createMemoryRateBuckets({ now: () => 0 }),
    { info: (_, facts) => void logged.push(facts) },
    { sleep: async (ms) => void slept.push(ms) },
  );
  for (let connections = 0; connections < 3; connections += 1) {
    await waitForHost('registry.example');
    await waitForHost('elsewhere.example');
  }
  expect(slept).toEqual([30_000]);
  expect(logged).toEqual([{ host: 'registry.example', perMinute: 2, waitMs: 30_000 }]);
});
