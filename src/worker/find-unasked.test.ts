import { describe, expect, it } from 'vitest';
import { addedLines } from './find-unasked.ts';

describe('added lines', () => {
  it.each([
    ['all of a new file', '', 'a\nb', [1, 2]],
    ['none of an unchanged one', 'a\nb', 'a\nb', []],
    ['none when lines only move or go', 'a\nb\nc', 'c\na', []],
    ['one more of the same text', 'a', 'a\na', [2]],
    ['a changed one', 'a\nb', 'a\nB', [2]],
  ])('are %s', (_, before, after, lines) => {
    expect(addedLines(before, after).map(({ line }) => line)).toEqual(lines);
  });
});
