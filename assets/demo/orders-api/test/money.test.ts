import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCents, percentOf, sumCents } from '../src/domain/money.ts';

test('a percentage is rounded half up to a whole cent', () => {
  assert.equal(percentOf(1_050, 5), 53);
  assert.equal(percentOf(1_049, 5), 52);
});

test('the sum of no amounts is zero', () => {
  assert.equal(sumCents([]), 0);
});

test('amounts are written with two decimals', () => {
  assert.equal(formatCents(123_456), '1234.56');
  assert.equal(formatCents(5), '0.05');
});

test('a negative amount keeps its sign', () => {
  assert.equal(formatCents(-50), '-0.50');
});
