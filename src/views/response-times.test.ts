import { describe, expect, it } from 'vitest';
import type { ResponseCase } from './question-case.ts';
import { type ResponseTimes, responseTimesBy, suggestSlas } from './response-times.ts';

const minute = 60_000;

/** One ask of @sarah-pm for each reply, in minutes; null: never. */
function casesOf(replies: readonly (number | null)[], slaMinutes = 60): ResponseCase[] {
  return replies.map((reply, index) => ({
    question: `Q-${index + 1}`,
    kind: 'requirement_ambiguity',
    person: '@sarah-pm',
    slaMs: slaMinutes * minute,
    askedAt: '2026-11-20T09:00:00.000Z',
    responseMs: reply === null ? null : reply * minute,
    isLate: reply === null || reply > slaMinutes,
    isSilent: reply === null,
  }));
}

describe('response times', () => {
  it('are median, p90 and the share in time, with those who never replied counted as late', () => {
    const [times] = responseTimesBy(casesOf([10, 20, 30, 90, null]), ({ person }) => person);
    expect(times).toEqual({
      key: '@sarah-pm',
      askedCount: 5,
      repliedCount: 4,
      inTimeShare: 0.6,
      neverCount: 1,
      medianMs: 20 * minute,
      p90Ms: 90 * minute,
    } satisfies ResponseTimes);
  });

  it('say nothing of an ask whose SLA has not passed', () => {
    const [open] = casesOf([null]);
    const waiting = { ...(open as ResponseCase), isLate: false, isSilent: false };
    const [times] = responseTimesBy([waiting], ({ kind }) => kind);
    expect(times).toMatchObject({ askedCount: 1, repliedCount: 0, inTimeShare: null, neverCount: 0 });
  });
});

describe('a suggested SLA', () => {
  it('is what nine of ten replies needed, when fewer than 80 % were in time', () => {
    expect(suggestSlas(casesOf([10, 50, 70, 80, 95.5]), minute)).toEqual([
      {
        kind: 'requirement_ambiguity',
        slaMs: 60 * minute,
        suggestedMs: 96 * minute,
        evidence: '5 replies: half within 70 min, nine of ten within 95.5 min; 40 % in time',
      },
    ]);
  });

  it('is twice what nine of ten needed, when all were in time and quick', () => {
    expect(suggestSlas(casesOf([2, 3, 4, 5, 6]), minute)).toMatchObject([{ suggestedMs: 12 * minute }]);
  });

  it.each([
    ['four replies', [70, 80, 90, 95]],
    ['replies that fit', [10, 20, 30, 40, 55]],
  ])('is not made on %s', (_, replies) => {
    expect(suggestSlas(casesOf(replies), minute)).toEqual([]);
  });
});
