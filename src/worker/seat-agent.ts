/**
 * Seats an agent for one run of a step: workspace, cell, gateway, agent loop; then everything is put down again. What
 * the agent wrote is taken out as a commit, or kept for the next attempt when the run was cut short.
 */
import { runAgent } from '../agents/run-agent.ts';
import { parsePlan } from '../artifacts/parse-plan.ts';
import { parseVerdict } from '../artifacts/parse-verdict.ts';
import { formatDuration } from '../base/duration.ts';
import { isReadOnly } from '../capabilities/judge-tool-call.ts';
import type { Cell } from '../cells/cell.ts';
import { type AgentGateway, openAgentGateway } from '../gateway/agent-gateway.ts';
import { closeInterruptedAgent } from '../gateway/resolve-doubt.ts';
import type { StreamId } from '../journal/event.ts';
import { itemAccount } from '../ledger/account-names.ts';
import { priceOf } from '../ledger/price-of.ts';
import type { ListPrice } from '../ledger/price-snapshot.ts';
import { resolveModel } from '../ledger/resolve-model.ts';
import type { Role } from '../teams/team.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { EffectRequest, StepEffect } from './effect.ts';
import { keepWork, keptWork } from './kept-work.ts';
import { promptFor } from './prompt-inputs.ts';
import { branchRef, itemBranch } from './start-item.ts';
import { stepTrailer } from './step-commit.ts';
import { type StepResult, stepFailed } from './step-result.ts';
import { FencedError } from './stream-writer.ts';
import { takeWorkOut } from './take-work-out.ts';

/** `signal`: the request's own, or out of time. */
export async function seatAgent(
  request: EffectRequest,
  effect: StepEffect,
  signal: AbortSignal,
): Promise<StepResult> {
  const { context, claim } = request;
  const agent = effect.agent as StreamId;
  if ((await context.journal.streamHead(agent)) !== undefined) return afterInterruption(request, effect);
  const role = roleOf(request, effect);
  const id = `${claim.fence}-${agent.replaceAll(/[^A-Za-z0-9_.-]+/g, '-')}`;
  const kept = await keptWork(context, request.state, effect);
  const prepared = await context.workspaces.prepare({
    id,
    mirror: context.mirror,
    commit: kept ?? effect.base,
    setup: context.policy.profile.setup,
    limits: context.cellLimits,
    signal,
  });
  if (!prepared.ok) {
    return stepFailed('setup_failed', 'the workspace could not be set up', { findings: prepared.findings });
  }
  const { workspace } = prepared;
  let cell: Cell | undefined;
  try {
    cell = await context.driver.open({
      id,
      workspace: workspace.dir,
      isWorkspaceWritable: !isReadOnly(role),
      readable: [...workspace.readable, ...context.policy.cells.readable],
      env: workspace.env,
      allowedHosts: [],
      limits: context.cellLimits,
    });
    return await workInCell({ request, effect, role, workspace, cell, hasKeptWork: kept !== null, signal });
  } finally {
    await cell?.close();
    await workspace.discard();
  }
}

interface Seating {
  request: EffectRequest;
  effect: StepEffect;
  role: Role;
  workspace: Workspace;
  cell: Cell;
  hasKeptWork: boolean;
  signal: AbortSignal;
}

async function workInCell(seating: Seating): Promise<StepResult> {
  const { request, effect, role, workspace, signal } = seating;
  const { context, state } = request;
  const model = resolveModel(role.model, context.policy.models);
  const price = priceOf(model, context.policy.prices);
  if (!price) return stepFailed('model_refused', `no price is known for model ${model}; it is not called`);
  const gateway = await openGateway(seating, model, price);
  const keep = async () => keepWork(context, state, effect, await workspace.captureTree());
  try {
    const outcome = await runAgent({
      gateway,
      prompt: await promptFor(context, request, effect, { role, hasKeptWork: seating.hasKeptWork }),
      deliverables: effect.stepDefinition.writes,
      effort: role.effort,
      maxOutputTokens: context.policy.models.maxOutputTokens,
      maxTurns: role.maxTurns ?? context.policy.limits.turns,
      signal,
    });
    if (outcome.outcome === 'fenced') throw new FencedError(effect.agent as StreamId);
    if (outcome.outcome !== 'done') {
      await gateway.finish({ outcome: outcome.outcome, summary: outcome.message });
      await keep();
      return stepFailed(outcome.outcome, outcome.message, { costMicroUsd: gateway.tape.costMicroUsd });
    }
    const result = await takeWorkOut(
      { request, effect, role, workspace, tape: gateway.tape },
      outcome.summary,
    );
    await gateway.finish({ outcome: result.ok ? 'done' : result.reason, summary: outcome.summary });
    return result;
  } catch (error) {
    if (!signal.aborted) throw error;
    // Paused, killed or out of time: the files are kept for the next attempt.
    await keep();
    if (request.signal.aborted) throw error;
    const message = `did not finish within ${formatDuration(context.policy.limits.stepTimeoutMs)}`;
    await gateway.finish({ outcome: 'timed_out', summary: message });
    return stepFailed('timed_out', message, { costMicroUsd: gateway.tape.costMicroUsd });
  }
}

function openGateway(seating: Seating, model: string, price: ListPrice): Promise<AgentGateway> {
  const { request, effect, role, cell, signal } = seating;
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
    agentCeilingMicroUsd: context.agentCeiling,
    itemAccount: itemAccount(project, state.number),
    role,
    deliverables: effect.stepDefinition.writes,
    checkDeliverable,
    cell,
    clock,
    callAttempts: context.policy.limits.callAttempts,
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

/**
 * The agent's stream exists already: an earlier run of this very intent was cut off, and its workspace is gone. Its
 * books are closed; it counts as done if its commit had reached the branch, else the step starts again.
 */
async function afterInterruption(request: EffectRequest, effect: StepEffect): Promise<StepResult> {
  const { context, claim, state } = request;
  const tape = await closeInterruptedAgent({
    journal: context.journal,
    project: context.project,
    agent: effect.agent as StreamId,
    claimUnit: claim.unit,
    fence: claim.fence,
    newId: context.newId,
    outcome: 'interrupted',
    summary: 'its worker ended before it was finished',
  });
  const { costMicroUsd } = tape;
  const ref = branchRef(itemBranch(state.number));
  const commit = await context.mirror.findByTrailer(ref, stepTrailer, effect.agent);
  if (commit) {
    const artifacts = { ...tape.delivered };
    return { ok: true, summary: 'finished before its worker ended', artifacts, commit, costMicroUsd };
  }
  return stepFailed('interrupted', 'the worker that ran it ended before it was finished', { costMicroUsd });
}

/** `build/rework-2/developer` → `rework-2`: work that no plan names still has a name. */
function reworkOf(step: string): string | null {
  const [, task, role] = step.split('/');
  return task !== undefined && role !== undefined ? task : null;
}

function roleOf(request: EffectRequest, effect: StepEffect): Role {
  const role = request.team.roles[effect.role];
  if (!role) throw new Error(`the pinned team has no role ${effect.role}`);
  return role;
}

function checkDeliverable(name: string, content: string): string[] {
  if (name === 'plan.json') return parsePlan(content).problems;
  if (name === 'verdict.json') return parseVerdict(content).problems;
  return content.trim() === '' ? [`${name} is empty`] : [];
}
