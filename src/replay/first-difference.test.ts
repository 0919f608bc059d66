import { expect, it } from 'vitest';
import { firstDifference } from './first-difference.ts';

it('finds nothing in two texts that are the same', () => {
  expect(firstDifference('a\nb', 'a\nb')).toBeNull();
});

it('shows the first lines that differ, and those alone', () => {
  expect(firstDifference('a\nb\nc\nd', 'a\nB\nc\nD')).toEqual({ line: 2, was: ['b'], is: ['B'] });
});

it('shows a line that was put in or taken out as that', () => {
  expect(firstDifference('a\nb\nc', 'a\nnew\nb\nc')).toEqual({ line: 2, was: [], is: ['new'] });
  expect(firstDifference('a\nb\nc', 'a\nc')).toEqual({ line: 2, was: ['b'], is: [] });
  expect(firstDifference('a', 'a\nb')).toEqual({ line: 2, was: [], is: ['b'] });
});

it('shows no more than the one line where an empty one follows', () => {
  expect(firstDifference('a\n\nb', 'A\n\nb')).toEqual({ line: 1, was: ['a'], is: ['A'] });
});

it('stays short whatever the texts are', () => {
  const found = firstDifference('x'.repeat(10_000), `${'y'.repeat(10_000)}\n`.repeat(100));
  expect(found?.was[0]).toHaveLength(160);
  expect(found?.is).toHaveLength(3);
});
