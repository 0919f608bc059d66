/**
 * Effect: seats an agent for one step: workspace, cell, gateway, agent loop, then takes its files out as one commit.
 * The commit is put on the item's branch later, in the item's own turn (integrate-commit.ts).
 */
import { runAgent } from '../agents/run-agent.ts';
import { parsePlan } from '../artifacts/parse-plan.ts';
import { parseVerdict } from '../artifacts/parse-verdict.ts';
import type { Finding } from '../artifacts/finding.ts';
import { messageOf } from '../base/errors.ts';
import { isReadOnly } from '../capabilities/judge-tool-call.ts';
import { outOfScope } from '../capabilities/path-scope.ts';
import type { Cell } from '../cells/cell.ts';
import { type AgentGateway, openAgentGateway } from '../gateway/agent-gateway.ts';
import { closeInterruptedAgent } from '../gateway/resolve-doubt.ts';
import type { ItemEffect } from '../items/in-flight.ts';
import type { ItemEvent, StepFailure } from '../items/item-event.ts';
import type { StreamId } from '../journal/event.ts';
import { itemAccount } from '../ledger/account-names.ts';
import { priceOf } from '../ledger/price-of.ts';
import { resolveModel } from '../ledger/resolve-model.ts';
import type { Role } from '../teams/team.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { integrateCommit } from './integrate-commit.ts';
import { keepWork, keptWork } from './kept-work.ts';
import { promptFor } from './prompt-inputs.ts';
import type { EffectRequest, Settle } from './run-effect.ts';
import { branchRef, itemBranch } from './start-item.ts';
import { commitStep, stepTrailer } from './step-commit.ts';

export type StepEffect = Extract<ItemEffect, { effect: 'runStep' }>;

/** What a run came to, before the branch is touched. */
export type StepResult =
  | { ok: true; summary: string; artifacts: Record<string, string>; commit: string | null; costMicroUsd: number }
  | { ok: false; reason: StepFailure; message: string; findings: Finding[]; costMicroUsd: number };

