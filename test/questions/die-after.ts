/** A worker that is gone as soon as the first event of a kind is stored. */
import { expect } from 'vitest';
import type { Journal } from '../../src/journal/journal.ts';
import { runWorker } from '../../src/worker/worker.ts';
import type { AskingWorld } from './asking-world.ts';

export async function dieAfter({ context }: AskingWorld, kind: string): Promise<void> {
  let isDead = false;
  const append: Journal['append'] = async (unit) => {
    if (isDead) throw new Error('dead');
    const outcome = await context.journal.append(unit);
    isDead = unit.events.some((event) => event.kind === kind);
    if (isDead) throw new Error('dead');
    return outcome;
  };
  const journal = { ...context.journal, append };
  const life = runWorker({ ...context, journal }, { untilIdle: true, signal: AbortSignal.timeout(60_000) });
  await expect(life).rejects.toThrow('dead');
}
