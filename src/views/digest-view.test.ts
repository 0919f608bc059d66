import { describe, expect, it } from 'vitest';
import { minuteMs, startMs } from '../../test/questions/asked.ts';
import { askInJournal, told } from '../../test/questions/asked-in-journal.ts';
import { alwaysThere, officeHours, sampleMap } from '../../test/questions/people.ts';
import { routeOf } from '../policy/route-of.ts';
import type { Stakeholders } from '../policy/stakeholders.ts';
import type { QuestionEvent } from '../questions/question-event.ts';
import { viewDigest } from './digest-view.ts';

function aMonth(stakeholders: Stakeholders = alwaysThere) {
  const { journal, project, ask, say } = askInJournal(stakeholders);
  const digest = (fromMinute: number, untilMinute: number) =>
    viewDigest(journal, project, {
      stakeholders,
      reader: '@tess',
      timeZone: 'UTC',
      since: new Date(startMs + fromMinute * minuteMs).toISOString(),
      nowMs: startMs + untilMinute * minuteMs,
    });
  return { ask: (minute: number, kind = 'requirement_ambiguity') => ask(minute, kind), say, digest };
}

const defaulted: QuestionEvent = {
  kind: 'question.defaulted',
  data: { option: 1, asked: ['@sarah-pm'], why: 'asked: @sarah-pm' },
};
const answered = (by: string): QuestionEvent => ({
  kind: 'question.answered',
  data: { by, via: 'cli', answer: { option: 2, text: null } },
});

describe('the digest', () => {
  it('counts a default in the period in which it was taken, whenever it was asked', async () => {
    const { ask, say, digest } = aMonth();
    const early = await ask(0);
    const late = await ask(10);
    await say(60, early, defaulted);
    await say(90, late, defaulted);
    expect((await digest(70, 200)).defaults.map(({ question }) => question)).toEqual([`Q-${late}`]);
    expect((await digest(0, 200)).defaults).toHaveLength(2);
  });

  it('says of a default whether a person reviewed it, and how it would be overturned', async () => {
    const { ask, say, digest } = aMonth();
    const number = await ask(0);
    await say(60, number, defaulted);
    const [row] = (await digest(0, 200)).defaults;
    expect(row).toMatchObject({
      isFlagged: true,
      optionCount: 3,
      outcome: expect.stringContaining('by default'),
    });
    await say(70, number, { kind: 'question.confirmed', data: { by: '@sarah-pm' } });
    expect((await digest(0, 200)).defaults).toMatchObject([{ isFlagged: false }]);
  });

  it.each<[string, QuestionEvent]>([
    ['withdrawn', { kind: 'question.withdrawn', data: { why: 'the item is gone' } }],
    ['answered by memory', { kind: 'question.remembered', data: { decision: 'D-1', text: 'UTC' } }],
    ['answered by somebody else', answered('@alex-engineering-lead')],
  ])('blames nobody for silence about what was %s within the SLA', async (_, event) => {
    const { ask, say, digest } = aMonth();
    await say(30, await ask(0), event);
    expect((await digest(0, 1_000)).people).toMatchObject([
      { key: '@sarah-pm', askedCount: 1, neverCount: 0, inTimeShare: null },
    ]);
  });

  it('counts silence for which the SLA did pass, and a reply after it as late', async () => {
    const { ask, say, digest } = aMonth();
    await say(60, await ask(0), defaulted);
    const late = await ask(100);
    await say(160, late, defaulted);
    await say(190, late, { kind: 'question.confirmed', data: { by: '@sarah-pm' } });
    expect((await digest(0, 200)).people).toMatchObject([
      { askedCount: 2, repliedCount: 1, neverCount: 1, inTimeShare: 0, medianMs: 90 * minuteMs },
    ]);
  });

  it('gives whoever was asked later than others a whole SLA, default or not', async () => {
    const { ask, say, digest } = aMonth();
    const number = await ask(0);
    await say(5, number, told('@alex-engineering-lead', new Date(startMs + 60 * minuteMs).toISOString()));
    await say(60, number, defaulted);
    const neverCounts = async (untilMinute: number) =>
      (await digest(0, untilMinute)).people.map(({ key, neverCount }) => [key, neverCount]);
    const sarah = ['@sarah-pm', 1];
    expect(await neverCounts(62)).toEqual([['@alex-engineering-lead', 0], sarah]);
    expect(await neverCounts(66)).toEqual([['@alex-engineering-lead', 1], sarah]);
  });

  it('counts working hours only where the SLA does', async () => {
    const map = sampleMap(
      `people:\n  "@alex-engineering-lead": { role: engineering_lead }\n  "@cto-channel": { role: cto }\n  "@sarah-pm": { hours: ${officeHours} }\n`,
    );
    const { ask, say, digest } = aMonth(map);
    // Asked at 16:30, answered at 09:15 the next morning.
    await say(23 * 60 + 15, await ask(6 * 60 + 30), answered('@sarah-pm'));
    expect((await digest(0, 3_000)).people).toMatchObject([{ inTimeShare: 1, medianMs: 45 * minuteMs }]);
  });

  it('takes an acknowledgement in time for a reply where the route wants one', async () => {
    const { ask, say, digest } = aMonth();
    const number = await ask(0, 'compliance_question');
    const dueAt = new Date(startMs + 50 * minuteMs).toISOString();
    await say(20, number, { kind: 'question.acknowledged', data: { by: '@compliance-team', dueAt } });
    await say(45, number, answered('@compliance-team'));
    expect((await digest(0, 100)).people).toMatchObject([{ inTimeShare: 1, medianMs: 20 * minuteMs }]);
  });

  it('judges whoever said that it is another kind by the route under which they were asked', async () => {
    const { ask, say, digest } = aMonth();
    const number = await ask(0, 'gtm_dependency');
    const route = routeOf(alwaysThere, 'requirement_ambiguity');
    const dueAt = new Date(startMs + 150 * minuteMs).toISOString();
    await say(80, number, told('@product-channel', dueAt));
    const data = { by: '@marketing-ops', fromKind: 'gtm_dependency', toKind: 'requirement_ambiguity' };
    await say(90, number, { kind: 'question.routed', data: { ...data, route, mode: 'wait', dueAt } });
    await say(90, number, told('@sarah-pm', dueAt));
    const { people, routes, misclassified } = await digest(0, 1_000);
    expect(people).toMatchObject([
      { key: '@marketing-ops', inTimeShare: 1 },
      { key: '@product-channel', neverCount: 0 },
      { key: '@sarah-pm', neverCount: 1 },
    ]);
    expect(routes.map(({ key }) => key)).toEqual(['gtm_dependency', 'requirement_ambiguity']);
    expect(misclassified).toMatchObject([{ fromKind: 'gtm_dependency', count: 1, questions: ['Q-1'] }]);
  });

  it('lists what is parked, kinds without a route, and what was said without effect in the period', async () => {
    const { ask, say, digest } = aMonth();
    await ask(0, 'gtm_dependency');
    const unrouted = await ask(1, 'brand_question');
    const refused: QuestionEvent = {
      kind: 'question.answer_refused',
      data: { by: '@tess', via: 'cli', said: 'option 2', why: 'not_theirs' },
    };
    await say(2, unrouted, refused);
    await say(9, unrouted, refused);
    const { parked, unrouted: kinds, refused: said } = await digest(5, 10);
    expect(parked.map(({ question }) => question)).toEqual(['Q-1']);
    expect(kinds).toMatchObject([{ kind: 'brand_question', count: 1, openCount: 1 }]);
    expect(said).toMatchObject([{ question: 'Q-2', by: '@tess' }]);
  });
});
