import { describe, expect, it } from 'vitest';
import { createIdSource, idOf, newId } from './ids.ts';

const zeros = (size: number) => new Uint8Array(size);
const ones = (size: number) => new Uint8Array(size).fill(0xff);

describe('ids', () => {
  it('are UUIDs of version 7 and variant 10, whatever the random bytes are', () => {
    const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    for (const random of [zeros, ones]) {
      const next = createIdSource(() => 1_795_000_000_000, random);
      expect(next()).toMatch(form);
    }
    expect(newId()).toMatch(form);
  });

  it('carry the time in their first 48 bits', () => {
    const next = createIdSource(() => 0x0123456789ab, zeros);
    expect(next().slice(0, 13)).toBe('01234567-89ab');
  });

  it('sort by the order they were made in, past a full counter and while the clock goes back', () => {
    let ms = 1_000_000;
    const next = createIdSource(() => ms, ones);
    const made: string[] = [];
    for (let index = 0; index < 5_000; index += 1) {
      if (index === 4_500) ms = 999_000;
      made.push(next());
    }
    expect(made).toEqual([...made].sort());
    expect(new Set(made).size).toBe(made.length);
  });
});

it('the id of a text is a UUID, the same each time, and another one for another text', () => {
  expect(idOf('rework/Q-7/3')).toBe(idOf('rework/Q-7/3'));
  expect(idOf('rework/Q-7/3')).not.toBe(idOf('rework/Q-7/4'));
  expect(idOf('rework/Q-7/3')).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});
