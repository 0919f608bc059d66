/** The policy and the teams of every simulated world: the built-in flows with short instructions, compiled by hand. */
import { microUsd } from '../base/money.ts';
import { noPermissions } from '../permissions/permission-rule.ts';
import type { Policy } from '../policy/policy.ts';
import {
  defaultCeilings,
  defaultCells,
  defaultLimits,
  defaultRoute,
  defaultTiers,
} from '../policy/policy-defaults.ts';
import type { Gate, OnFail, Phase, PhaseBody, Role, Step, Team } from '../teams/team.ts';
import type { WorldPlan } from './plan.ts';
import { checkCommand } from './play-command.ts';

export const simulatedProject = 'world';
export const simulatedTarget = 'main';

export function simulatedPolicy(world: WorldPlan): Policy {
  return {
    project: simulatedProject,
    targetBranch: simulatedTarget,
    models: {
      provider: 'scripted',
      scenario: null,
      default: 'claude-sonnet-5-5',
      aliases: {},
      maxOutputTokens: 1_000,
      tiers: defaultTiers,
      route: defaultRoute,
      equals: {},
    },
    ceilings: {
      ...defaultCeilings,
      itemMicroUsd: microUsd(world.itemCeilingMicroUsd),
      agentMicroUsd: microUsd(world.agentCeilingMicroUsd),
    },
    degrade: [],
    secrets: {},
    limits: {
      ...defaultLimits,
      itemsAtOnce: world.itemsAtOnce,
      turns: world.turns,
      breaker: world.breaker,
      callAttempts: world.callAttempts,
      stepTimeoutMs: world.stepTimeoutMs,
      commandTimeoutMs: 20_000,
    },
    team: { flow: 'feature', agent: null, seats: { developer: world.developerSeats } },
    agents: {},
    profile: {
      setup: [],
      checks: [{ name: 'test', run: checkCommand, timeoutMs: 20_000 }],
      baseline: 'no_worse',
    },
    cells: defaultCells,
    permissions: noPermissions,
    packs: [],
    channels: { slack: null, webhook: null },
    prices: {},
  };
}

export function simulatedTeam(flow: string): Team {
  const phases = flows[flow];
  if (!phases) throw new Error(`simulated worlds have no flow ${flow}`);
  return { flow: { name: flow, description: flow, phases }, roles };
}

const roles: Team['roles'] = {
  planner: role('planner', { tools: ['read', 'glob', 'grep'], writes: ['plan.json'] }),
  developer: role('developer', {}),
  tester: role('tester', { writePaths: ['test/**'] }),
  reviewer: role('reviewer', { tools: ['read', 'glob', 'grep'], writes: ['verdict.json'] }),
};

function role(name: string, more: Partial<Role>): Role {
  return {
    name,
    description: name,
    instructions: `Be the ${name}.`,
    tools: null,
    deniedTools: [],
    model: null,
    effort: null,
    tier: null,
    run: null,
    reads: ['brief.md'],
    writes: [],
    readPaths: null,
    writePaths: null,
    onlyFiles: null,
    agent: null,
    permissions: { allow: [], ask: [], deny: [] },
    deniedApprovalTiers: [],
    never: [],
    maxTurns: null,
    source: 'built in',
    ...more,
  };
}

function step(name: string, commits: boolean, writes: string[] = []): Step {
  return { name, role: name, reads: writes.includes('verdict.json') ? ['plan.json'] : [], writes, commits };
}

function phase(name: string, body: PhaseBody, gates: readonly Gate[] = [], onFail?: Partial<OnFail>): Phase {
  const ways = { backTo: name, atMost: 2, thenAsk: 'engineering_lead', ...onFail };
  return { name, body, gates, onFail: ways, submits: body.kind === 'none' };
}

const plan = phase('plan', { kind: 'sequence', steps: [step('planner', false, ['plan.json'])] }, [
  { kind: 'artifact', artifact: 'plan.json', schema: 'plan' },
]);
const tasks: PhaseBody = {
  kind: 'each',
  artifact: 'plan.json',
  pointer: '/tasks',
  steps: [step('developer', true)],
};
const reviewer = step('reviewer', false, ['verdict.json']);
const allChecks: Gate = { kind: 'commands', checks: null };
const verdict: Gate = { kind: 'verdict', artifact: 'verdict.json' };
const ship = phase('ship', { kind: 'none' });

const flows: Readonly<Record<string, readonly Phase[]>> = {
  solo: [phase('build', { kind: 'sequence', steps: [step('developer', true)] }, [allChecks]), ship],
  trio: [
    plan,
    phase('build', tasks, [allChecks]),
    phase('review', { kind: 'sequence', steps: [reviewer] }, [verdict], { backTo: 'build' }),
    ship,
  ],
  feature: [
    plan,
    phase('build', tasks),
    phase(
      'verify',
      { kind: 'parallel', steps: [step('tester', true), reviewer] },
      [{ kind: 'artifact', artifact: 'verdict.json', schema: 'verdict' }, allChecks, verdict],
      { backTo: 'build' },
    ),
    ship,
  ],
};
