/** The gateway of one seat: which model at which price, which accounts, which role, what must be handed in. */
import { parsePlan } from '../artifacts/parse-plan.ts';
import { parseVerdict } from '../artifacts/parse-verdict.ts';
import { lintOutput } from '../capabilities/lint-output.ts';
import type { Cell } from '../cells/cell.ts';
import { type AgentGateway, openAgentGateway } from '../gateway/agent-gateway.ts';
import type { StreamId } from '../journal/event.ts';
import type { ListPrice } from '../ledger/price-snapshot.ts';
import type { Route } from '../ledger/route-model.ts';
import type { Role } from '../teams/team.ts';
import type { EffectRequest, StepEffect } from './effect.ts';
import { limitsOf } from './route-step.ts';
import { seatApprovals } from './seat-approvals.ts';
import type { SeatBudget } from './seat-budget.ts';
import { createQuestionDoor } from './seat-questions.ts';

export interface SeatParts {
  request: EffectRequest;
  effect: StepEffect;
  role: Role;
  cell: Cell;
  model: string;
  price: ListPrice;
  route: Route;
  budget: SeatBudget;
  /** Killed, or out of time. */
  signal: AbortSignal;
}

export function openSeatGateway(parts: SeatParts): Promise<AgentGateway> {
  const { request, effect, role, cell, model, price, route, budget, signal } = parts;
  const { context, claim, state } = request;
  const { project, journal, provider, clock, newId } = context;
  return openAgentGateway({
    journal,
    project,
    agent: effect.agent as StreamId,
    claimUnit: claim.unit,
    fence: claim.fence,
    provider,
    model,
    price,
    agentCeilingMicroUsd: budget.agentCeilingMicroUsd,
    itemAccount: budget.itemAccount,
    budget: budget.budget,
    role,
    // A declared command has no model that could ask.
    people: role.run === null ? createQuestionDoor(request, effect) : null,
    approvals: seatApprovals(request, effect),
    deliverables: effect.stepDefinition.writes,
    checkDeliverable: (name, content) => [
      ...checkDeliverable(name, content),
      ...lintOutput(role.never, name, content),
    ],
    cell,
    clock,
    callAttempts: Math.min(context.policy.limits.callAttempts, budget.left.degradation?.attempts ?? Infinity),
    route,
    limits: limitsOf(context, model),
    redactor: context.secrets.redactor,
    controls: request.controls,
    seat: {
      project,
      item: state.number,
      itemTitle: state.title,
      role: effect.role,
      step: effect.step,
      task: effect.task ?? reworkOf(effect.step),
      round: effect.round,
    },
    signal,
    newId,
  });
}

/** `build/rework-2/developer` → `rework-2`: work that no plan names still has a name. */
function reworkOf(step: string): string | null {
  const [, task, role] = step.split('/');
  return task !== undefined && role !== undefined ? task : null;
}

function checkDeliverable(name: string, content: string): string[] {
  if (name === 'plan.json') return parsePlan(content).problems;
  if (name === 'verdict.json') return parseVerdict(content).problems;
  return content.trim() === '' ? [`${name} is empty`] : [];
}
