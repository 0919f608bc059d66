import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

describe('durations', () => {
  it('are read in the forms that people write', () => {
    expect(parseDuration('500ms')).toBe(500);
    expect(parseDuration('90s')).toBe(90_000);
    expect(parseDuration(' 1.5 h ')).toBe(5_400_000);
    expect(parseDuration('2h30m')).toBe(9_000_000);
    expect(parseDuration('3 min 05 s')).toBe(185_000);
    expect(parseDuration('1 d')).toBe(86_400_000);
  });

  it('are refused without a unit, with an unknown one, negative, or empty', () => {
    for (const text of ['', '10', 'soon', '5 weeks', '-5s', '1,5s', '5s!', `${'9'.repeat(30)}d`]) {
      expect(parseDuration(text), text).toBeUndefined();
    }
  });

  it('are shown with at most two units', () => {
    expect(formatDuration(0)).toBe('0 ms');
    expect(formatDuration(340.4)).toBe('340 ms');
    expect(formatDuration(1_234)).toBe('1.2 s');
    expect(formatDuration(59_949)).toBe('59.9 s');
    expect(formatDuration(59_950)).toBe('1 min 00 s');
    expect(formatDuration(185_000)).toBe('3 min 05 s');
    expect(formatDuration(7_620_000)).toBe('2 h 07 min');
    expect(formatDuration(356_400_000)).toBe('4 d 03 h');
  });

  it('shown and read again stay within the rounding of the smaller unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 * 86_400_000 }), (ms) => {
        const again = parseDuration(formatDuration(ms));
        const step =
          ms < 1_000 ? 1 : ms < 59_950 ? 100 : ms < 3_599_500 ? 1_000 : ms < 86_370_000 ? 60_000 : 3_600_000;
        expect(again).toBeDefined();
        expect(Math.abs((again ?? 0) - ms)).toBeLessThanOrEqual(step);
      }),
    );
  });
});
