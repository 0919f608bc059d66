import { describe, expect, it } from 'vitest';
import { afterEvents, asked, facts, minuteMs, startMs, unfold } from '../../test/questions/asked.ts';
import { mapOf, officeHours, sampleMap } from '../../test/questions/people.ts';
import type { Stakeholders } from '../policy/stakeholders.ts';
import { decideQuestion } from './decide-question.ts';
import { judgeAcknowledgment, judgeReroute } from './judge-answer.ts';

const day = 24 * 60;

/** One route of the kind `any_kind`, sixty minutes, on a clock that always runs. */
function oneRoute(route: string, people = ''): Stakeholders {
  return mapOf(
    `people:\n  "@alex-engineering-lead": { role: engineering_lead }\n${people}escalation_routes:\n  any_kind: { primary: "@sarah-pm", sla_minutes: 60, clock: always, ${route} }\n`,
  );
}

describe('a question to which nobody answers', () => {
  it('of the reference map is defaulted at its SLA, after one reminder at half of it', () => {
    expect(unfold(asked('requirement_ambiguity'), day).lines).toEqual([
      '+0 asked @sarah-pm (0)',
      '+30 reminder @sarah-pm (1)',
      '+60 default 1',
    ]);
  });

  it('of compliance climbs to the CTO and the engineering lead, and is theirs for ever', () => {
    const { lines, state } = unfold(asked('compliance_question'), 10 * day);
    expect(lines.slice(0, 8)).toEqual([
      '+0 asked @compliance-team (0)',
      '+30 @compliance-team → @cto-channel',
      '+30 escalated @cto-channel (1)',
      '+30 reminder @compliance-team (1)',
      '+60 @cto-channel → @alex-engineering-lead',
      '+60 escalated @alex-engineering-lead (2)',
      '+60 reminder @compliance-team (2)',
      '+90 reminder @alex-engineering-lead (3)',
    ]);
    const times = lines
      .filter((line) => line.includes('reminder @alex'))
      .map((line) => Number.parseInt(line, 10));
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(gaps).toEqual([60, 120, 240, 480, 960, ...Array(gaps.length - 5).fill(day)]);
    expect(state).toMatchObject({ status: 'notified', addressee: '@alex-engineering-lead' });
  });

  it('about the budget pauses the mesh at its SLA and climbs', () => {
    expect(unfold(asked('budget_threshold_exceeded'), 20).lines).toEqual([
      '+0 asked @cto-channel (0)',
      '+15 mesh paused',
      '+15 @cto-channel → @alex-engineering-lead',
      '+15 escalated @alex-engineering-lead (1)',
      '+15 reminder @cto-channel (1)',
    ]);
  });

  it('that is parked reminds the primary, then asks the secondary, ever more rarely, and decides nothing', () => {
    const { lines, state } = unfold(asked('gtm_dependency'), 31 * day);
    expect(lines.slice(0, 6)).toEqual([
      '+0 asked @marketing-ops (0)',
      '+240 reminder @marketing-ops (1)',
      '+720 @marketing-ops → @product-channel',
      '+720 escalated @product-channel (2)',
      '+720 reminder @marketing-ops (2)',
      '+1680 reminder @product-channel (3)',
    ]);
    expect(state).toMatchObject({ status: 'notified', addressee: '@product-channel' });
    expect(lines.length).toBeLessThan(20);
  });

  it.each([
    ['waits, nothing declared', '', ['+60 default 1']],
    ['waits, to be defaulted', 'on_timeout: default_and_flag', ['+60 default 1']],
    [
      'waits, to be escalated',
      'on_timeout: escalate_to_engineering_lead',
      ['+60 @sarah-pm → @alex-engineering-lead'],
    ],
    [
      'waits, pauses',
      'on_timeout: pause_all_clusters',
      ['+60 mesh paused', '+60 @sarah-pm → @alex-engineering-lead'],
    ],
    ['blocks, nothing declared', 'block_cluster: true', ['+60 @sarah-pm → @alex-engineering-lead']],
    ['blocks, to be defaulted', 'block_cluster: true, on_timeout: default_and_flag', ['+60 default 1']],
    ['is parked, nothing declared', 'non_blocking: true', []],
    ['is parked, to be defaulted', 'non_blocking: true, on_timeout: default_and_flag', ['+60 default 1']],
    [
      'is parked, to be escalated',
      'non_blocking: true, on_timeout: escalate_to_engineering_lead',
      ['+60 @sarah-pm → @alex-engineering-lead'],
    ],
  ])('that %s: at its SLA', (_, route, expected) => {
    const stakeholders = oneRoute(route);
    const { lines } = unfold(asked('any_kind', { stakeholders }), 61, { stakeholders });
    expect(lines.filter((line) => line.startsWith('+60') && !/reminder|escalated/.test(line))).toEqual(
      expected,
    );
  });

  it('never has a default when it blocks and is about compliance, whatever is declared', () => {
    const stakeholders = oneRoute('block_cluster: true, on_timeout: default_and_flag');
    const { lines } = unfold(asked('any_kind', { stakeholders, isCompliance: true }), 90 * day, {
      stakeholders,
    });
    expect(lines.filter((line) => line.includes('default'))).toEqual([]);
    expect(lines).toContain('+60 @sarah-pm → @alex-engineering-lead');
  });

  it('nor when it was found to be about compliance only by the person who was asked first', () => {
    const stakeholders = sampleMap();
    const first = asked('requirement_ambiguity', { stakeholders });
    const { compliance_question: declared } = stakeholders.routes;
    const route = declared ? { ...declared, onTimeout: { action: 'default_and_flag' as const } } : null;
    const speaker = { by: '@sarah-pm', via: 'cli' };
    const to = { kind: 'compliance_question', route };
    const { events } = judgeReroute(first, speaker, to, { stakeholders, nowMs: startMs });
    const { state } = unfold(afterEvents(first, startMs, ...events), 5 * day, { stakeholders });
    expect(state).toMatchObject({ status: 'notified', isCompliance: false, mode: 'block' });
  });

  it('climbs where it has no default option to take', () => {
    const { lines } = unfold(asked('requirement_ambiguity', { defaultOption: null }), 61);
    expect(lines).toContain('+60 @sarah-pm → @alex-engineering-lead');
  });
});

