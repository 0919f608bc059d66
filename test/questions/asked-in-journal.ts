/** Questions in a journal whose clock a test sets: minutes count from Monday, ten in the morning in Berlin. */
import { newId } from '../../src/base/ids.ts';
import { createMemoryJournal } from '../../src/journal/in-memory.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { routeOf } from '../../src/policy/route-of.ts';
import type { Handle, Stakeholders } from '../../src/policy/stakeholders.ts';
import { openQuestion } from '../../src/questions/open-question.ts';
import type { QuestionEvent } from '../../src/questions/question-event.ts';
import { writeQuestion } from '../../src/questions/question-record.ts';
import { anAsker, exportText, minuteMs, startMs } from './asked.ts';

export interface AskedInJournal {
  journal: Journal;
  project: string;
  /** Asked, and its primary told, at once; its number. */
  ask(minute: number, kind: string): Promise<number>;
  say(minute: number, number: number, ...events: QuestionEvent[]): Promise<void>;
}

export function askInJournal(stakeholders: Stakeholders): AskedInJournal {
  const project = 'orders';
  let nowMs = startMs;
  const journal = createMemoryJournal({
    clock: { now: () => nowMs, monotonicMs: () => 0, sleep: async () => {} },
  });
  const say: AskedInJournal['say'] = async (minute, number, ...events) => {
    nowMs = startMs + minute * minuteMs;
    await writeQuestion({
      journal,
      newId,
      project,
      number,
      actor: 'mesh:orders',
      decide: () => ({ events }),
    });
  };
  return {
    journal,
    project,
    say,
    async ask(minute, kind) {
      nowMs = startMs + minute * minuteMs;
      const route = routeOf(stakeholders, kind);
      const draft = {
        key: { kind, topic: `topic.at${minute}`, scope: 'mesh' },
        text: exportText,
        route,
        asker: anAsker(3, `call-${minute}`),
        cluster: 'main',
        once: null,
      };
      const place = { journal, newId, project, actor: 'mesh:orders' };
      const { number, dueAt } = await openQuestion({ ...place, nowMs, stakeholders, draft });
      if (route && dueAt) await say(minute, number, told(route.primary, dueAt));
      return number;
    },
  };
}

export function told(to: Handle, dueAt: string): QuestionEvent {
  const data = { to, rung: 0, urgency: 0, why: 'asked' as const, deliveries: [], dueAt };
  return { kind: 'question.notified', data };
}
