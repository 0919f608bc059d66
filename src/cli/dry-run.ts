/** What `add --dry-run` shows: the flow that would run, who would sit where on which model, the hard bounds on cost. */
import type { Brief } from '../artifacts/parse-brief.ts';
import { parsePlan } from '../artifacts/parse-plan.ts';
import { formatUsd } from '../base/money.ts';
import { routeModel } from '../ledger/route-model.ts';
import type { Policy } from '../policy/policy.ts';
import type { Gate, Phase, Role, Team } from '../teams/team.ts';

export interface DryRun {
  title: string;
  criteria: string[];
  flow: string;
  phases: {
    name: string;
    body: string;
    steps: { role: string; model: string; delivers: string[]; commits: boolean }[];
    gates: string[];
    onFail: string | null;
  }[];
  tasks: { id: string; title: string; after: string[] }[] | null;
  ceilingMicroUsd: number;
  agentCeilingMicroUsd: number;
  checks: string[];
  setup: string[];
  target: string;
}

export function planDryRun(request: {
  policy: Policy;
  team: Team;
  brief: Brief;
  planText: string | null;
}): DryRun {
  const { policy, team, brief } = request;
  return {
    title: brief.title,
    criteria: brief.criteria,
    flow: team.flow.name,
    phases: team.flow.phases.map((phase) => describePhase(phase, policy, team)),
    tasks: request.planText === null ? null : (parsePlan(request.planText).plan?.tasks ?? null),
    ceilingMicroUsd: brief.ceilingMicroUsd ?? policy.ceilings.itemMicroUsd,
    agentCeilingMicroUsd: policy.ceilings.agentMicroUsd,
    checks: policy.profile.checks.map((check) => check.run),
    setup: policy.profile.setup.map((step) => step.run),
    target: policy.targetBranch,
  };
}

export function describeDryRun(dryRun: DryRun): string[] {
  const lines = [
    `Would run: ${dryRun.title}`,
    `Flow ${dryRun.flow}, lands on ${dryRun.target} after your accept`,
  ];
  for (const phase of dryRun.phases) {
    lines.push(`  ${phase.name}${phase.body ? ` (${phase.body})` : ''}`);
    for (const step of phase.steps) {
      const gives = [...step.delivers, ...(step.commits ? ['one commit'] : [])].join(', ');
      lines.push(`    ${step.role} on ${step.model}${gives ? ` → ${gives}` : ''}`);
    }
    for (const gate of phase.gates) lines.push(`    gate: ${gate}`);
    if (phase.onFail) lines.push(`    on fail: ${phase.onFail}`);
  }
  for (const task of dryRun.tasks ?? []) {
    lines.push(
      `  task ${task.id} ${task.title}${task.after.length > 0 ? ` (after ${task.after.join(', ')})` : ''}`,
    );
  }
  for (const step of dryRun.setup) lines.push(`  set-up: ${step}`);
  for (const check of dryRun.checks) lines.push(`  check: ${check}`);
  for (const criterion of dryRun.criteria) lines.push(`  criterion: ${criterion}`);
  lines.push(
    `Ceilings: ${formatUsd(dryRun.ceilingMicroUsd)} for the item, ${formatUsd(dryRun.agentCeilingMicroUsd)} for each agent. Nothing was called and nothing was spent.`,
  );
  return lines;
}

function describePhase(phase: Phase, policy: Policy, team: Team): DryRun['phases'][number] {
  const { body } = phase;
  const steps = body.kind === 'none' ? [] : body.steps;
  return {
    name: phase.name,
    body: describeBody(phase, policy),
    steps: steps.map((step) => ({
      role: step.role,
      model: modelOf(team.roles[step.role], policy),
      delivers: [...step.writes],
      commits: step.commits,
    })),
    gates: phase.gates.map(describeGate),
    onFail:
      phase.gates.length === 0
        ? null
        : `back to ${phase.onFail.backTo}, at most ${phase.onFail.atMost} times, then ask ${phase.onFail.thenAsk}`,
  };
}

function describeBody(phase: Phase, policy: Policy): string {
  switch (phase.body.kind) {
    case 'none':
      return phase.submits ? 'the branch waits for accept' : '';
    case 'sequence':
      return '';
    case 'parallel':
      return 'side by side';
    case 'each': {
      const seats = phase.body.steps.map((step) => `${policy.team.seats[step.role] ?? 1} ${step.role}`);
      return `each task of ${phase.body.artifact}, up to ${seats.join(', ')} at once`;
    }
  }
}

function describeGate(gate: Gate): string {
  switch (gate.kind) {
    case 'artifact':
      return `${gate.artifact} is there${gate.schema ? ` and is a valid ${gate.schema}` : ''}`;
    case 'commands':
      return gate.checks
        ? `checks ${gate.checks.join(', ')} on the whole code base`
        : 'all checks on the whole code base';
    case 'verdict':
      return `${gate.artifact} says pass`;
  }
}

/** As far as it is known before there is a plan: a task's complexity may choose another. */
function modelOf(role: Role | undefined, { models }: Policy): string {
  if (!role) return models.default;
  return routeModel({ models, role, complexity: null, cap: null }).model ?? 'no model';
}
