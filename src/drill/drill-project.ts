/** The repository that a case of a drill works in: next to nothing in it, one ceiling low and all others out of reach. Texts only. */
import path from 'node:path';
import type { Plan } from '../artifacts/plan.ts';
import { type CeilingKind, ceilingKinds } from './ceiling-kind.ts';
import type { SpendPath } from './spend-path.ts';

/** Where an item that is forked goes on. */
export const spendingStep = 'build/T1';

const outOfReachUsd = 1_000;

export function planOf(taskCount: number): Plan {
  return {
    summary: 'Spend.',
    tasks: Array.from({ length: taskCount }, (_, index) => ({
      id: `T${index + 1}`,
      title: `Spend ${index + 1}`,
      instructions: 'Go on for as long as you are let.',
      after: [],
    })),
  };
}

export interface CaseFiles {
  /** Relative path → content. */
  repository: Readonly<Record<string, string>>;
  /** Of the machine's own file. */
  hostYaml: string;
}

export function caseFiles(request: {
  project: string;
  path: SpendPath;
  kind: CeilingKind;
  ceilingMicroUsd: number;
  /** By the cases before, on the accounts that all projects share. */
  hostSpentMicroUsd: number;
  /** Command line of an agent that is somebody else's. */
  outsider: readonly string[];
}): CaseFiles {
  const { path: spendPath, kind, ceilingMicroUsd, hostSpentMicroUsd } = request;
  const lowMicroUsd = kind.hostKey === null ? ceilingMicroUsd : hostSpentMicroUsd + ceilingMicroUsd;
  const usd = (each: CeilingKind) => (each === kind ? lowMicroUsd / 1_000_000 : outOfReachUsd);
  const keys = (of: 'meshKey' | 'hostKey') =>
    ceilingKinds.flatMap((each) => (each[of] === null ? [] : [`  ${each[of]}: ${usd(each)}`])).join('\n');
  return {
    repository: {
      'README.md': `${'A file to look at.\n'.repeat(60)}`,
      '.mesh/mesh.yaml': meshYaml(request.project, spendPath, keys('meshKey'), request.outsider),
      // The answers come from the drill; a policy with a scripted model names a file all the same.
      '.mesh/scenario.yaml':
        'name: drill\nscripts:\n  - { name: none, for: { role: nobody }, moves: [{ done: Nothing. }] }\n',
      '.mesh/flows/drill.yaml': flowYaml(spendPath.role),
      '.mesh/roles/spender.md': roleFile('spender', ''),
      '.mesh/roles/outsider.md': roleFile('outsider', 'mesh:\n  agent: drill\n'),
    },
    hostYaml: `ceilings:\n${keys('hostKey')}\n`,
  };
}

function meshYaml(
  project: string,
  spendPath: SpendPath,
  ceilings: string,
  outsider: readonly string[],
): string {
  return `version: 1
project: ${project}
models:
  provider: scripted
  scenario: .mesh/scenario.yaml
  default: claude-sonnet-5-5
  max_output_tokens: 1000
ceilings:
${ceilings}
limits:
  items_at_once: ${spendPath.items}
  turns: ${spendPath.turns}
  breaker: ${spendPath.breaker}
  repetitions: 1000
team:
  flow: drill
  seats: { ${spendPath.role}: ${spendPath.tasks} }
agents:
  drill: { command: ${JSON.stringify(outsider)}, protocol: anthropic }
`;
}

function flowYaml(role: SpendPath['role']): string {
  return `name: drill
phases:
  - name: plan
    steps: [{ role: planner, writes: [plan.json] }]
  - name: build
    each: plan.json#/tasks
    steps: [{ role: ${role}, commit: true }]
  - name: ship
    submit: merge-queue
`;
}

function roleFile(name: string, more: string): string {
  return `---
name: ${name}
description: Spends what it is let spend.
tools: Read
${more}---
Go on for as long as you are let.
`;
}

/** The agent of somebody else that a drill seats; it knows nothing of us but the address and the key that it is given. */
export function outsiderCommand(assetsDir: string): string[] {
  return [path.join(assetsDir, 'drill', 'outside-spender.mjs')];
}
