/** A notice of every shape that a message can have, as the sample stakeholder map would lead to them. */
import type { ApprovalNotice, AskNotice, Notice } from '../../src/questions/channel.ts';

export const question: AskNotice = {
  about: 'ask',
  question: 'Q-7',
  kind: 'requirement_ambiguity',
  to: '@sarah-pm',
  memberId: null,
  place: '#product-questions',
  thread: null,
  urgency: 0,
  why: 'asked',
  mode: 'wait',
  bindsMesh: false,
  from: { cluster: 'main', item: 12, title: 'Medication history export' },
  text: {
    title: 'time zone of exported timestamps',
    building: 'Medication history export: download functionality for the patient data endpoint.',
    question:
      'The export includes prescription timestamps. The pharmacy integration returns UTC, the patient portal displays local time. The requirements do not say which the export has.',
    options: [
      { label: 'Export UTC with a timezone label', tradeOff: 'consistent with the raw data' },
      { label: "Export the patient's local time", tradeOff: 'better to read, requires a time zone lookup' },
      { label: 'Export both', tradeOff: 'verbose but unambiguous' },
    ],
    whyYou:
      'This is a product experience decision, not a technical one. Option 2 adds about 80 ms per export.',
    unblocks: 'A preference, or “use your judgment”',
    defaultOption: 1,
    compliance: null,
  },
  askedAt: '2026-11-20T13:45:00.000Z',
  dueAt: '2026-11-20T14:45:00.000Z',
  timeZone: 'Europe/Berlin',
  consequence: 'Default if no answer by 15:45: option 1, flagged for review.',
  slaText: '60 min SLA',
  needsAcknowledgment: false,
  isRehearsal: false,
};

const yesNo = [
  { label: 'Yes, as suggested', tradeOff: 'the export goes on with masked identifiers' },
  { label: 'No', tradeOff: 'the export stays out of this release' },
];

export const compliance: AskNotice = {
  ...question,
  question: 'Q-8',
  kind: 'compliance_question',
  to: '@compliance-team',
  place: '#compliance-review',
  mode: 'block',
  text: {
    ...question.text,
    title: 'patient identifiers in the export log',
    question: 'May the export log keep the patient identifier of every download?',
    options: yesNo,
    whyYou: 'The identifier is health information; whether this pattern is covered is yours to say.',
    unblocks: 'A yes or a no',
    defaultOption: null,
    compliance: {
      accessPattern:
        'export-service writes patient_id and record count to the application log on every download',
      reference: 'HIPAA § 164.312(b), audit controls; BAA section 4.2',
      suggestion: 'Log a keyed hash of patient_id; keep the key with the audit service alone.',
    },
  },
  dueAt: '2026-11-20T14:15:00.000Z',
  consequence:
    'Unless it is acknowledged by 15:15, @cto-channel is asked; the cluster stays stopped until it is answered.',
  slaText: '30 min SLA',
  needsAcknowledgment: true,
};

export const approval: ApprovalNotice = {
  about: 'approval',
  approval: 'A-2',
  to: '@alex-engineering-lead',
  memberId: null,
  place: '#engineering-decisions',
  thread: null,
  urgency: 0,
  from: { cluster: 'main', item: 12, title: 'Medication history export' },
  tier: 'production',
  action: 'run: npm run migrate -- --env staging',
  details: '{"argv":["npm","run","migrate","--","--env","staging"],"cwd":"."}',
  actionHash: '3fa91c0d5b7e2846a1907c5e4d3b2a1f3fa91c0d5b7e2846a1907c5e4d3b2a1f',
  expiresAt: '2026-11-20T15:45:00.000Z',
  timeZone: 'Europe/Berlin',
  options: [
    { label: 'Approve', tradeOff: 'it is done once, exactly so' },
    { label: 'Deny', tradeOff: 'the agent is told and goes on without it' },
  ],
  isRehearsal: false,
};

const update = {
  about: 'update',
  question: 'Q-7',
  to: '@sarah-pm',
  thread: 'C01PRODUCTQ/1795000000.000100',
  isRehearsal: false,
} as const;

