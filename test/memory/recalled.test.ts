/** What agents see of memory: through the whole worker, on real PostgreSQL, with scripted models; and what a replay makes of it later. */
import { afterEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { StreamId } from '../../src/journal/event.ts';
import {
  contestMemory,
  type GivenRecord,
  recordMemory,
  supersedeMemory,
} from '../../src/requests/change-memory.ts';
import { findItemsThatUsed, viewMemoryUses } from '../../src/views/memory-uses.ts';
import { type SmallTeam, say, smallFiles, write } from '../engine/small-team.ts';
import { openReplayWorld, type ReplayWorld } from '../replay/replay-world.ts';

const opened: ReplayWorld[] = [];
afterEach(async () => {
  for (const world of opened.splice(0)) await world.remove();
});

/** Keeps what each role was told of the house, by item. */
async function openWorld() {
  const systems: { item: string; text: string }[] = [];
  const team: SmallTeam = {
    developer({ system, seat }, turn) {
      systems.push({ item: String(seat.item), text: system });
      return turn > 0 ? say('done') : write('made.txt', `${seat.item}\n`);
    },
  };
  const solo = smallFiles['.mesh/mesh.yaml']?.replace(/^team: .*$/m, 'team: { flow: solo }') ?? '';
  const world = await openReplayWorld(team, { '.mesh/mesh.yaml': solo });
  opened.push(world);
  const { journal } = world.project;
  const request = { journal, newId, project: 'test', by: 'sarah-pm', nowMs: Date.now() };
  const given: GivenRecord = {
    kind: 'decision',
    answers: 'requirement_ambiguity',
    topic: 'export.timezone',
    scope: 'mesh',
    statement: 'Exports are in UTC.',
    reasons: 'The raw data are.',
    rejected: [],
    validUntil: null,
  };
  const record = (changes: Partial<GivenRecord> = {}) => recordMemory(request, { ...given, ...changes });
  const shownTo = (item: number) =>
    systems.filter((each) => each.item === String(item)).map(({ text }) => text);
  return { ...world, request, record, shownTo, uses: (id: string) => viewMemoryUses(journal, 'test', id) };
}

async function recalledOn(world: ReplayWorld, agent: string): Promise<unknown[]> {
  const events = await world.project.journal.read(agent as StreamId);
  return events.flatMap(({ kind, data }) => (kind === 'memory.recalled' ? [data.ids] : []));
}

const developer = (item: number) => `agent:test/${item}/build/developer/1/1`;

describe('what is decided', () => {
  it('is in every prompt that is made afterwards and in none before, with its id on the tape', async () => {
    const world = await openWorld();
    await world.project.add('Export orders');
    await world.project.run();
    await world.record();
    await world.project.add('Export customers');
    await world.project.run();
    for (const text of world.shownTo(1)) expect(text).not.toContain('# What is decided');
    expect(world.shownTo(2)).toHaveLength(2);
    for (const text of world.shownTo(2))
      expect(text).toContain('- D-1 (export.timezone) Exports are in UTC. Reason: The raw data are.');
    expect(await recalledOn(world, developer(1))).toEqual([]);
    expect(await recalledOn(world, developer(2))).toEqual([['D-1']]);
    expect(await findItemsThatUsed(world.project.journal, 'test', 'D-1')).toEqual([2]);
    expect(new Set((await world.uses('D-1')).map(({ how }) => how))).toEqual(new Set(['shown']));
  }, 120_000);

  it('is shown as not decided while it is contested, and not at all where its scope does not reach', async () => {
    const world = await openWorld();
    await world.record();
    await world.record({ statement: 'Exports are in local time.' });
    await world.record({ topic: 'menu.colour', statement: 'Menus are blue.', scope: 'item:7' });
    await world.project.add('Export orders');
    await world.project.run();
    const [text = ''] = world.shownTo(1);
    expect(text).toContain('- D-1 (export.timezone) NOT DECIDED, contested: "Exports are in UTC."');
    expect(text).toContain('- D-2 (export.timezone) NOT DECIDED, contested: "Exports are in local time."');
    expect(text).not.toContain('Menus are blue');
    expect(await recalledOn(world, developer(1))).toEqual([['D-1', 'D-2']]);
  }, 120_000);

  it('is replayed as it was, whatever is decided by then', async () => {
    const world = await openWorld();
    await world.record();
    await world.record({ topic: 'menu.colour', statement: 'Menus are blue.' });
    await world.project.add('Export orders');
    await world.project.run();
    await supersedeMemory(world.request, { id: 'D-1', statement: 'Exports are local.', why: 'asked again' });
    await contestMemory(world.request, { ids: ['D-2', 'D-3'], why: 'a test' });
    const replay = await world.replay();
    expect(replay).toMatchObject({ isIdentical: true, notes: [] });
  }, 120_000);
});
