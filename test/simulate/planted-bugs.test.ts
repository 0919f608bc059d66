/** A watcher that no bug was seen by is none: some guards are taken out here, all of them by `npm run prove simulate`. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { findPlantedBug } from '../../prove/simulate/find-planted-bug.ts';
import type { PlantedBug } from '../../prove/simulate/plant-bug.ts';
import { plantedBugs } from '../../prove/simulate/planted-bugs.ts';

const root = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

function bugNamed(name: string): PlantedBug {
  const bug = plantedBugs.find((candidate) => candidate.name === name);
  if (!bug) throw new Error(`there is no planted bug ${name}`);
  return bug;
}

describe('planted bugs', () => {
  test('are at least fifteen, of different names, and each fits the sources as they are', () => {
    expect(plantedBugs.length).toBeGreaterThanOrEqual(15);
    expect(new Set(plantedBugs.map(({ name }) => name)).size).toBe(plantedBugs.length);
    const misfits = plantedBugs.flatMap(({ name, edits }) =>
      edits.flatMap(({ file, find }) => {
        const count = readFileSync(path.join(root, file), 'utf8').split(find).length - 1;
        return count === 1 ? [] : [`${name}: ${file} has ${count} of ${find}`];
      }),
    );
    expect(misfits).toEqual([]);
  });

  test.each(['no reservation', 'message ids forgotten'])('%s: is found', async (name) => {
    const signal = AbortSignal.timeout(50_000);
    const found = await findPlantedBug(bugNamed(name), { mostSeeds: 40, processes: 1, signal });
    expect(found).toMatchObject({ name, seed: expect.any(Number) });
  });

  test('a failing seed is replayed and shrunk to a short history that fails the same way', async () => {
    const signal = AbortSignal.timeout(50_000);
    const bug = bugNamed('seats not counted');
    const found = await findPlantedBug(bug, { mostSeeds: 40, processes: 1, signal });
    const args = ['--seed', String(found.seed), '--bug', bug.name, '--shrink', '--events', '3'];
    const ended = await run(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', path.join(root, 'prove/simulate-seed.ts'), ...args],
      { cwd: root, signal },
    ).catch((error: { stdout: string; code: number }) => error);
    expect(ended).toMatchObject({ code: 1 });
    const lines = ended.stdout.trim().split('\n');
    expect(lines[0]).toMatch(/^shrunk from \d+ events in \d+ runs$/);
    expect(lines.filter((line) => line.startsWith('brief '))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('fault '))).toEqual([]);
    expect(lines.at(-1)).toContain(`broken promise "${found.invariant}"`);
  });
});