describe('an acknowledgement', () => {
  function acknowledged(kind: string, minute: number) {
    const nowMs = startMs + minute * minuteMs;
    const { state } = unfold(asked(kind), minute);
    const speaker = { by: state.addressee ?? '', via: 'cli' };
    const { events } = judgeAcknowledgment(state, speaker, {
      stakeholders: facts(nowMs).stakeholders,
      nowMs,
    });
    return afterEvents(state, nowMs, ...events);
  }
  const resume = (state: ReturnType<typeof acknowledged>, minute: number) =>
    decideQuestion(state, facts(startMs + minute * minuteMs));

  it('stops the reminder and moves no deadline where none is required', () => {
    const state = acknowledged('requirement_ambiguity', 10);
    expect(resume(state, 30).events).toEqual([]);
    expect(resume(state, 60).events).toMatchObject([{ kind: 'question.defaulted' }]);
  });

  it('in time gives one more SLA for the answer where it is required', () => {
    const state = acknowledged('compliance_question', 20);
    expect(resume(state, 30).events).toEqual([]);
    expect(resume(state, 49).nextDueAtMs).toBe(startMs + 50 * minuteMs);
    expect(resume(state, 50).events).toMatchObject([{ kind: 'question.escalated' }, {}, {}]);
  });

  it('of the alarm lifts the pause, and what follows silence then is the next rung alone', () => {
    const paused = acknowledged('budget_threshold_exceeded', 16);
    expect(paused.isMeshPaused).toBe(false);
    expect(resume(paused, 31).events.map(({ kind }) => kind)).not.toContain('question.mesh_paused');
  });
});

