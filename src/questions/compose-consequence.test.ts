import { describe, expect, it } from 'vitest';
import { afterEvents, asked, exportText, minuteMs, startMs, unfold } from '../../test/questions/asked.ts';
import { mapOf, officeHours, sampleMap } from '../../test/questions/people.ts';
import { composeConsequence, describeSla } from './compose-consequence.ts';
import { judgeAcknowledgment, judgeAnswer } from './judge-answer.ts';
import type { Answer } from './question.ts';
import { settlementText } from './settlement.ts';

const berlin = sampleMap(
  `people:\n  "@alex-engineering-lead": { role: engineering_lead }\n  "@cto-channel": { role: cto }\n  "@sarah-pm": { hours: ${officeHours} }\n  "@compliance-team": { hours: ${officeHours} }\n`,
);
const at = (kind: string, minute: number) =>
  unfold(asked(kind, { stakeholders: berlin }), minute, { stakeholders: berlin }).state;
const read = (kind: string, minute = 0, to?: string) => {
  const state = at(kind, minute);
  return composeConsequence(state, {
    to: to ?? state.addressee ?? '',
    stakeholders: berlin,
    nowMs: startMs + minute * minuteMs,
  });
};

describe('the consequence of silence', () => {
  it.each([
    [
      'of a default, with the time at the reader’s place',
      read('requirement_ambiguity'),
      'Default if no answer by 11:00: option 1, flagged for review.',
    ],
    [
      'of the same, for somebody elsewhere',
      read('requirement_ambiguity', 0, '@product-channel'),
      'Default if no answer by 10:00: option 1, flagged for review.',
    ],
    [
      'of what blocks, and must be acknowledged',
      read('compliance_question'),
      'Unless it is acknowledged by 10:30, @cto-channel is asked; the cluster stays stopped until it is answered.',
    ],
    [
      'at the end of the chain',
      read('compliance_question', 60),
      'Unless it is acknowledged by 10:30, you are asked again; the cluster stays stopped until it is answered.',
    ],
    [
      'that pauses the mesh',
      read('budget_threshold_exceeded'),
      'Unless it is acknowledged by 09:15, all clusters are paused and @alex-engineering-lead is asked.',
    ],
    [
      'of what is parked',
      read('gtm_dependency'),
      'Without an answer by 13:00, you are reminded; the item stays parked, nothing is decided by default.',
    ],
    [
      'of what is parked, later',
      read('gtm_dependency', 240),
      'Without an answer by 21:00, @product-channel is asked; the item stays parked, nothing is decided by default.',
    ],
    [
      'of what has no route',
      read('pricing_question'),
      'It waits until kind pricing_question has a route; nothing is decided without a person.',
    ],
  ])('%s', (_, sentence, expected) => {
    expect(sentence).toBe(expected);
  });

  it('says no more of acknowledging once it is', () => {
    const state = at('compliance_question', 0);
    const speaker = { by: '@compliance-team', via: 'cli' };
    const { events } = judgeAcknowledgment(state, speaker, { stakeholders: berlin, nowMs: startMs });
    const reader = { to: '@compliance-team', stakeholders: berlin, nowMs: startMs };
    expect(composeConsequence(afterEvents(state, startMs, ...events), reader)).toBe(
      'Without an answer by 10:30, @cto-channel is asked; the cluster stays stopped until it is answered.',
    );
  });

  it('names the day when it is another one', () => {
    const state = asked('requirement_ambiguity', {
      stakeholders: berlin,
      atMs: startMs + 6.5 * 60 * minuteMs,
    });
    const reader = { to: '@sarah-pm', stakeholders: berlin, nowMs: startMs + 6.5 * 60 * minuteMs };
    expect(composeConsequence(state, reader)).toBe(
      'Default if no answer by Tue 09:30: option 1, flagged for review.',
    );
  });

  it('of a rehearsal is told to the second', () => {
    const stakeholders = mapOf(
      'rehearsal: true\nescalation_routes:\n  any_kind: { primary: "@sarah-pm", sla_minutes: 45, clock: always }\n',
    );
    const state = asked('any_kind', { stakeholders });
    const reader = { to: '@sarah-pm', stakeholders, nowMs: startMs };
    expect(composeConsequence(state, reader)).toBe(
      'Default if no answer by 09:00:45: option 1, flagged for review.',
    );
    expect(describeSla(state)).toBe('45 s SLA');
    expect(describeSla(at('gtm_dependency', 0))).toBe('240 min SLA');
  });
});

describe('what the agent is told', () => {
  const open = at('requirement_ambiguity', 0);
  const told = (option: number | null, text: string | null) => {
    const answer = { option, text } as Answer;
    const { events } = judgeAnswer(open, { by: '@sarah-pm', via: 'cli' }, answer, berlin);
    return settlementText(afterEvents(open, startMs, ...events), exportText);
  };

  it.each([
    [
      'an option',
      told(2, null),
      "Q-7 was answered by @sarah-pm: option 2, Export the patient's local time\nIt binds you.",
    ],
    [
      'an option with a remark',
      told(1, 'but ISO 8601'),
      'Q-7 was answered by @sarah-pm: option 1, Export UTC with a timezone label\n@sarah-pm adds: but ISO 8601\nIt binds you.',
    ],
    [
      'words',
      told(null, 'Ask the patient.'),
      'Q-7 was answered by @sarah-pm:\nAsk the patient.\nIt binds you.',
    ],
    [
      'words that are in memory by then',
      settlementText(
        afterEvents(
          open,
          startMs,
          ...judgeAnswer(open, { by: '@sarah-pm', via: 'cli' }, { option: null, text: 'UTC.' }, berlin)
            .events,
          { kind: 'question.recorded', data: { decision: 'D-4' } },
        ),
        exportText,
      ),
      'Q-7 was answered by @sarah-pm:\nUTC.\nIt binds you, as decision D-4.',
    ],
    [
      'to use its judgment',
      told(null, null),
      'Q-7: @sarah-pm says: use your judgment.\nChoose yourself, among the options or otherwise, and say in your summary what you chose and why.',
    ],
    [
      'the default',
      settlementText(at('requirement_ambiguity', 60), exportText),
      'Nobody answered Q-7 in time (asked: @sarah-pm), so its documented default holds: option 1, Export UTC with a timezone label\nGo on with it. It is flagged for review: a person may still rule otherwise, and then the work is opened again.',
    ],
    [
      'a decision that came meanwhile',
      settlementText(
        afterEvents(open, startMs, {
          kind: 'question.remembered',
          data: { decision: 'D-3', text: 'Export UTC.' },
        }),
        exportText,
      ),
      'Q-7 is answered by decision D-3, which was made meanwhile: Export UTC.\nIt binds you.',
    ],
    [
      'that it was withdrawn',
      settlementText(
        afterEvents(open, startMs, { kind: 'question.withdrawn', data: { why: 'canceled' } }),
        exportText,
      ),
      'Q-7 was withdrawn without an answer: canceled',
    ],
  ])('is %s', (_, text, expected) => {
    expect(text).toBe(expected);
  });
});
