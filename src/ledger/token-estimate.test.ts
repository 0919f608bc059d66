import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateFramingTokens, estimateTokens } from './token-estimate.ts';

/** Forty repeats of each text, counted with two public tokenizers (o200k, an older Claude one); the larger count. */
const counted = [
  {
    tokens: 800,
    text: 'The mesh runs teams of agents that plan, build, test and review software under a policy.\n',
  },
  {
    tokens: 1000,
    text: 'export function add(a: number, b: number): number {\n  return a + b; // sums\n}\n',
  },
  {
    tokens: 1160,
    text: '{"id":"T1","title":"Add CSV export","after":[],"costMicroUsd":12750,"isPassed":true}\n',
  },
  {
    tokens: 1280,
    text: 'Die Überprüfung der Geschwindigkeitsbegrenzung schlägt außerhalb der Geschäftszeiten fehl.\n',
  },
  {
    tokens: 1960,
    text: 'aGVsbG8gd29ybGQsIHRoaXMgaXMgYSBsb25nIGJhc2U2NCB0ZXh0IHdpdGggcmFuZG9tIGRhdGE=\n',
  },
];

describe('the estimate of tokens', () => {
  it('lies above what tokenizers make of prose, code, JSON, German and base64, with a third to spare', () => {
    for (const { tokens, text } of counted) {
      expect(estimateTokens(text.repeat(40))).toBeGreaterThan(tokens * 1.33);
    }
  });

  it('counts text outside ASCII per byte', () => {
    expect(estimateTokens('é')).toBe(2);
    expect(estimateTokens('价格')).toBe(6);
    expect(estimateTokens('🎉')).toBe(4);
  });

  it('counts long runs of letters and digits (hashes, base64) per character', () => {
    const hash = '3fa85f642a3fa85f642a3fa85f642a3fa85f642a';
    expect(estimateTokens(hash)).toBe(hash.length);
  });

  it('never shrinks when text is added, and never counts more than one token per UTF-8 byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.string({ maxLength: 50 }), (a, b) => {
        expect(estimateTokens(`${a}\n${b}`)).toBeGreaterThanOrEqual(estimateTokens(a));
        expect(estimateTokens(a)).toBeLessThanOrEqual(Buffer.byteLength(a) + 1);
      }),
    );
  });

  it('adds what providers add around messages and tools', () => {
    const bare = estimateFramingTokens({ messageCount: 1, toolCount: 0 });
    const tooled = estimateFramingTokens({ messageCount: 1, toolCount: 2 });
    expect(bare).toBeGreaterThan(0);
    expect(tooled).toBeGreaterThan(bare + 700);
    expect(estimateFramingTokens({ messageCount: 3, toolCount: 2 })).toBeGreaterThan(tooled);
  });
});
