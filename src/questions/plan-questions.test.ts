import { describe, expect, it } from 'vitest';
import { afterEvents, asked, facts, minuteMs, startMs } from '../../test/questions/asked.ts';
import { forAnyOffice } from '../../test/questions/office.ts';
import { mapOf, sampleMap } from '../../test/questions/people.ts';
import { chainOf, personOf } from '../policy/route-of.ts';
import { judgeAnswer } from './judge-answer.ts';
import { countOpenAsks, planQuestions } from './plan-questions.ts';
import { isAsked, isOpen, type QuestionState } from './question-state.ts';

describe('in any office', () => {
  it('every question has at every moment an owner and a time at which it is looked at again, or is settled', () => {
    forAnyOffice(({ questions, nextDues, nowMs }) => {
      for (const state of questions.values()) {
        if (!isOpen(state)) continue;
        expect(state.addressee).not.toBeNull();
        expect(nextDues.get(state.number)).toBeGreaterThan(nowMs);
      }
    });
  });

  it('nothing more is due when what was due has been done', () => {
    forAnyOffice(({ questions, nowMs, stakeholders }) => {
      const again = planQuestions(questions.values(), facts(nowMs, { stakeholders }));
      expect([...again.values()].flatMap(({ events }) => events)).toEqual([]);
    });
  });

  it('nobody is asked twice with the same urgency', () => {
    forAnyOffice(
      () => {},
      ({ seen }) => {
        const asks = seen.flatMap(({ number, event }) =>
          event.kind === 'question.notified' ? [`${number} ${event.data.to} ${event.data.urgency}`] : [],
        );
        expect(new Set(asks).size).toBe(asks.length);
      },
    );
  });

  it('nobody has more open questions than they take', () => {
    forAnyOffice(({ questions, stakeholders }) => {
      for (const [each, count] of countOpenAsks(questions.values())) {
        expect(count).toBeLessThanOrEqual(personOf(stakeholders, each).attentionLimit);
      }
    });
  });

  it('nobody is asked off hours', () => {
    forAnyOffice(
      () => {},
      ({ seen, stakeholders }) => {
        for (const { at, event } of seen) {
          if (event.kind !== 'question.notified') continue;
          const { hours } = personOf(stakeholders, event.data.to);
          if (hours === null) continue;
          // Winter in Berlin: one hour ahead.
          const there = new Date(at + 60 * minuteMs);
          expect(there.getUTCDay() % 6).not.toBe(0);
          expect(there.getUTCHours()).toBeGreaterThanOrEqual(9);
          expect(there.getUTCHours()).toBeLessThan(17);
        }
      },
    );
  });

  it('a default is taken at its time, and never for what blocks about compliance or is parked without a declared timeout', () => {
    forAnyOffice(
      () => {},
      ({ seen }) => {
        for (const { at, event, before } of seen) {
          if (event.kind !== 'question.defaulted') continue;
          const { mode, isCompliance, route: taken, dueAt, defaultOption } = before;
          expect(mode === 'block' && isCompliance).toBe(false);
          expect(mode === 'park' && taken?.onTimeout === null).toBe(false);
          expect(at).toBe(Date.parse(dueAt ?? ''));
          expect(event.data.option).toBe(defaultOption);
        }
      },
    );
  });

  it('the first valid answer rules, and every other one is kept', () => {
    forAnyOffice(
      () => {},
      ({ seen, questions }) => {
        for (const state of questions.values()) {
          const told = seen.filter(({ number }) => number === state.number).map(({ event }) => event);
          const rulings = told.filter(({ kind }) => kind === 'question.answered');
          expect(rulings.length).toBeLessThanOrEqual(1);
          const refused = told.filter(({ kind }) => kind === 'question.answer_refused');
          expect(state.refused.length).toBe(refused.length);
          if (state.answer) expect(rulings).toMatchObject([{ data: { answer: state.answer.answer } }]);
        }
      },
    );
  });

  it('whoever rules is on the chain of the route, stands in for somebody there, or leads', () => {
    forAnyOffice(
      () => {},
      ({ seen, stakeholders }) => {
        for (const { event, before } of seen) {
          if (event.kind !== 'question.answered' || before.route === null) continue;
          const chain = chainOf(before.route, stakeholders);
          const deputies = chain.map((each) => personOf(stakeholders, each).deputy);
          const asks = before.asks.map(({ to }) => to);
          expect([...chain, ...deputies, ...asks]).toContain(event.data.by);
        }
      },
    );
  });
});

