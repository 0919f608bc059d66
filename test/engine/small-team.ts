/** A tiny repository, its policy, and a brain that plays every role of the feature flow from a few functions. */
import type { ModelRequest, ToolResultPart } from '../../src/gateway/model.ts';
import type { Brain, Move } from '../../src/gateway/scripted/scripted-provider.ts';

/** `check.sh` passes when no file contains the word BROKEN, so a test decides what is red by what is written. */
export const smallFiles: Record<string, string> = {
  '.mesh/mesh.yaml': [
    'version: 1',
    'project: test',
    'target: main',
    'models: { provider: scripted, scenario: .mesh/none.yaml, default: claude-sonnet-4-5 }',
    'team: { flow: feature, seats: { developer: 2 } }',
    'checks: [{ name: test, run: sh check.sh }]',
    '',
  ].join('\n'),
  '.mesh/none.yaml': 'name: none\nscripts: []\n',
  'check.sh': 'if grep -rl BROKEN . --include="*.txt"; then echo "a file is broken"; exit 1; fi\necho fine\n',
  'a.txt': 'a\n',
  'b.txt': 'b\n',
};

export const twoTasks = {
  summary: 'two independent tasks and one that needs both',
  tasks: [
    { id: 'T1', title: 'one', instructions: 'change a', after: [] },
    { id: 'T2', title: 'two', instructions: 'change b', after: [] },
    { id: 'T3', title: 'three', instructions: 'add c', after: ['T1', 'T2'] },
  ],
};

/** Replies of the roles; each gets the request and how many turns were taken before. */
export interface SmallTeam {
  planner?: (request: ModelRequest, turn: number) => Move;
  developer?: (request: ModelRequest, turn: number) => Move;
  tester?: (request: ModelRequest, turn: number) => Move;
  reviewer?: (request: ModelRequest, turn: number) => Move;
}

export function smallTeam(overrides: SmallTeam = {}): Brain {
  const roles: Required<SmallTeam> = {
    planner: (_, turn) => deliver(turn, 'plan.json', twoTasks),
    developer: (request, turn) =>
      turn > 0
        ? say('done')
        : write(`${request.seat.task ?? 'rework'}.txt`, `written by ${request.seat.step}\n`),
    tester: () => say('looked at it'),
    reviewer: (_, turn) => deliver(turn, 'verdict.json', { verdict: 'pass', summary: 'good', findings: [] }),
    ...overrides,
  };
  return (request) => {
    const turn = request.messages.filter((message) => message.role === 'assistant').length;
    const role = roles[request.seat.role as keyof SmallTeam];
    return role(request, turn);
  };
}

export function say(text: string): Move {
  return { text };
}

export function call(tool: string, input: Record<string, string | string[] | boolean>): Move {
  return { calls: [{ tool, input }] };
}

export function write(path: string, content: string): Move {
  return call('write', { path, content });
}

export function deliver(turn: number, name: string, content: object): Move {
  return turn > 0 ? say(`${name} is delivered`) : call('deliver', { name, content: JSON.stringify(content) });
}

/** What the tools answered last. */
export function lastResults(request: ModelRequest): ToolResultPart[] {
  const last = request.messages.at(-1);
  if (last?.role !== 'user') return [];
  return last.content.filter((part): part is ToolResultPart => part.type === 'tool_result');
}
