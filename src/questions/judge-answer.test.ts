import { describe, expect, it } from 'vitest';
import { afterEvents, asked, minuteMs, startMs, unfold } from '../../test/questions/asked.ts';
import { alwaysThere, mapOf, sampleMap } from '../../test/questions/people.ts';
import { unwrittenStakeholders } from '../policy/no-stakeholders.ts';
import { routeOf } from '../policy/route-of.ts';
import { judgeAcknowledgment, judgeAnswer, judgeReroute } from './judge-answer.ts';
import type { Answer } from './question.ts';
import type { QuestionState } from './question-state.ts';

const option = (number: number): Answer => ({ option: number, text: null });
const judgment: Answer = { option: null, text: null };
const open = () => unfold(asked('requirement_ambiguity'), 0).state;
const defaulted = () => unfold(asked('requirement_ambiguity'), 60).state;

function say(state: QuestionState, by: string, answer: Answer, stakeholders = alwaysThere) {
  const judged = judgeAnswer(state, { by, via: 'cli' }, answer, stakeholders);
  return { ...judged, state: afterEvents(state, startMs + 70 * minuteMs, ...judged.events) };
}

describe('an answer', () => {
  it.each([
    ['the person who is asked', '@sarah-pm'],
    ['the fallback, before they are asked', '@alex-engineering-lead'],
  ])('of %s rules', (_, by) => {
    const { events, line, isAccepted } = say(open(), by, option(2));
    expect(events).toMatchObject([{ kind: 'question.answered', data: { by, answer: option(2) } }]);
    expect({ line, isAccepted }).toEqual({ line: 'Q-7 is answered: option 2', isAccepted: true });
  });

  it('of a deputy rules', () => {
    const map = sampleMap('people:\n  "@sarah-pm": { deputy: "@product-channel" }\n');
    expect(say(open(), '@product-channel', option(1), map).isAccepted).toBe(true);
  });

  it('of anybody else is kept, and they are told who is asked', () => {
    const { events, line } = say(open(), '@marketing-ops', option(2));
    expect(events).toMatchObject([
      {
        kind: 'question.answer_refused',
        data: { by: '@marketing-ops', why: 'not_theirs', said: 'option 2' },
      },
    ]);
    expect(line).toBe('Q-7 is not yours to answer: @sarah-pm is asked');
  });

  it('rules whoever gives it, where nobody is named at all', () => {
    expect(
      say(
        asked('anything', { stakeholders: unwrittenStakeholders }),
        '@ada',
        option(1),
        unwrittenStakeholders,
      ).isAccepted,
    ).toBe(true);
  });

  it('that leaves it to the agent is none to a compliance question', () => {
    const state = unfold(asked('compliance_question'), 0).state;
    const { events, line } = say(state, '@compliance-team', judgment);
    expect(events).toMatchObject([{ kind: 'question.answer_refused', data: { why: 'no_such_option' } }]);
    expect(line).toContain('answer yes (1), no (2), or in words');
    expect(say(state, '@compliance-team', option(1)).isAccepted).toBe(true);
  });

  it('that leaves it to the agent is none where the platform itself asks', () => {
    const state = asked('unrouted_kind', { asker: null });
    expect(say(state, '@alex-engineering-lead', judgment).events).toMatchObject([
      { data: { why: 'no_such_option' } },
    ]);
  });

  it('to a kind without a route is the engineering lead’s', () => {
    const state = asked('pricing_question');
    expect(say(state, '@alex-engineering-lead', option(1)).isAccepted).toBe(true);
    expect(say(state, '@sarah-pm', option(1)).isAccepted).toBe(false);
  });

  it.each([0, 4, 1.5])(
    'by a number that no option has (%s) is kept, and the question stays open',
    (number) => {
      const { state, line } = say(open(), '@sarah-pm', option(number));
      expect(state).toMatchObject({ status: 'notified', refused: [{ why: 'no_such_option' }] });
      expect(line).toBe('Q-7 has the options 1 to 3');
    },
  );

  it('after the first one is kept as the same again or as contradictory, and changes nothing', () => {
    const first = say(open(), '@sarah-pm', option(2)).state;
    const same = say(first, '@alex-engineering-lead', option(2));
    const other = say(same.state, '@sarah-pm', { option: null, text: 'neither' });
    expect(other.state.refused.map(({ why, by }) => [why, by])).toEqual([
      ['again', '@alex-engineering-lead'],
      ['contradictory', '@sarah-pm'],
    ]);
    expect(other.state.answer).toMatchObject({ by: '@sarah-pm', answer: option(2) });
    expect(other.line).toBe('Q-7 was answered by @sarah-pm before, and that holds: option 2');
  });

  it('to what was withdrawn is kept', () => {
    const state = afterEvents(open(), startMs, { kind: 'question.withdrawn', data: { why: 'canceled' } });
    expect(say(state, '@sarah-pm', option(1)).state.refused).toMatchObject([{ why: 'over' }]);
  });
});

