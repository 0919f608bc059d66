import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { createMemoryJournal } from '../../src/journal/in-memory.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { createRandom } from '../../src/simulate/random.ts';
import { openTestDatabase, type TestDatabase } from '../postgres.ts';
import { type ApprovalWorld, openApprovalWorld, reread } from './approval-world.ts';
import { type Attack, approve, ask, keptAttempts } from './attack.ts';
import { replayed } from './replayed.ts';
import { stale } from './stale.ts';
import { swapped } from './swapped.ts';
import { wrongPerson } from './wrong-person.ts';

const attacks: readonly Attack[] = [...swapped, ...replayed, ...stale, ...wrongPerson];

interface Tally {
  played: Record<string, number>;
  /** Runs that nobody said yes to. */
  wrongRuns: string[];
  /** Attacks of which nothing was kept. */
  unkept: string[];
  /** Valid approvals, and those of them that did not run exactly once. */
  valid: number;
  notOnce: string[];
}

/** Attacks in turn, with valid approvals in between. */
async function play(world: ApprovalWorld, count: number, seed: number): Promise<Tally> {
  const tally: Tally = { played: {}, wrongRuns: [], unkept: [], valid: 0, notOnce: [] };
  for (let index = 0; index < count; index += 1) {
    const random = createRandom('approvals', seed, index);
    const attack = attacks[index % attacks.length];
    if (!attack) throw new Error('no attacks');
    const before = world.executed.length;
    const approval = await attack.play(world, random);
    const runs = world.executed.length - before;
    if (runs !== attack.allowedRuns) tally.wrongRuns.push(`${attack.name}: ${runs} runs`);
    if ((await keptAttempts(world, approval)).length === 0) tally.unkept.push(attack.name);
    tally.played[attack.family] = (tally.played[attack.family] ?? 0) + 1;
    if (index % 5 === 0) await playValid(world, tally, index);
  }
  return tally;
}

async function playValid(world: ApprovalWorld, tally: Tally, index: number): Promise<void> {
  const asked = await ask(world, createRandom('valid', index));
  const before = world.executed.length;
  await approve(world, asked);
  if (world.executed.length !== before)
    tally.notOnce.push(`${asked.approval.name} ran before its agent went on`);
  await asked.seat.call(asked.input);
  await asked.seat.call(asked.input);
  const runs = world.executed.slice(before).map(({ argv }) => argv.join(' '));
  const wanted = (asked.input.argv as string[]).join(' ');
  const { status } = await reread(world, asked.approval);
  tally.valid += 1;
  if (runs.length !== 1 || runs[0] !== wanted || status !== 'used')
    tally.notOnce.push(`${asked.approval.name} ${status}: ${runs.join(' | ')}`);
}

const nothingWrong = { wrongRuns: [], unkept: [], notOnce: [] };

describe('swapped, replayed, stale and wrong-person approvals', () => {
  // Ten projects of a hundred: nobody files anything here, and a project with a thousand open approvals is not what is tested.
  it('1,000 of them get nothing done, each is kept, and every valid one is used exactly once', async () => {
    const played: Record<string, number> = {};
    for (let seed = 0; seed < 10; seed += 1) {
      const journal = createMemoryJournal({ clock: systemClock });
      const world = await openApprovalWorld(journal);
      try {
        const tally = await play(world, 100, seed);
        expect(tally).toMatchObject({ ...nothingWrong, valid: 20 });
        for (const [family, count] of Object.entries(tally.played))
          played[family] = (played[family] ?? 0) + count;
      } finally {
        await world.close();
        await journal.close();
      }
    }
    expect(Object.keys(played).sort()).toEqual(['replayed', 'stale', 'swapped', 'wrong person']);
    expect(Object.values(played).reduce((sum, each) => sum + each, 0)).toBe(1_000);
  });
});

describe('on PostgreSQL', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  it('two of each kind get nothing done either', async () => {
    const journal = await openPostgresJournal({ url: database.url });
    const world = await openApprovalWorld(journal);
    try {
      expect(await play(world, 2 * attacks.length, 2)).toMatchObject(nothingWrong);
    } finally {
      await world.close();
      await journal.close();
    }
  });
});
