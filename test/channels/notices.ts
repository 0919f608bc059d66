/**
 * A notice of every shape that a message can have, led to by the reference stakeholder map and made by what makes them in a
 * project: the same decisions, sentences and clock times.
 */
import { hashAction } from '../../src/questions/approval-action.ts';
import { approvalNotice, describeEnding } from '../../src/questions/approval-notice.ts';
import { type ApprovalState, applyApproval } from '../../src/questions/approval-state.ts';
import { askNotice } from '../../src/questions/ask-notice.ts';
import type { ApprovalNotice, AskNotice, Notice, UpdateNotice } from '../../src/questions/channel.ts';
import { gapText } from '../../src/questions/find-route.ts';
import { outcomeLine } from '../../src/questions/outcome-line.ts';
import { budgetText, contradictionText } from '../../src/questions/own-questions.ts';
import type { QuestionText } from '../../src/questions/question.ts';
import type { QuestionEvent } from '../../src/questions/question-event.ts';
import { anAsker, asked, goOn, minuteMs, startMs } from '../questions/asked.ts';
import { officeHours, sampleMap } from '../questions/people.ts';
import * as texts from './question-texts.ts';

/** Everybody in Berlin; the two whom the map needs to know by role. */
const handles = ['@sarah-pm', '@compliance-team', '@marketing-ops', '@product-channel'];
const people = [
  'people:',
  ...handles.map((handle) => `  "${handle}": { hours: ${officeHours} }`),
  `  "@alex-engineering-lead": { role: engineering_lead, hours: ${officeHours} }`,
  `  "@cto-channel": { role: cto, hours: ${officeHours} }`,
  '',
].join('\n');
export const map = sampleMap(people);
const rehearsal = sampleMap(`rehearsal: true\n${people}`);

interface Led {
  number: number;
  kind: string;
  text: QuestionText;
  /** Of silence, before it. */
  minute?: number;
  to?: string;
  isOwn?: boolean;
  stakeholders?: typeof map;
}

/** The last ask of it after so many minutes of silence. */
function ask({ number, kind, text, minute = 0, to, isOwn = false, stakeholders = map }: Led): AskNotice {
  const first = asked(kind, { number, text, stakeholders, asker: isOwn ? null : anAsker(12) });
  const { state, events } = goOn(first, minute, { stakeholders });
  const notified = events
    .map(({ event }) => event)
    .findLast(
      (event): event is Extract<QuestionEvent, { kind: 'question.notified' }> =>
        event.kind === 'question.notified' && (to === undefined || event.data.to === to),
    );
  if (!notified) throw new Error(`nobody was asked ${state.name}`);
  const nowMs = startMs + minute * minuteMs;
  return askNotice({ stakeholders, nowMs, state, text, channel: 'slack' }, notified.data);
}

const requirement = { number: 7, kind: 'requirement_ambiguity', text: texts.timeZone };
const blocking = { number: 8, kind: 'compliance_question', text: texts.patientIds };

export const question = ask(requirement);
export const compliance = ask(blocking);

const thread = 'C01PRODUCTQ/1795000000.000100';

function update(line: string, isSettled: boolean, ask = 'Q-7'): UpdateNotice {
  return { about: 'update', question: ask, to: '@sarah-pm', thread, line, isSettled, isRehearsal: false };
}

export const settledByDefault = goOn(
  asked('requirement_ambiguity', { text: texts.timeZone, stakeholders: map, asker: anAsker(12) }),
  90,
  { stakeholders: map },
).state;
const answered = {
  ...settledByDefault,
  status: 'answered',
  default: null,
  answer: { by: '@sarah-pm', via: 'slack', answer: { option: 2, text: 'for admins only' }, at: '' },
} as const;

const action = {
  project: 'portal',
  item: 12,
  agent: anAsker(12).agent,
  role: 'developer',
  tool: 'run',
  input: { argv: ['npm', 'run', 'migrate', '--', '--env', 'staging'] },
  base: '8c1f0a77d2e95b3c4a6f8091b2c3d4e5f6a7b8c9',
};

