/** Questions in an office drawn at random: people, routes and what is done; whatever is due is carried out by the plan. */
import fc from 'fast-check';
import type { StreamId } from '../../src/journal/event.ts';
import type { Person, Route, Stakeholders } from '../../src/policy/stakeholders.ts';
import { judgeAcknowledgment, judgeAnswer, judgeReroute } from '../../src/questions/judge-answer.ts';
import { planQuestions } from '../../src/questions/plan-questions.ts';
import type { QuestionEvent } from '../../src/questions/question-event.ts';
import { isOpen, type QuestionState } from '../../src/questions/question-state.ts';
import { afterEvents, asked, facts, minuteMs, startMs } from './asked.ts';

const people = ['@sarah-pm', '@alex-engineering-lead', '@cto-channel', '@marketing-ops', '@product-channel'];
const kinds = ['kind_a', 'kind_b', 'kind_c'];
const handle = fc.constantFrom(...people);
const maybe = fc.option(handle);

const person = fc.record({
  deputy: maybe,
  attentionLimit: fc.integer({ min: 1, max: 3 }),
  hours: fc.option(
    fc.constant({ timeZone: 'Europe/Berlin', days: [1, 2, 3, 4, 5], fromMinute: 540, toMinute: 1020 }),
  ),
});
const route = fc.record({
  primary: handle,
  fallback: maybe,
  secondary: maybe,
  slaMinutes: fc.integer({ min: 1, max: 600 }),
  mode: fc.constantFrom('block', 'wait', 'park'),
  onTimeout: fc.option(
    fc.oneof(
      fc.constant({ action: 'default_and_flag' as const }),
      fc.constant({ action: 'pause_all_clusters' as const }),
      handle.map((to) => ({ action: 'escalate' as const, role: 'cto', to })),
    ),
  ),
  requiresAcknowledgment: fc.boolean(),
  clock: fc.constantFrom('always', 'working_hours'),
});

const map: fc.Arbitrary<Stakeholders> = fc
  .record({
    people: fc.tuple(person, person, person, person, person),
    routes: fc.tuple(route, route, route),
    isLedBySomebody: fc.boolean(),
  })
  .map(({ people: drawn, routes, isLedBySomebody }) => ({
    people: Object.fromEntries(
      people.map((each, index) => [
        each,
        { handle: each, role: null, slackId: null, ...drawn[index] } as Person,
      ]),
    ),
    routes: Object.fromEntries(
      routes.map(({ slaMinutes, ...drawn }, index) => {
        const kind = kinds[index] ?? '';
        const slaMs = slaMinutes * minuteMs;
        return [kind, { ...drawn, kind, slaMs, channel: null, writesToSharedMemory: false } as Route];
      }),
    ),
    approvalTiers: {},
    engineeringLead: isLedBySomebody ? '@alex-engineering-lead' : null,
    isRehearsal: false,
    isWritten: true,
  }));

/** What a person or an agent does, some minutes after what came before. */
const act = fc.record({
  afterMinutes: fc.integer({ min: 0, max: 900 }),
  what: fc.constantFrom('ask', 'ask', 'ask', 'answer', 'answer', 'acknowledge', 'reroute', 'leave'),
  kind: fc.constantFrom(...kinds),
  who: handle,
  which: fc.nat(),
  option: fc.integer({ min: 0, max: 4 }),
  hasDefault: fc.boolean(),
  isCompliance: fc.boolean(),
});
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

interface Seen {
  at: number;
  number: number;
  event: QuestionEvent;
  before: QuestionState;
}

/** A small office: questions, people, and the plan carried out whenever anything is due. `check` is called after every plan. */
export class Office {
  readonly questions = new Map<number, QuestionState>();
  readonly seen: Seen[] = [];
  nowMs = startMs;
  readonly #check: (office: Office) => void;
  #nextDueAtMs: number | null = null;
  readonly nextDues = new Map<number, number | null>();
  readonly stakeholders: Stakeholders;

  constructor(stakeholders: Stakeholders, check: (office: Office) => void) {
    this.stakeholders = stakeholders;
    this.#check = check;
  }

  plan(): void {
    const plan = planQuestions(
      this.questions.values(),
      facts(this.nowMs, { stakeholders: this.stakeholders }),
    );
    for (const [number, { events, nextDueAtMs }] of plan) {
      this.append(number, events);
      this.nextDues.set(number, nextDueAtMs);
    }
    const dues = [...plan.values()].flatMap(({ nextDueAtMs }) => nextDueAtMs ?? []);
    this.#nextDueAtMs = dues.length > 0 ? Math.min(...dues) : null;
    this.#check(this);
  }

  append(number: number, events: readonly QuestionEvent[]): void {
    for (const event of events) {
      const before = this.questions.get(number);
      if (!before) continue;
      this.seen.push({ at: this.nowMs, number, event, before });
      this.questions.set(number, afterEvents(before, this.nowMs, event));
    }
  }

  passUntil(ms: number): void {
    for (let turn = 0; this.#nextDueAtMs !== null && this.#nextDueAtMs <= ms; turn += 1) {
      if (turn > 2_000) throw new Error('it is always due at once');
      this.nowMs = this.#nextDueAtMs;
      this.plan();
    }
    this.nowMs = ms;
  }

  do({ what, kind, who, which, option, hasDefault, isCompliance }: Act): void {
    if (what === 'ask') {
      const number = this.questions.size + 1;
      const defaultOption = hasDefault ? 2 : null;
      const options = {
        stakeholders: this.stakeholders,
        number,
        atMs: this.nowMs,
        defaultOption,
        isCompliance,
      };
      this.questions.set(number, asked(kind, options));
      return;
    }
    const state = [...this.questions.values()][which % Math.max(1, this.questions.size)];
    if (!state) return;
    const speaker = { by: who, via: 'cli' };
    const when = { stakeholders: this.stakeholders, nowMs: this.nowMs };
    const answer = option === 0 ? { option: null, text: null } : { option, text: null };
    const to = { kind, route: this.stakeholders.routes[kind] ?? null };
    const agent = state.askers[0]?.agent;
    const done = {
      answer: () => judgeAnswer(state, speaker, answer, this.stakeholders).events,
      acknowledge: () => judgeAcknowledgment(state, speaker, when).events,
      reroute: () => judgeReroute(state, speaker, to, when).events,
      leave: () => (agent && isOpen(state) ? [left(agent)] : []),
    };
    this.append(state.number, done[what]());
  }
}

export function forAnyOffice(
  check: (office: Office) => void,
  atEnd: (office: Office) => void = () => {},
): void {
  fc.assert(
    fc.property(map, fc.array(act, { maxLength: 25 }), (stakeholders, acts) => {
      const office = new Office(stakeholders, check);
      for (const each of acts) {
        office.passUntil(office.nowMs + each.afterMinutes * minuteMs);
        office.do(each);
        office.plan();
      }
      office.passUntil(office.nowMs + 7 * 24 * 60 * minuteMs);
      atEnd(office);
    }),
    { numRuns: 40, seed: 5 },
  );
}

function left(agent: StreamId): QuestionEvent {
  return { kind: 'question.left', data: { agent, why: 'its item was canceled' } };
}
