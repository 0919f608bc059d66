/** Guards of the product that are taken out one by one; the observer of a month must find each. Data only. */
import type { PlantedBug } from '../simulate/plant-bug.ts';

export const plantedMonthBugs: readonly PlantedBug[] = [
  {
    name: 'compliance defaults',
    guard: 'a compliance question that blocks is never taken by default',
    edits: [
      {
        file: 'src/questions/timeout.ts',
        find: "if (mode === 'block' && (isCompliance || isComplianceKind(kind))) return 'climb';",
        replace: '',
      },
    ],
  },
  {
    name: 'limit ignored',
    guard: 'nobody has more open questions than they take',
    edits: [
      {
        file: 'src/questions/askable.ts',
        find: '< person.attentionLimit',
        replace: '< person.attentionLimit + 1',
      },
    ],
  },
  {
    name: 'asked off hours',
    guard: 'people are asked while they are at work',
    edits: [
      { file: 'src/questions/askable.ts', find: 'if (!isAtWork(person, nowMs)) return false;', replace: '' },
    ],
  },
  {
    name: 'anybody answers',
    guard: 'the answer of the right person counts, and nobody else’s',
    edits: [
      {
        file: 'src/questions/judge-answer.ts',
        find: 'return isOrWasAsked || mayAnswer(by, route, stakeholders);',
        replace: "return by !== '' || isOrWasAsked || mayAnswer(by, route, stakeholders);",
      },
    ],
  },
  {
    name: 'nothing merges',
    guard: 'what is being asked already is not asked again',
    edits: [
      {
        file: 'src/questions/open-question.ts',
        find: 'return a.kind === b.kind && a.topic === b.topic && a.scope === b.scope;',
        replace: "return a.kind === '' && a.topic === b.topic && a.scope === b.scope;",
      },
    ],
  },
  {
    name: 'memory not asked',
    guard: 'a decision answers before anybody is asked',
    edits: [
      {
        file: 'src/worker/seat-questions.ts',
        find: 'recall: ({ key }) => recall(context, key),',
        replace: 'recall: async () => null,',
      },
    ],
  },
  {
    name: 'only the first is told',
    guard: 'everybody who asked hears the answer',
    edits: [
      {
        file: 'src/questions/settlement.ts',
        find: '? state.askers\n',
        replace: '? state.askers.slice(0, 1)\n',
      },
    ],
  },
  {
    name: 'an hour late',
    guard: 'what is due follows when it is due',
    edits: [
      {
        file: 'src/questions/decide-question.ts',
        find: 'return nowMs >= Date.parse(dueAt);',
        replace: 'return nowMs >= Date.parse(dueAt) + 3_600_000;',
      },
    ],
  },
  {
    name: 'reminded early',
    guard: 'a reminder comes at half of the SLA',
    edits: [
      {
        file: 'src/questions/decide-question.ts',
        find: 'facts.nowMs < halfMs ||',
        replace: 'facts.nowMs < halfMs - 600_000 ||',
      },
    ],
  },
  {
    name: 'decided twice',
    guard: 'what a question decided is recorded once, also after a crash',
    edits: [
      {
        file: 'src/memory/decide-record.ts',
        find: 'const same = known ?? findSame(alike, wanted);',
        replace: 'const same = [known, findSame(alike, wanted)].find((each) => each?.id === undefined);',
      },
    ],
  },
  {
    name: 'block stays',
    guard: 'a block ends with its question',
    edits: [
      {
        file: 'src/worker/desk-blocks.ts',
        find: 'control.holder !== null && !isWanted(control)',
        replace: "control.holder === '' && !isWanted(control)",
      },
    ],
  },
  {
    name: 'doubt forgotten',
    guard: 'after a crash a message that may have arrived is looked for',
    edits: [
      {
        file: 'src/worker/drive-outbox.ts',
        find: 'isInDoubt: began.attempts > 1',
        replace: 'isInDoubt: began.attempts > 999',
      },
    ],
  },
  {
    name: 'last in, first asked',
    guard: 'what waits is asked in order',
    edits: [
      {
        file: 'src/questions/plan-questions.ts',
        find: 'turn(a) - turn(b) || a.number - b.number',
        replace: 'turn(b) - turn(a) || b.number - a.number',
      },
    ],
  },
];