/** Asked on the same Monday, of everybody who may say yes. */
export function approvalOf(number: number, tier: 'external' | 'infrastructure'): ApprovalState {
  const asker = anAsker(12);
  const known = map.approvalTiers[tier];
  if (!known) throw new Error(`there is no tier ${tier}`);
  const data = {
    number,
    asker,
    tier: { ...known, channel: '#engineering-decisions' },
    action: 'blob',
    actionHash: hashAction(action),
    line: 'run npm run migrate -- --env staging',
    rule: 'ask Bash(npm run migrate:*) of the policy',
    expiresAt: new Date(startMs + known.windowMs).toISOString(),
  };
  return applyApproval(null, { kind: 'approval.requested', data }, new Date(startMs).toISOString());
}

export function approve(state: ApprovalState, by: string, isEnough: boolean): ApprovalState {
  const { actionHash, expiresAt } = state;
  return applyApproval(
    state,
    { kind: 'approval.approved', data: { by, via: 'slack', actionHash, expiresAt, isEnough } },
    state.askedAt,
  );
}

const one = approvalOf(2, 'external');
const two = approvalOf(3, 'infrastructure');
const lead = { to: '@alex-engineering-lead', channel: 'slack' };
export const approval: ApprovalNotice = approvalNotice({ stakeholders: map, state: one, action }, lead);

const granted = approve(one, '@alex-engineering-lead', true);
const use = { agent: one.asker.agent, call: one.asker.call, actionHash: one.actionHash };
const used = applyApproval(granted, { kind: 'approval.used', data: use }, one.askedAt);

/** By the name under which the documentation shows it. */
export const shapes: Readonly<Record<string, Notice>> = {
  'A question that waits for its answer, and has a default': question,
  'A compliance question, which stops its cluster': compliance,
  'A dependency, for which other work is not stopped': ask({
    number: 9,
    kind: 'gtm_dependency',
    text: texts.featureName,
  }),
  'An architectural decision, which binds the whole mesh': ask({
    number: 10,
    kind: 'architectural_decision',
    text: texts.conversion,
  }),
  'A reminder': { ...ask({ ...requirement, minute: 30 }), thread },
  'An escalation': { ...ask({ ...blocking, minute: 30, to: '@cto-channel' }), thread },
  'A gap: a kind that nobody owns': ask({
    number: 11,
    kind: 'unrouted_kind',
    text: gapText(
      'data_retention_question',
      map,
      'Q-12 waits for it, and every later question of the kind data_retention_question.',
    ),
    isOwn: true,
  }),
  'A contradiction': ask({
    number: 13,
    kind: 'contradiction',
    text: contradictionText(
      [
        { id: 'D-4', statement: 'Export UTC with a timezone label' },
        { id: 'D-9', statement: "Export the patient's local time" },
      ],
      'D-4 and D-9 are both active for export.timezone in the whole mesh',
    ),
    isOwn: true,
  }),
  'A budget alert': ask({
    number: 14,
    kind: 'budget_threshold_exceeded',
    text: budgetText({
      account: 'cluster main today',
      ceilingMicroUsd: 50_000_000,
      usedMicroUsd: 40_120_000,
      permille: 800,
      raiseCommand: '`meshwright budget main --per day --raise 75`',
    }),
    isOwn: true,
  }),
  'An approval': approval,
  'An approval that needs two people, one of whom said yes': approvalNotice(
    { stakeholders: map, state: approve(two, '@alex-engineering-lead', false), action },
    { to: '@cto-channel', channel: 'slack' },
  ),
  'A question is answered': update(
    outcomeLine(answered, { id: 'D-12', statement: "Export the patient's local time; for admins only" }),
    true,
  ),
  'A default was taken': update(
    outcomeLine(settledByDefault, { id: 'D-12', statement: 'Export UTC with a timezone label' }),
    false,
  ),
  'An approval is used': update(describeEnding(used), true, 'A-2'),
  'In a rehearsal': ask({ ...requirement, stakeholders: rehearsal }),
};