describe('an answer to a default', () => {
  it('that differs overturns it; what comes after that is refused', () => {
    const first = say(defaulted(), '@sarah-pm', option(2));
    expect(first.events).toMatchObject([{ kind: 'question.overturned', data: { answer: option(2) } }]);
    expect(first.state.overturned).not.toBeNull();
    expect(say(first.state, '@sarah-pm', option(3)).state.refused).toMatchObject([{ why: 'contradictory' }]);
    expect(say(first.state, '@sarah-pm', option(2)).state.refused).toMatchObject([{ why: 'again' }]);
  });

  it('in words overturns it', () => {
    expect(say(defaulted(), '@sarah-pm', { option: null, text: 'ISO 8601' }).events).toMatchObject([
      { kind: 'question.overturned' },
    ]);
  });

  it('that is the same confirms it, once; it can be overturned even then', () => {
    const confirmed = say(defaulted(), '@sarah-pm', option(1));
    expect(confirmed.events).toEqual([{ kind: 'question.confirmed', data: { by: '@sarah-pm' } }]);
    expect(say(confirmed.state, '@sarah-pm', option(1)).events).toMatchObject([{ data: { why: 'again' } }]);
    expect(say(confirmed.state, '@sarah-pm', option(3)).isAccepted).toBe(true);
  });

  it('that leaves it to the agent came too late', () => {
    expect(say(defaulted(), '@sarah-pm', judgment).state.refused).toMatchObject([{ why: 'late' }]);
  });

  it('of somebody else is refused', () => {
    expect(say(defaulted(), '@marketing-ops', option(2)).state).toMatchObject({
      overturned: null,
      refused: [{ why: 'not_theirs' }],
    });
  });
});

describe('an acknowledgement', () => {
  const acknowledge = (state: QuestionState, by: string) =>
    judgeAcknowledgment(
      state,
      { by, via: 'cli' },
      { stakeholders: alwaysThere, nowMs: startMs + 10 * minuteMs },
    );

  it('of the wrong person is kept as refused', () => {
    expect(acknowledge(open(), '@marketing-ops').events).toMatchObject([{ data: { why: 'not_theirs' } }]);
  });

  it('is taken once, so that nobody puts a deadline off for ever', () => {
    const first = unfold(asked('compliance_question'), 0).state;
    const { events } = acknowledge(first, '@compliance-team');
    expect(events).toMatchObject([{ data: { dueAt: new Date(startMs + 40 * minuteMs).toISOString() } }]);
    const second = acknowledge(afterEvents(first, startMs, ...events), '@compliance-team');
    expect(second).toEqual({
      events: [],
      line: 'Q-7 was acknowledged by @compliance-team',
      isAccepted: false,
    });
  });

  it('of what is settled does nothing', () => {
    expect(acknowledge(defaulted(), '@sarah-pm').events).toEqual([]);
  });
});

describe('“not mine”', () => {
  const reroute = (state: QuestionState, by: string, kind: string, map = alwaysThere) =>
    judgeReroute(
      state,
      { by, via: 'cli' },
      { kind, route: routeOf(map, kind) },
      { stakeholders: map, nowMs: startMs },
    );

  it('begins again with the people of the other kind, and is counted', () => {
    const { events, line } = reroute(open(), '@sarah-pm', 'architectural_decision');
    const state = afterEvents(open(), startMs, ...events);
    expect(state).toMatchObject({
      kind: 'architectural_decision',
      key: { kind: 'requirement_ambiguity' },
      status: 'asked',
      addressee: '@alex-engineering-lead',
      misclassified: [
        { by: '@sarah-pm', fromKind: 'requirement_ambiguity', toKind: 'architectural_decision' },
      ],
      dueAt: new Date(startMs + 120 * minuteMs).toISOString(),
    });
    expect(line).toBe('Q-7 is of kind architectural_decision now: @alex-engineering-lead is asked');
  });

  it('takes it from whoever was asked before: the answer is for the people of the other kind', () => {
    const { events } = reroute(open(), '@sarah-pm', 'compliance_question');
    const state = afterEvents(open(), startMs, ...events);
    expect(say(state, '@sarah-pm', option(1)).events).toMatchObject([{ data: { why: 'not_theirs' } }]);
    expect(say(state, '@compliance-team', option(1)).isAccepted).toBe(true);
  });

  it('to a compliance kind without a route stops the cluster until somebody has said whose it is', () => {
    const { events } = reroute(open(), '@sarah-pm', 'compliance_export');
    expect(afterEvents(open(), startMs, ...events)).toMatchObject({ status: 'unrouted', mode: 'block' });
  });

  it('makes it wait for a route where the other kind has none', () => {
    const { events } = reroute(open(), '@sarah-pm', 'pricing_question');
    expect(afterEvents(open(), startMs, ...events)).toMatchObject({
      status: 'unrouted',
      addressee: null,
      dueAt: null,
    });
  });

  it('is refused of somebody who may not answer, and of what is settled', () => {
    expect(reroute(open(), '@marketing-ops', 'gtm_dependency').events).toMatchObject([
      { data: { why: 'not_theirs' } },
    ]);
    expect(reroute(defaulted(), '@sarah-pm', 'gtm_dependency').events).toMatchObject([
      { data: { why: 'over' } },
    ]);
  });

  it('to the kind that it is changes nothing', () => {
    expect(reroute(open(), '@sarah-pm', 'requirement_ambiguity').events).toEqual([]);
  });

  it('asks nobody again with an urgency that they have seen', () => {
    const map = mapOf(
      'escalation_routes:\n  kind_a: { primary: "@sarah-pm", sla_minutes: 60, clock: always }\n  kind_b: { primary: "@sarah-pm", sla_minutes: 60, clock: always }\n',
    );
    const first = unfold(asked('kind_a', { stakeholders: map }), 0, { stakeholders: map }).state;
    const { events } = reroute(first, '@sarah-pm', 'kind_b', map);
    const { state } = unfold(afterEvents(first, startMs, ...events), 0, { stakeholders: map });
    expect(state.asks.map(({ to, urgency }) => [to, urgency])).toEqual([
      ['@sarah-pm', 0],
      ['@sarah-pm', 1],
    ]);
  });
});
