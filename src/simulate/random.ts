/**
 * The simulator's only source of chance: a small seeded generator, and forks of it by label, so that what one part of
 * a world draws does not change what another part draws.
 */
import { createHash } from 'node:crypto';

export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [from, to]. */
  between(from: number, to: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** @throws RangeError for an empty list. */
  pick<T>(list: readonly T[]): T;
  /** A whole number in [1, most], small ones as likely as large ones (log-uniform). */
  rank(most: number): number;
  bytes(size: number): Uint8Array;
}

/** The same labels give the same generator. */
export function createRandom(...labels: (string | number)[]): Random {
  const digest = createHash('sha256').update(labels.join('\n')).digest();
  let state = digest.readUInt32LE(0);
  const next = (): number => {
    // mulberry32: 32 bits of state, passes the usual tests of randomness, one multiplication or two per number.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick(list) {
      if (list.length === 0) throw new RangeError('nothing to pick from');
      return list[Math.floor(next() * list.length)] as (typeof list)[number];
    },
    rank: (most) => Math.min(most, Math.max(1, Math.floor((most + 1) ** next()))),
    bytes: (size) => Uint8Array.from({ length: size }, () => between(0, 255)),
  };
}
