/** A question and what silence makes of it, by the product's own decisions. */
import type { Stakeholders } from '../../src/policy/stakeholders.ts';
import { decideQuestion } from '../../src/questions/decide-question.ts';
import { findRoute } from '../../src/questions/find-route.ts';
import { advanceQuestion } from '../../src/questions/fold-question.ts';
import type { Asker, QuestionText } from '../../src/questions/question.ts';
import type { QuestionEvent } from '../../src/questions/question-event.ts';
import type { QuestionState } from '../../src/questions/question-state.ts';
import { slaEndsAt } from '../../src/questions/sla.ts';
import { facts, minuteMs, startMs } from '../questions/asked.ts';

/** Asked on a Monday, at ten in Berlin. */
export function askedAbout(asked: {
  number: number;
  kind: string;
  text: QuestionText;
  stakeholders: Stakeholders;
  asker: Asker | null;
}): QuestionState {
  const { number, kind, text, stakeholders, asker } = asked;
  const route = findRoute(kind, stakeholders, null);
  if (!route) throw new Error(`${kind} has no route`);
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
        defaultOption: text.defaultOption,
        isCompliance: text.compliance !== null,
        asker,
        cluster: 'main',
        route,
        mode: route.mode,
        dueAt: slaEndsAt(route, stakeholders, { of: route.primary, fromMs: startMs }),
      },
    },
    new Date(startMs).toISOString(),
  );
}

/** After so many minutes in which nobody says anything. */
export function goOn(
  asked: QuestionState,
  minute: number,
  stakeholders: Stakeholders,
): { state: QuestionState; events: QuestionEvent[] } {
  const all: QuestionEvent[] = [];
  let state = asked;
  for (let nowMs = startMs; ; ) {
    const { events, nextDueAtMs } = decideQuestion(state, facts(nowMs, { stakeholders }));
    for (const event of events) state = advanceQuestion(state, event, new Date(nowMs).toISOString());
    all.push(...events);
    if (nextDueAtMs === null || nextDueAtMs > startMs + minute * minuteMs) return { state, events: all };
    nowMs = nextDueAtMs;
  }
}