/** By the name under which the documentation shows it. */
export const shapes: Readonly<Record<string, Notice>> = {
  'A question that waits for its answer, and has a default': question,
  'A compliance question, which stops its cluster': compliance,
  'A dependency, for which other work is not stopped': {
    ...question,
    question: 'Q-9',
    kind: 'gtm_dependency',
    to: '@marketing-ops',
    place: '#gtm-dependencies',
    mode: 'park',
    text: {
      ...question.text,
      title: 'name of the export feature',
      question: 'Under which name does the export appear in the menu and in the release notes?',
      options: [
        { label: 'Medication history', tradeOff: 'says what it is' },
        { label: 'Health records export', tradeOff: 'leaves room for more' },
      ],
      whyYou: 'The name goes out with the campaign that you run.',
      unblocks: 'A name',
      defaultOption: null,
    },
    dueAt: '2026-11-20T17:45:00.000Z',
    consequence:
      'Without an answer by 18:45, you are reminded; the item stays parked, nothing is decided by default.',
    slaText: '240 min SLA',
  },
  'An architectural decision, which binds the whole mesh': {
    ...question,
    question: 'Q-10',
    kind: 'architectural_decision',
    to: '@alex-engineering-lead',
    place: '#engineering-decisions',
    bindsMesh: true,
    text: {
      ...question.text,
      title: 'where time zones are converted',
      question: 'Do services convert to local time themselves, or does the presentation layer alone?',
      options: [
        { label: 'The presentation layer alone', tradeOff: 'one place, services stay in UTC' },
        { label: 'Each service', tradeOff: 'simpler clients, the rule lives in many places' },
      ],
      whyYou: 'Two clusters need the same answer this week.',
      unblocks: 'One rule for all services',
    },
    dueAt: '2026-11-20T15:45:00.000Z',
    consequence: 'Default if no answer by 16:45: option 1, flagged for review.',
    slaText: '120 min SLA',
  },
  'A reminder': {
    ...question,
    thread: 'C01PRODUCTQ/1795000000.000100',
    urgency: 1,
    why: 'reminder',
  },
  'An escalation': {
    ...compliance,
    to: '@cto-channel',
    thread: 'C01COMPLIAN/1795000000.000200',
    urgency: 1,
    why: 'escalated',
    dueAt: '2026-11-20T14:45:00.000Z',
    consequence:
      'Without an answer by 15:45, you are asked again; the cluster stays stopped until it is answered.',
  },
  'A gap: a kind that nobody owns': {
    ...question,
    question: 'Q-11',
    kind: 'unrouted_kind',
    to: '@alex-engineering-lead',
    place: '#engineering-decisions',
    text: {
      ...question.text,
      title: 'who decides data_retention_question',
      building: 'Q-12 of item 12 is of kind data_retention_question, which has no route.',
      question: 'Who answers questions of kind data_retention_question?',
      options: [
        { label: 'Route it like compliance_question', tradeOff: '@compliance-team, 30 min SLA, blocking' },
        { label: 'Route it to me', tradeOff: 'until the stakeholder map says otherwise' },
      ],
      whyYou: 'You are the engineering lead of the stakeholder map.',
      unblocks: 'A route; what depends on it waits until then',
      defaultOption: null,
    },
    consequence: 'Without an answer by 15:45, you are asked again.',
  },
  'A contradiction': {
    ...question,
    question: 'Q-13',
    kind: 'contradiction',
    to: '@alex-engineering-lead',
    place: '#engineering-decisions',
    text: {
      ...question.text,
      title: 'D-4 and D-9 contradict each other',
      building: 'Both are active decisions on export.timezone for the whole mesh.',
      question: 'Which one holds? D-4: “Export UTC with a timezone label”. D-9: “Export local time”.',
      options: [
        { label: 'D-4 holds', tradeOff: 'D-9 is superseded' },
        { label: 'D-9 holds', tradeOff: 'D-4 is superseded; item 12 used it' },
      ],
      whyYou: 'Neither is used until somebody rules.',
      unblocks: 'One of the two',
      defaultOption: null,
    },
    consequence: 'Without an answer by 15:45, you are asked again.',
  },
  'A budget alert': {
    ...question,
    question: 'Q-14',
    kind: 'budget_threshold_exceeded',
    to: '@cto-channel',
    place: '#alerts',
    mode: 'block',
    text: {
      ...question.text,
      title: 'cluster main has used 80 % of its day',
      building: 'Cluster main: $40.12 of $50.00 spent or reserved today.',
      question: 'Go on until the ceiling, stop now, or raise it?',
      options: [
        { label: 'Go on until the ceiling', tradeOff: 'then everything pauses by itself' },
        { label: 'Stop the cluster now', tradeOff: 'what is under way ends, nothing begins' },
        { label: 'Raise the ceiling by half', tradeOff: '$75.00 for today' },
      ],
      whyYou: 'Ceilings are yours.',
      unblocks: 'A decision about money',
      defaultOption: null,
    },
    dueAt: '2026-11-20T14:00:00.000Z',
    consequence: 'Unless it is acknowledged by 15:00, all clusters are paused.',
    slaText: '15 min SLA',
    needsAcknowledgment: true,
  },
  'An approval': approval,
  Settled: {
    ...update,
    line: 'answered by @sarah-pm: option 1, Export UTC with a timezone label. Item 12 goes on.',
    isSettled: true,
  },
  'A default was taken': {
    ...update,
    line: 'nobody answered by 15:45, so option 1 (Export UTC with a timezone label) was taken as D-12 and is flagged. Reply with another number to overturn it, or with 1 to confirm.',
    isSettled: false,
  },
  'Taken over by somebody else': {
    ...update,
    line: 'went on to @alex-engineering-lead; your answer still counts if it comes first.',
    isSettled: false,
  },
  'An answer that was not taken': {
    ...update,
    to: '@marketing-ops',
    line: 'the answer of @marketing-ops was kept but does not count: @sarah-pm is asked.',
    isSettled: false,
  },
  'In a rehearsal': {
    ...question,
    dueAt: '2026-11-20T13:46:00.000Z',
    consequence: 'Default if no answer by 14:46:00: option 1, flagged for review.',
    slaText: '60 s SLA',
    isRehearsal: true,
  },
};
