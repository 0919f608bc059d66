/** Guards around agents that ask and people who answer, taken out one by one. Data only. */
import type { PlantedBug } from './plant-bug.ts';

export const plantedAskBugs: readonly PlantedBug[] = [
  {
    name: 'waits for what is settled',
    guard: 'a step does not begin to wait for a question that was settled while its agent stopped',
    edits: [
      { file: 'src/worker/run-step.ts', find: 'if (mode === null) return [];', replace: '' },
      {
        file: 'src/worker/run-step.ts',
        find: 'call, ask, mode } }];',
        replace: "call, ask, mode: mode ?? 'wait' } }];",
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
    name: 'asked again after a takeover',
    guard: 'a call opens one question, whoever carries it on',
    edits: [
      {
        file: 'src/questions/open-question.ts',
        find: 'if (draft.asker) return idOf(',
        replace: 'if (draft.asker === undefined) return idOf(',
      },
    ],
  },
  {
    name: 'equal questions not merged',
    guard: 'what is being asked already is not asked a second time',
    edits: [
      {
        file: 'src/questions/open-question.ts',
        find: 'return a.kind === b.kind && a.topic === b.topic && a.scope === b.scope;',
        replace: "return a.kind === b.kind && a.topic === b.topic && a.scope === '';",
      },
    ],
  },
  {
    name: 'waiting agent runs on',
    guard: 'a step that waits for a person is not run',
    edits: [
      {
        file: 'src/items/in-flight.ts',
        find: '|| !steps[effect.step]?.waiting',
        replace: '|| steps !== null',
      },
    ],
  },
  {
    name: 'nobody told that it is not needed',
    guard: 'the question of an agent that has ended is left',
    edits: [
      {
        file: 'src/worker/item-asks.ts',
        find: 'if (agents.size === 0) return [];',
        replace: 'if (agents.size >= 0) return [];',
      },
    ],
  },
  {
    name: 'lands in a block',
    guard: 'nothing lands while a question blocks its cluster',
    edits: [
      {
        file: 'src/worker/read-blocks.ts',
        find: '.find(({ scope }) => scopes.includes(scope))',
        replace: ".find(({ scope }) => scopes.includes(scope) && holderOf(scope) === '')",
      },
      {
        file: 'src/worker/read-blocks.ts',
        find: 'export async function findBlock(',
        replace: 'const holderOf = (scope: string) => scope;\nexport async function findBlock(',
      },
      {
        file: 'src/worker/drive-target.ts',
        find: "return state === 'killed' || holder !== null;",
        replace: "return state === 'killed' || holder === '';",
      },
    ],
  },
  {
    name: 'block not laid on',
    guard: 'an open question that blocks holds a control',
    edits: [
      {
        file: 'src/worker/desk-blocks.ts',
        find: 'return held?.why !== why;',
        replace: "return held?.why !== why && why === '';",
      },
    ],
  },
  {
    name: 'block not lifted',
    guard: 'a control is lifted when the question that holds it is settled',
    edits: [
      {
        file: 'src/worker/desk-blocks.ts',
        find: 'if (!left) return null;',
        replace: "if (!left || left.state === 'paused') return null;",
      },
    ],
  },
  {
    name: 'parked for ever',
    guard: 'a parked item that has been answered goes on',
    edits: [
      {
        file: 'src/items/find-waits.ts',
        find: 'state.isParked && !mayPark(state);',
        replace: 'state.isParked && state.number < 0;',
      },
    ],
  },
  {
    name: 'parked keeps its place',
    guard: 'a parked item holds no place',
    edits: [
      {
        file: 'src/items/find-waits.ts',
        find: "return status === 'running' && !isParked;",
        replace: "return status === 'running';",
      },
    ],
  },
  {
    name: 'begun twice over',
    guard: 'an item that has been told to begin counts as begun',
    edits: [
      {
        file: 'src/worker/drive-cluster.ts',
        find: 'isBeginning || holdsPlace(state)',
        replace: 'holdsPlace(state)',
      },
    ],
  },
];