describe('the order', () => {
  it('is blocking questions first, then the oldest', () => {
    const stakeholders = sampleMap('people:\n  "@cto-channel": { role: cto, attention_limit: 1 }\n');
    const open = [
      asked('requirement_ambiguity', { stakeholders, number: 1 }),
      asked('architectural_decision', { stakeholders, number: 2 }),
      asked('budget_threshold_exceeded', { stakeholders, number: 3 }),
    ];
    const busy = ['@sarah-pm', '@alex-engineering-lead'].flatMap((to, person) =>
      [10, 11, 12, 13, 14].map((number) => {
        const before = asked('requirement_ambiguity', { stakeholders, number: number + 10 * person });
        const ask = {
          to,
          rung: 0,
          urgency: 0,
          why: 'asked' as const,
          deliveries: [],
          dueAt: before.dueAt ?? '',
        };
        return afterEvents(before, startMs, { kind: 'question.notified', data: ask });
      }),
    );
    const first = planQuestions([...open, ...busy], facts(startMs, { stakeholders }));
    const askedOf = (plan: typeof first, number: number) =>
      plan.get(number)?.events.map(({ data }) => ('to' in data ? data.to : null));
    expect(askedOf(first, 3)).toEqual(['@cto-channel']);
    expect(askedOf(first, 2)).toEqual([]);
    expect(askedOf(first, 1)).toEqual([]);
    expect(first.get(1)?.nextDueAtMs).toBe(Date.parse(open[0]?.dueAt ?? ''));
    const later = planQuestions([...open.slice(0, 2), ...busy.slice(1)], facts(startMs, { stakeholders }));
    expect(askedOf(later, 1)).toEqual(['@sarah-pm']);
    expect(askedOf(later, 2)).toEqual(['@cto-channel']);
  });

  it('gives the room that a default leaves to whoever waits, at once', () => {
    const stakeholders = sampleMap(
      'people:\n  "@sarah-pm": { attention_limit: 1 }\n  "@alex-engineering-lead": { role: engineering_lead, attention_limit: 1 }\n',
    );
    let questions = [1, 2, 3].map((number) => asked('requirement_ambiguity', { stakeholders, number }));
    const step = (nowMs: number) => {
      const plan = planQuestions(questions, facts(nowMs, { stakeholders }));
      questions = questions.map((state) =>
        afterEvents(state, nowMs, ...(plan.get(state.number)?.events ?? [])),
      );
    };
    step(startMs);
    expect(questions.map(isAsked)).toEqual([true, true, false]);
    const speaker = { by: '@sarah-pm', via: 'cli' };
    const first = questions[0] as QuestionState;
    const { events } = judgeAnswer(first, speaker, { option: 1, text: null }, stakeholders);
    questions[0] = afterEvents(first, startMs, ...events);
    step(startMs + minuteMs);
    expect(questions.map(isAsked)).toEqual([false, true, true]);
  });

  it('gives the room that an escalation leaves to an older one that waits, at once', () => {
    const stakeholders = mapOf(
      [
        'people: { "@sarah-pm": { attention_limit: 1 }, "@cto-channel": { role: cto } }',
        'escalation_routes:',
        '  parked: { primary: "@sarah-pm", sla_minutes: 60, non_blocking: true }',
        '  climbing: { primary: "@sarah-pm", sla_minutes: 30, clock: always, on_timeout: escalate_to_cto }',
      ].join('\n'),
    );
    const waiting = asked('parked', { stakeholders, number: 1 });
    const first = asked('climbing', { stakeholders, number: 2 });
    const ask = {
      to: '@sarah-pm',
      rung: 0,
      urgency: 0,
      why: 'asked' as const,
      deliveries: [],
      dueAt: first.dueAt ?? '',
    };
    const holding = afterEvents(first, startMs, { kind: 'question.notified', data: ask });
    const plan = planQuestions([waiting, holding], facts(startMs + 30 * minuteMs, { stakeholders }));
    expect(plan.get(2)?.events[0]).toMatchObject({ kind: 'question.escalated' });
    expect(plan.get(1)?.events).toMatchObject([{ data: { to: '@sarah-pm' } }]);
  });

  it('leaves what has not changed and is not due alone, and comes to the same', () => {
    const questions = [1, 2, 3].map((number) => asked('requirement_ambiguity', { number }));
    const first = planQuestions(questions, facts(startMs));
    const now = questions.map((state) => ({
      ...afterEvents(state, startMs, ...(first.get(state.number)?.events ?? [])),
      version: 2,
    }));
    const quiet = new Map(
      [...first].map(([number, { nextDueAtMs }]) => [number, { version: 2, nextDueAtMs }] as const),
    );
    const waits = asked('requirement_ambiguity', { number: 4 });
    const quietToo = new Map<number, { version: number; nextDueAtMs: number | null }>(quiet).set(4, {
      version: waits.version,
      nextDueAtMs: startMs + 60 * minuteMs,
    });
    const quarter = startMs + 15 * minuteMs;
    expect([...planQuestions([...now, waits], facts(quarter), quietToo).keys()]).toEqual([4]);
    expect(planQuestions(now, facts(quarter), quiet).size).toBe(0);
    const noRoom = (atMs: number) => ({ ...facts(atMs), hasRoomCome: false });
    expect(planQuestions([...now, waits], noRoom(quarter), quietToo).size).toBe(0);
    const comes = asked('requirement_ambiguity', { number: 5 });
    expect([...planQuestions([...now, waits, comes], noRoom(quarter), quietToo).keys()]).toEqual([4, 5]);
    const half = startMs + 30 * minuteMs;
    expect(planQuestions(now, facts(half), quiet)).toEqual(planQuestions(now, facts(half)));
  });
});
