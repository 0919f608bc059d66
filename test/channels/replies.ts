/** What whoever says something is told at once, for every way in which it can come out; by the product's own judges. */
import { routeOf } from '../../src/policy/route-of.ts';
import { describeEnding } from '../../src/questions/approval-notice.ts';
import type { ApprovalState } from '../../src/questions/approval-state.ts';
import { judgeAcknowledgment, judgeAnswer, judgeReroute } from '../../src/questions/judge-answer.ts';
import { judgeApproval } from '../../src/questions/judge-approval.ts';
import { parseAnswer } from '../../src/questions/parse-answer.ts';
import type { Answer } from '../../src/questions/question.ts';
import type { QuestionState } from '../../src/questions/question-state.ts';
import { afterEvents, anAsker, asked, goOn, minuteMs, startMs } from '../questions/asked.ts';
import { approvalOf, approve, map, settledByDefault } from './notices.ts';
import * as texts from './question-texts.ts';

const nowMs = startMs + 10 * minuteMs;
const facts = { stakeholders: map, nowMs };
const fresh = goOn(
  asked('requirement_ambiguity', { text: texts.timeZone, stakeholders: map, asker: anAsker(12) }),
  0,
  { stakeholders: map },
).state;

const sarah = { by: '@sarah-pm', via: 'slack' };
const marketing = { by: '@marketing-ops', via: 'slack' };
const option = (number: number): Answer => ({ option: number, text: null });

function answer(state: QuestionState, speaker: typeof sarah, said: Answer): string {
  return judgeAnswer(state, speaker, said, map).line;
}

function after(state: QuestionState, said: Answer): QuestionState {
  return afterEvents(state, nowMs, ...judgeAnswer(state, sarah, said, map).events);
}

function reroute(kind: string): string {
  return judgeReroute(fresh, sarah, { kind, route: routeOf(map, kind) }, facts).line;
}

function unclear(): string {
  const reply = parseAnswer('4', texts.timeZone);
  return reply.act === 'unclear' ? `${fresh.name}: ${reply.hint}` : '';
}

const two = approvalOf(3, 'infrastructure');
const half = approve(two, '@alex-engineering-lead', false);

function yes(state: ApprovalState, by: string, change: { actionHash?: string; nowMs?: number } = {}): string {
  const { actionHash } = state;
  return judgeApproval(state, {
    ...facts,
    by,
    via: 'slack',
    verdict: 'approve',
    actionHash,
    why: '',
    ...change,
  }).line;
}

const denied: ApprovalState = { ...two, status: 'denied', ending: { by: '@cto-channel', why: '' } };

/** By what was said, and when. */
export const replies: Readonly<Record<string, string>> = {
  'A number': answer(fresh, sarah, option(2)),
  'Words of one’s own': answer(fresh, sarah, { option: null, text: 'UTC, but local time in the file name' }),
  '“Use your judgment”': answer(fresh, sarah, { option: null, text: null }),
  '“Acknowledged”': judgeAcknowledgment(fresh, sarah, facts).line,
  '“Not mine, compliance_question”': reroute('compliance_question'),
  '“Not mine”, of a kind without a route': reroute('data_retention_question'),
  'A number that is no option': unclear(),
  'By somebody else': answer(fresh, marketing, option(1)),
  'The same again': answer(after(fresh, option(2)), sarah, option(2)),
  'Something else, after the answer': answer(after(fresh, option(2)), sarah, option(1)),
  'The default’s number, after the default': answer(settledByDefault, sarah, option(1)),
  'Another number, after the default': answer(settledByDefault, sarah, option(2)),
  '“Use your judgment”, after the default': answer(settledByDefault, sarah, { option: null, text: null }),
  'Yes, the first of two': yes(two, '@alex-engineering-lead'),
  'Yes, by the same person again': yes(half, '@alex-engineering-lead'),
  'Yes, the second of two': yes(half, '@cto-channel'),
  'Yes, by somebody who may not': yes(two, '@marketing-ops'),
  'Yes, to another action': yes(two, '@cto-channel', { actionHash: 'f'.repeat(64) }),
  'Yes, too late': yes(two, '@cto-channel', { nowMs: startMs + 49 * 60 * minuteMs }),
  'Yes, after a no': yes(denied, '@alex-engineering-lead'),
  'Those who were asked, after a no': describeEnding(denied),
};
