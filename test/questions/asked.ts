/** Questions for tests, built from events as the journal would have them; and the facts that decisions are made from. */
import { streamId } from '../../src/journal/event.ts';
import { isComplianceKind } from '../../src/policy/route-of.ts';
import type { Handle, Stakeholders } from '../../src/policy/stakeholders.ts';
import { type DeskFacts, decideQuestion } from '../../src/questions/decide-question.ts';
import { findRoute } from '../../src/questions/find-route.ts';
import { advanceQuestion } from '../../src/questions/fold-question.ts';
import type { PlanFacts } from '../../src/questions/plan-questions.ts';
import type { Asker, QuestionText } from '../../src/questions/question.ts';
import type { QuestionEvent } from '../../src/questions/question-event.ts';
import type { QuestionState } from '../../src/questions/question-state.ts';
import { slaEndsAt } from '../../src/questions/sla.ts';
import { alwaysThere } from './people.ts';

/** Monday, ten in the morning in Berlin. */
export const startMs = Date.parse('2026-11-23T09:00:00.000Z');
export const minuteMs = 60_000;

export const exportText: QuestionText = {
  title: 'time zone of the export',
  building: 'Medication history export: the download of the patient data endpoint.',
  question:
    'The pharmacy integration returns UTC, the portal shows local time. Which one goes into the export?',
  options: [
    { label: 'Export UTC with a timezone label', tradeOff: 'Consistent with the raw data.' },
    { label: "Export the patient's local time", tradeOff: 'Easier to read; needs a lookup.' },
    { label: 'Export both', tradeOff: 'Verbose but unambiguous.' },
  ],
  whyYou: 'This is a decision about the product, not a technical one.',
  unblocks: 'Any one of the options.',
  defaultOption: 1,
  compliance: null,
};

export function anAsker(item = 3, call = 'call-1'): Asker {
  const agent = streamId('agent', 'orders', item, 'build/T1/developer', 1);
  return {
    item,
    title: 'Medication history export',
    cluster: 'main',
    step: 'build/T1',
    role: 'developer',
    agent,
    call,
  };
}

export interface AskedAs {
  stakeholders?: Stakeholders;
  number?: number;
  atMs?: number;
  text?: QuestionText;
  defaultOption?: number | null;
  isCompliance?: boolean;
  asker?: Asker | null;
}

/** Asked, and nothing else yet. */
export function asked(kind: string, options: AskedAs = {}): QuestionState {
  const { stakeholders = alwaysThere, number = 7, atMs = startMs, text = exportText } = options;
  const { defaultOption = text.defaultOption } = options;
  const route = findRoute(kind, stakeholders, null);
  return advanceQuestion(
    null,
    {
      kind: 'question.asked',
      data: {
        number,
        key: { kind, topic: 'export.timezone', scope: 'mesh' },
        text: 'blob',
        title: text.title,
        optionCount: text.options.length,
        defaultOption,
        isCompliance: options.isCompliance ?? (text.compliance !== null || isComplianceKind(kind)),
        asker: options.asker === undefined ? anAsker() : options.asker,
        cluster: 'main',
        route,
        mode: route?.mode ?? 'wait',
        dueAt: route && slaEndsAt(route, stakeholders, { of: route.primary, fromMs: atMs }),
      },
    },
    new Date(atMs).toISOString(),
  );
}

export function facts(nowMs: number, more: Partial<DeskFacts> = {}): DeskFacts & PlanFacts {
  const openAsks: ReadonlyMap<Handle, number> = new Map();
  return {
    nowMs,
    stakeholders: alwaysThere,
    openAsks,
    otherAsks: openAsks,
    hasRoomCome: true,
    channelsOf: () => ['slack'],
    ...more,
  };
}

export function afterEvents(state: QuestionState, atMs: number, ...events: QuestionEvent[]): QuestionState {
  return events.reduce((now, event) => advanceQuestion(now, event, new Date(atMs).toISOString()), state);
}

/** What the product decides about a question to which nobody says anything, until that time. */
export function goOn(
  state: QuestionState,
  untilMinute: number,
  more: Partial<DeskFacts> = {},
): { events: { event: QuestionEvent; atMs: number }[]; state: QuestionState } {
  const all: { event: QuestionEvent; atMs: number }[] = [];
  let nowMs = startMs;
  let now = state;
  for (;;) {
    const { events, nextDueAtMs } = decideQuestion(now, facts(nowMs, more));
    now = afterEvents(now, nowMs, ...events);
    for (const event of events) all.push({ event, atMs: nowMs });
    if (nextDueAtMs === null || nextDueAtMs > startMs + untilMinute * minuteMs)
      return { events: all, state: now };
    nowMs = nextDueAtMs;
  }
}

/** The same in words: `+60 default 1`, one line each. */
export function unfold(
  state: QuestionState,
  untilMinute: number,
  more: Partial<DeskFacts> = {},
): { lines: string[]; state: QuestionState } {
  const { events, state: now } = goOn(state, untilMinute, more);
  return {
    lines: events.map(({ event, atMs }) => `+${(atMs - startMs) / minuteMs} ${tell(event)}`),
    state: now,
  };
}

function tell({ kind, data }: QuestionEvent): string {
  switch (kind) {
    case 'question.notified':
      return `${data.why} ${data.to} (${data.urgency})`;
    case 'question.escalated':
      return `${data.from} → ${data.to}`;
    case 'question.defaulted':
      return `default ${data.option}`;
    case 'question.mesh_paused':
      return 'mesh paused';
    default:
      return kind;
  }
}