export async function runStep(request: EffectRequest, effect: StepEffect): Promise<Settle | null> {
  const { context, signal } = request;
  const timeout = AbortSignal.timeout(context.policy.limits.stepTimeoutMs);
  let result: StepResult;
  try {
    result = await seatAgent(request, effect, AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (signal.aborted) return null;
    result = failure(
      timeout.aborted ? 'timed_out' : 'internal',
      timeout.aborted
        ? `did not finish within ${Math.round(context.policy.limits.stepTimeoutMs / 60_000)} minutes`
        : messageOf(error),
    );
    context.log.error('step failed', { err: error, agent: effect.agent });
  }
  if (signal.aborted) return null;
  return async (state) => {
    if (!result.ok) return [failedEvent(effect, result)];
    if (result.commit === null) return [finishedEvent(effect, result, null)];
    const integrated = await integrateCommit(context, state, effect, {
      commit: result.commit,
      summary: result.summary,
    });
    return [
      integrated.ok
        ? finishedEvent(effect, result, integrated.head)
        : failedEvent(effect, { ...integrated.failure, costMicroUsd: result.costMicroUsd }),
    ];
  };
}

async function seatAgent(request: EffectRequest, effect: StepEffect, signal: AbortSignal): Promise<StepResult> {
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
    return { ok: false, reason: 'setup_failed', message: 'the workspace could not be set up', findings: prepared.findings, costMicroUsd: 0 };
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
  const { request, effect, role, workspace, cell, signal } = seating;
  const { context, claim, state } = request;
  const model = resolveModel(role.model, context.policy.models);
  const price = priceOf(model, context.policy.prices);
  if (!price) return failure('model_failed', `no price is known for model ${model}; it is not called`);
  const deliverables = effect.stepDefinition.writes;
  const gateway = await openAgentGateway({
    journal: context.journal,
    project: context.project,
    agent: effect.agent as StreamId,
    claimUnit: claim.unit,
    fence: claim.fence,
    provider: context.provider,
    model,
    price,
    agentCeilingMicroUsd: context.agentCeiling,
    itemAccount: itemAccount(context.project, state.number),
    role,
    deliverables: [...deliverables],
    checkDeliverable,
    cell,
    clock: context.clock,
    callAttempts: context.policy.limits.callAttempts,
    seat: {
      project: context.project,
      item: state.number,
      itemTitle: state.title,
      role: effect.role,
      step: effect.step,
      task: effect.task ?? reworkOf(effect.step),
      round: effect.round,
    },
    signal,
    newId: context.newId,
  });
  try {
    const outcome = await runAgent({
      gateway,
      prompt: await promptFor(context, request, effect, { role, hasKeptWork: seating.hasKeptWork }),
      deliverables,
      effort: role.effort,
      maxOutputTokens: context.policy.models.maxOutputTokens,
      maxTurns: role.maxTurns ?? context.policy.limits.turns,
      signal,
    });
    if (outcome.outcome === 'fenced') throw new Error(outcome.message);
    if (outcome.outcome !== 'done') {
      await gateway.finish({ outcome: outcome.outcome, summary: outcome.message });
      await keepWork(context, state, effect, await workspace.captureTree());
      return failure(outcome.outcome, outcome.message, gateway);
    }
    const result = await takeWorkOut(seating, gateway, outcome.summary);
    await gateway.finish({ outcome: result.ok ? 'done' : result.reason, summary: outcome.summary });
    return result;
  } catch (error) {
    // Interrupted (paused, killed, timed out): the files are kept for the next attempt, the tape stays open.
    if (signal.aborted) await keepWork(context, state, effect, await workspace.captureTree());
    throw error;
  }
}

async function takeWorkOut(seating: Seating, gateway: AgentGateway, summary: string): Promise<StepResult> {
  const { request, effect, role, workspace } = seating;
  const { context, state } = request;
  const { mirror } = context;
  const artifacts = { ...gateway.tape.delivered };
  const costMicroUsd = gateway.tape.costMicroUsd;
  const done: StepResult = { ok: true, summary, artifacts, commit: null, costMicroUsd };
  if (!effect.stepDefinition.commits) return done;
  const tree = await workspace.captureTree();
  if (tree === (await mirror.treeOf(effect.base))) return done;
  const commit = await commitStep(context, state, effect, { tree, parent: effect.base, summary });
  const strays = outOfScope(role, await mirror.changedFiles(effect.base, commit));
  if (strays.length > 0) {
    return {
      ok: false,
      reason: 'out_of_scope',
      message: `changed ${strays.length} file(s) outside what the role ${role.name} may write`,
      findings: strays.map((file) => ({
        source: 'scope',
        message: `the role ${role.name} may not change this file`,
        file,
        line: null,
        output: null,
      })),
      costMicroUsd,
    };
  }
  return { ...done, commit };
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
  return { ...failure('interrupted', 'the worker that ran it ended before it was finished'), costMicroUsd };
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

function failure(reason: StepFailure, message: string, gateway?: AgentGateway): StepResult {
  return { ok: false, reason, message, findings: [], costMicroUsd: gateway?.tape.costMicroUsd ?? 0 };
}

function finishedEvent(effect: StepEffect, result: Extract<StepResult, { ok: true }>, head: string | null): ItemEvent {
  const { summary, artifacts, costMicroUsd } = result;
  const { step, attempt } = effect;
  return { kind: 'step.finished', data: { step, attempt, summary, artifacts, commit: head, costMicroUsd } };
}

function failedEvent(effect: StepEffect, result: Omit<Extract<StepResult, { ok: false }>, 'ok'>): ItemEvent {
  const { reason, message, findings, costMicroUsd } = result;
  const { step, attempt } = effect;
  return { kind: 'step.failed', data: { step, attempt, reason, message, findings, costMicroUsd } };
}
