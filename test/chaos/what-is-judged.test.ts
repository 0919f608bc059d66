/** What the kill suites call a fault, and what they do not: a judge that finds nothing would pass everything. */
import { describe, expect, it } from 'vitest';
import type { Figures } from '../../prove/figures.ts';
import { replaceTable } from '../../prove/figures.ts';
import { labelSeat, labelUnit } from '../../prove/kill/boundary-labels.ts';
import { findRepeats } from '../../prove/kill/compare-books.ts';
import { drawBlows } from '../../prove/kill/random-kills.ts';
import { percentile } from '../../prove/percentile.ts';
import { streamId } from '../../src/journal/event.ts';

const call = (serial: number, conversation: string) => ({
  serial,
  who: 'export/developer/T1',
  conversation,
  costMicroUsd: 1,
});

describe('a call that was paid for again', () => {
  const calls = [call(1, 'a'), call(2, 'b'), call(3, 'a')];

  it('is a fault when its first reply is on the tape', () => {
    expect(findRepeats(calls, new Set([1, 2])).map(({ serial }) => serial)).toEqual([1]);
    expect(findRepeats(calls, new Set([1, 2, 3]))).toHaveLength(1);
  });

  it('is none when nobody had the first reply', () => {
    expect(findRepeats(calls, new Set([2, 3]))).toEqual([]);
  });
});

describe('a boundary', () => {
  const stream = streamId('agent', 'orders', 1, 'plan/planner', 1, 3);
  const unit = (data: object) => ({
    id: 'u',
    project: 'orders',
    stream,
    expectedVersion: 1,
    fence: 7,
    events: [{ kind: 'model.call_intended', schema: 1, actor: 'x', data: data as Record<string, string> }],
  });

  it('has the same name in every life: no attempt, no fence, no id', () => {
    const intended = (call: string) => labelUnit(unit({ call, messageCount: 3 }), new Map());
    expect(intended('one')).toBe(intended('two'));
    expect(intended('one')).toBe('agent:orders/1/plan/planner/1 model.call_intended[turn 3]');
    expect(labelSeat('12-bb1b8b9238-agent-orders-1-build-T1-developer-1-2-0a1b2c3d')).toBe(
      labelSeat('99-bb1b8b9238-agent-orders-1-build-T1-developer-1-5-9f8e7d6c'),
    );
  });
});

describe('the figures of a suite', () => {
  const figures: Figures = {
    suite: 'kill-sweep',
    at: '2026-11-21T00:00:00.000Z',
    commit: 'abc',
    size: 'full',
    isPassed: true,
    durationMs: 1_000,
    machine: { platform: 'linux x64', cores: 2, memoryGib: 24, node: 'v22', git: '2' },
    rows: [{ what: 'killed at', value: '9 | 9' }],
    details: {},
    problems: [],
    postgres: '18.4',
  };
  const page = (table: string) =>
    `# Proof\n\n<!-- figures: kill-sweep -->${table}<!-- end of figures -->\n\nWords.\n`;

  it('replace the table of their own on the page and nothing else', () => {
    const once = replaceTable(page('\n\nold\n\n'), figures);
    expect(once).toContain('| killed at | 9 \\| 9 |');
    expect(once).not.toContain('old');
    expect(once).toMatch(/^# Proof\n[\s\S]*Words\.\n$/);
    expect(replaceTable(once, figures)).toBe(once);
    expect(replaceTable(once, { ...figures, suite: 'peer' })).toBe(once);
  });

  it('have percentiles that were measured', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([0, 0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 50, 99, 100]);
    expect(percentile([], 0.5)).toBeNull();
  });
});

it('blows are drawn as many as wanted, the same for the same seed', () => {
  const counts = { kill_worker: 5, kill_postgres: 2, stop_worker: 1 };
  const blows = drawBlows(counts, 7);
  expect(blows.filter(({ kind }) => kind === 'kill_worker')).toHaveLength(5);
  expect(drawBlows(counts, 7)).toEqual(blows);
  expect(drawBlows(counts, 8)).not.toEqual(blows);
});
