import { describe, expect, it } from 'vitest';
import type { MemoryRecord } from './memory-record.ts';
import { noMemory } from './memory-state.ts';
import { recall, recallLimit } from './recall.ts';

const nowMs = Date.parse('2026-11-21T12:00:00.000Z');
let count = 0;

function record(statement: string, changes: Partial<MemoryRecord> = {}): MemoryRecord {
  count += 1;
  return {
    id: `D-${count}`,
    kind: 'decision',
    answers: 'requirement_ambiguity',
    topic: 'some.topic',
    scope: 'mesh',
    statement,
    reasons: '',
    rejected: [],
    status: 'active',
    source: { from: 'person', by: '@sarah-pm' },
    validUntil: null,
    recordedAt: '2026-11-21T11:00:00.000Z',
    supersededBy: null,
    contests: [],
    check: null,
    ...changes,
  };
}

function shown(
  records: readonly MemoryRecord[],
  request: Partial<Parameters<typeof recall>[1]> = {},
): string[] {
  const memory = { ...noMemory, records: new Map(records.map((each) => [each.id, each])) };
  const place = { team: 'feature', item: 3, paths: [] };
  const asked = { packs: [], text: 'Export orders as CSV', place, nowMs, limit: recallLimit };
  return recall(memory, { ...asked, ...request }).map(({ statement }) => statement);
}

describe('what an agent is shown of memory', () => {
  it('is what concerns its work, and holds or is contested', () => {
    const records = [
      record('mesh'),
      record('its team', { scope: 'team:feature' }),
      record('another team', { scope: 'team:solo' }),
      record('its item', { scope: 'item:3' }),
      record('another item', { scope: 'item:30' }),
      record('its paths', { scope: 'paths:src/export/**' }),
      record('other paths', { scope: 'paths:src/import/**' }),
      record('contested', { status: 'contested' }),
      record('proposed', { status: 'proposed' }),
      record('superseded', { status: 'superseded' }),
      record('retired', { status: 'retired' }),
      record('past its time', { validUntil: new Date(nowMs).toISOString() }),
    ];
    const place = { team: 'feature', item: 3, paths: ['src/export/csv.ts'] };
    expect(shown(records, { place })).toEqual(['mesh', 'its team', 'its item', 'its paths', 'contested']);
  });

  it('is of any path while nobody knows which files it will touch', () => {
    expect(shown([record('paths', { scope: 'paths:src/import/**' })])).toEqual(['paths']);
  });

  it('is, where there is too much, what has to do with the work, then what came last; in the order of recording', () => {
    const limit = { ...recallLimit, records: 3 };
    const records = [
      record('Dates in a CSV export are UTC'),
      record('Buttons are blue'),
      record('Emails are plain text'),
      record('Amounts of orders have two decimals'),
      record('Menus close on Escape'),
    ];
    expect(shown(records, { limit })).toEqual([
      'Dates in a CSV export are UTC',
      'Amounts of orders have two decimals',
      'Menus close on Escape',
    ]);
  });

  it('is bounded in characters, and no statement is longer than a prompt can bear', () => {
    const long = Array.from({ length: 30 }, (_, at) => record(`${at} ${'word '.repeat(400)}`));
    const statements = shown(long);
    expect(statements.length).toBeLessThan(30);
    expect(statements.join('').length).toBeLessThanOrEqual(recallLimit.characters);
    expect(Math.max(...statements.map((each) => each.length))).toBeLessThanOrEqual(500);
  });

  it('has every rule of packs that concerns the work first, however much else there is', () => {
    const packs = [
      record('rule', { id: 'phi/PHI-1' }),
      record('rule elsewhere', { id: 'phi/PHI-2', scope: 'team:solo' }),
    ];
    const records = Array.from({ length: 50 }, (_, at) => record(`decision ${at}`));
    const statements = shown(records, { packs });
    expect(statements[0]).toBe('rule');
    expect(statements).toHaveLength(1 + recallLimit.records);
    expect(statements).not.toContain('rule elsewhere');
  });

  it('is the same for the same memory and work', () => {
    const records = Array.from({ length: 80 }, (_, at) => record(`export of orders ${at % 7}`));
    expect(shown(records)).toEqual(shown(records));
  });
});
