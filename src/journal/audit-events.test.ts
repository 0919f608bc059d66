/** Rows that were written by somebody who knows how to make every hash fit: what the audit sees all the same. */
import { describe, expect, test } from 'vitest';
import { auditEvents, hashOfRow } from './audit-events.ts';
import { auditClaimUnits } from './audit-heads.ts';
import { ZERO_HASH } from './hash-chain.ts';
import type { EventRow } from './journal-record.ts';

type Draft = Partial<EventRow> & { stream: string };

/** Positions and versions count on, hashes fit, unless the draft says otherwise. */
function rowsOf(drafts: readonly Draft[]): EventRow[] {
  const ends = new Map<string, EventRow>();
  return drafts.map((draft, index) => {
    const end = ends.get(draft.stream);
    const row: EventRow = {
      version: (end?.version ?? 0) + 1,
      position: index + 1,
      project: 'p',
      at: '2026-01-01T00:00:00.000Z',
      kind: 'thing.happened',
      schema: 1,
      actor: 'x',
      unit: `unit-${index}`,
      data: '{}',
      hash: '',
      ...draft,
    };
    row.hash = hashOfRow(row, end?.hash ?? ZERO_HASH) ?? '';
    ends.set(draft.stream, row);
    return row;
  });
}

function damageOf(drafts: readonly Draft[], isWhole = true): string[] {
  const found: string[] = [];
  const audit = auditEvents((place, text) => found.push(`${place}: ${text}`), { isWhole });
  for (const row of rowsOf(drafts)) audit.take({ table: 'event', row });
  audit.finish();
  return found;
}

const a = { stream: 'item:p/1' };
const b = { stream: 'item:p/2' };

describe('auditEvents', () => {
  test('finds nothing in events of one unit, of several streams, and in a part of a journal', () => {
    expect(damageOf([{ ...a, unit: 'u' }, { ...a, unit: 'u' }, b, a])).toEqual([]);
    expect(
      damageOf(
        [
          { ...a, position: 5 },
          { ...b, position: 9 },
        ],
        false,
      ),
    ).toEqual([]);
  });

  const cases: [name: string, drafts: Draft[], finds: string][] = [
    ['a gap', [a, { ...b, position: 5 }], 'position 2: to 4 are missing: events were deleted'],
    ['a gap of one', [a, { ...b, position: 3 }], 'position 2: is missing: an event was deleted'],
    ['a missing beginning', [{ ...a, position: 2 }], 'position 1: is missing: an event was deleted'],
    ['a place taken twice', [a, { ...b, position: 1 }], 'position 1: comes after position 1'],
    ['another project', [{ ...a, project: 'q' }], 'item:p/1 version 1: is stored under project q'],
    [
      'a time that goes back',
      [a, { ...a, at: '2025-01-01T00:00:00.000Z' }],
      'item:p/1 version 2: its time 2025-01-01T00:00:00.000Z is before that of the event before it, 2026-01-01T00:00:00.000Z',
    ],
    [
      'a version left out',
      [a, { ...a, version: 4 }],
      'item:p/1 version 4: versions 2 to 3 are missing before it',
    ],
    ['a version taken twice', [a, { ...a, version: 1 }], 'item:p/1 version 1: comes after version 1'],
    [
      'a unit in two streams',
      [
        { ...a, unit: 'u' },
        { ...b, unit: 'u' },
      ],
      'item:p/2 version 1: has the unit id of an event of item:p/1',
    ],
    [
      'a unit of two times',
      [
        { ...a, unit: 'u' },
        { ...a, unit: 'u', at: '2026-01-02T00:00:00.000Z' },
      ],
      'item:p/1 version 2: is of the same unit as version 1 and of another time',
    ],
    [
      'a unit with something between',
      [{ ...a, unit: 'u' }, b, { ...a, unit: 'u' }],
      'item:p/1 version 2: is of the unit of version 1, but other events came between',
    ],
  ];
  test.each(cases)('finds %s', (_, drafts, finds) => {
    expect(damageOf(drafts)).toEqual([finds]);
  });
});

test('a fence that two claim units have is found', () => {
  const found: string[] = [];
  const audit = auditClaimUnits((place, text) => found.push(`${place}: ${text}`));
  for (const unit of ['mesh:p', 'cluster:p/main']) {
    audit.take({ table: 'claim_unit', row: { unit, project: 'p', fence: 4 } });
  }
  for (const unit of ['target:p/a', 'target:p/b']) {
    audit.take({ table: 'claim_unit', row: { unit, project: 'p', fence: 0 } });
  }
  audit.finish();
  expect(found).toEqual(["claim unit cluster:p/main: has fence 4, which is mesh:p's"]);
});
