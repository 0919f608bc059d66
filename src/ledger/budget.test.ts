import { describe, expect, it } from 'vitest';
import type { DegradeStep } from '../policy/policy.ts';
import { type AccountFigures, budgetNote, describeBudget, judgeBudget } from './budget.ts';

const mild: DegradeStep = { below: 0.5, tier: 'medium', attempts: null, narrow: false };
const hard: DegradeStep = { below: 0.2, tier: 'small', attempts: 1, narrow: true };
const degrade = [mild, hard];

function row(account: string, ceiling: number | null, spent: number, reserved = 0): AccountFigures {
  return { account, ceilingMicroUsd: ceiling, spentMicroUsd: spent, reservedMicroUsd: reserved };
}

describe('what is left', () => {
  it('is judged by the account of which the smallest share is left; the least money left counts', () => {
    const rows = [
      row('item:p/1', 1_000, 700),
      row('mesh:p@2026-11', 100_000, 60_000, 20_000),
      row('x', null, 9),
    ];
    expect(judgeBudget(rows, degrade)).toEqual({
      tightest: rows[1],
      leftMicroUsd: 300,
      leftShare: 0.2,
      degradation: mild,
    });
  });

  it.each([
    [500, null],
    [501, mild],
    [800, mild],
    [801, hard],
    [1_200, hard],
  ])('with %i of 1,000 spent asks for no more than the policy does', (spent, expected) => {
    const view = judgeBudget([row('item:p/1', 1_000, spent)], degrade);
    expect(view.degradation).toEqual(expected);
    expect(view.leftMicroUsd).toBe(Math.max(0, 1_000 - spent));
  });

  it('is everything without a ceiling, and nobody is told', () => {
    const view = judgeBudget([row('item:p/1', null, 5)], degrade);
    expect(view).toEqual({ tightest: null, leftMicroUsd: null, leftShare: 1, degradation: null });
    expect(describeBudget(view)).toBeNull();
  });
});

describe('an agent', () => {
  it('is told what is left, and to narrow its task only where the policy says so', () => {
    const told = (spent: number) => describeBudget(judgeBudget([row('a', 1_000_000, spent)], degrade));
    expect(told(600_000)).toBe('$0.40 is left for model calls (40 % of the tightest budget).');
    expect(told(900_000)).toContain('finish the narrowest part of your task that is useful by itself');
  });

  it('is told of its own budget once per step of the policy', () => {
    const note = (spent: number, told: string[]) => budgetNote(row('a', 1_000, spent), degrade, told)?.about;
    expect(note(100, [])).toBeUndefined();
    expect(note(600, [])).toBe('budget/0.5');
    expect(note(600, ['budget/0.5'])).toBeUndefined();
    expect(note(900, ['budget/0.5'])).toBe('budget/0.2');
  });
});
