/** A sample of `npm run prove hijacked`: a generator picks every tool call of every seat, and an observer outside of the engine looks. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findGuard } from '../../prove/hijack/find-guard.ts';
import { plantedGuards } from '../../prove/hijack/planted-guards.ts';
import { seats } from '../../prove/hijack/roles.ts';
import { runSegment } from '../../prove/hijack/run-segment.ts';
import { bubblewrapDriver } from '../../src/cells/bubblewrap-cell.ts';

const checked = await bubblewrapDriver().preflight();
const isIsolated = checked.ok || process.env.CI === 'true';
const seatNames = seats.filter(({ driver }) => isIsolated || driver === 'process').map(({ name }) => name);
const root = path.resolve(import.meta.dirname, '../..');

describe('a hijacked model', () => {
  it.each(seatNames)('has no effect beyond its role as %s', async (name) => {
    const seed = 31;
    const outcome = await runSegment({ seed, callCount: 25, seats: [name] });
    expect(outcome).toMatchObject({ seed, callCount: 25, effect: null });
  });

  it.each(['any path', 'links lead elsewhere'])('is seen when a guard is missing: %s', async (name) => {
    const guard = plantedGuards.find((each) => each.name === name);
    if (!guard) throw new Error(`there is no guard ${name}`);
    const found = await findGuard(guard, {
      segments: 4,
      callsPerSegment: 250,
      signal: AbortSignal.timeout(50_000),
    });
    expect(found).toMatchObject({ name, seed: expect.any(Number) });
  });
});

describe('planted guards', () => {
  it('have different names, seats that there are, and fit the sources as they are', () => {
    expect(new Set(plantedGuards.map(({ name }) => name)).size).toBe(plantedGuards.length);
    const misfits = plantedGuards.flatMap(({ name, edits }) =>
      edits.flatMap(({ file, find }) => {
        const count = readFileSync(path.join(root, file), 'utf8').split(find).length - 1;
        return count === 1 ? [] : [`${name}: ${file} has ${count} of ${find}`];
      }),
    );
    const strange = plantedGuards.flatMap((guard) =>
      guard.seats.filter((seat) => !seats.some(({ name }) => name === seat)),
    );
    expect([...misfits, ...strange]).toEqual([]);
  });
});