describe('whoever is asked', () => {
  const night = Date.parse('2026-11-23T22:00:00.000Z');
  const office = (deputy = '') =>
    sampleMap(
      `people:\n  "@alex-engineering-lead": { role: engineering_lead, hours: ${officeHours} }\n  "@cto-channel": { role: cto, hours: ${officeHours} }\n  "@sarah-pm": { hours: ${officeHours} ${deputy} }\n  "@compliance-team": { hours: ${officeHours} }\n`,
    );
  const firstAt = (
    kind: string,
    stakeholders: Stakeholders,
    atMs: number,
    openAsks = new Map<string, number>(),
  ) => decideQuestion(asked(kind, { stakeholders, atMs }), facts(atMs, { stakeholders, openAsks }));

  it('is the deputy when the primary is off', () => {
    const { events } = firstAt('requirement_ambiguity', office(', deputy: "@product-channel"'), night);
    expect(events).toMatchObject([{ data: { to: '@product-channel', why: 'deputy', rung: 0 } }]);
  });

  it('is nobody when all are off; the first to be asked is asked when they come, and a blocking question climbs from then', () => {
    const { events, nextDueAtMs } = firstAt('compliance_question', office(), night);
    expect(events).toEqual([]);
    const morning = Date.parse('2026-11-24T08:00:00.000Z');
    expect(nextDueAtMs).toBe(night + 30 * minuteMs);
    const state = asked('compliance_question', { stakeholders: office(), atMs: night });
    const due = decideQuestion(state, facts(night + 30 * minuteMs, { stakeholders: office() }));
    expect(due).toEqual({ events: [], nextDueAtMs: morning });
    const atWork = decideQuestion(state, facts(morning, { stakeholders: office() }));
    expect(atWork.events).toMatchObject([
      { data: { to: '@compliance-team', rung: 0, dueAt: '2026-11-24T08:30:00.000Z' } },
    ]);
  });

  it('is the next rung with room when the primary has as many open questions as they take', () => {
    const { events } = firstAt('requirement_ambiguity', sampleMap(), startMs, new Map([['@sarah-pm', 5]]));
    expect(events).toMatchObject([{ data: { to: '@alex-engineering-lead', why: 'busy', rung: 1 } }]);
  });

  it('that no channel reaches hands on to the next rung, who keeps the deadline', () => {
    const first = asked('requirement_ambiguity');
    const { events } = decideQuestion(first, facts(startMs));
    const dead = { delivery: 'Q-7/0/@sarah-pm/slack', channel: 'slack', why: 'no such channel' };
    const state = afterEvents(first, startMs, ...events, { kind: 'question.undeliverable', data: dead });
    const moved = decideQuestion(state, facts(startMs + minuteMs));
    expect(moved.events).toMatchObject([
      { data: { to: '@alex-engineering-lead', why: 'unreachable', dueAt: state.dueAt } },
    ]);
  });

  it('is named when nobody could be asked and the default is taken', () => {
    const { events } = decideQuestion(
      asked('requirement_ambiguity'),
      facts(startMs + 60 * minuteMs, {
        openAsks: new Map([
          ['@sarah-pm', 5],
          ['@alex-engineering-lead', 5],
        ]),
      }),
    );
    expect(events).toMatchObject([
      {
        kind: 'question.defaulted',
        data: { asked: [], why: expect.stringMatching(/^nobody could be asked: /) },
      },
    ]);
  });
});

it('a reminder is sent once, also when the database, whose times events have, is behind', () => {
  const [half, behind] = [startMs + 30 * minuteMs, startMs - 90 * minuteMs];
  const { state } = unfold(asked('requirement_ambiguity'), 0);
  const { events } = decideQuestion(state, facts(half));
  expect(events).toMatchObject([{ data: { why: 'reminder' } }]);
  expect(decideQuestion(afterEvents(state, behind, ...events), facts(half)).events).toEqual([]);
});

describe('a question that nobody needs any more', () => {
  it('is withdrawn when the last of those who asked has left', () => {
    const { state } = unfold(asked('gtm_dependency'), 0);
    const [asker] = state.askers;
    const left = afterEvents(state, startMs, {
      kind: 'question.left',
      data: { agent: asker?.agent ?? ('' as never), why: 'ended' },
    });
    expect(decideQuestion(left, facts(startMs)).events).toMatchObject([{ kind: 'question.withdrawn' }]);
  });

  it('stays when the product itself asks', () => {
    const { state } = unfold(asked('budget_threshold_exceeded', { asker: null }), 0);
    expect(state.status).toBe('notified');
  });
});

it('a question without a route waits for one, and nobody is asked', () => {
  expect(decideQuestion(asked('pricing_question'), facts(startMs + 90 * day * minuteMs))).toEqual({
    events: [],
    nextDueAtMs: null,
  });
});
