/**
 * Seats an agent for one run of a step: workspace, cell, gateway, agent loop; then everything is put down again. What
 * the agent wrote is taken out as a commit, or kept for the next attempt when the run was cut short.
 *
 * Seated again for the same intent (its worker died, the item was paused, or a person has answered it), by what is found:
 *   the tape has an ending       → the step's result is read from it; nothing runs
 *   tape and workspace are there → the agent goes on where it was, in its own files, nothing paid is paid again
 *   only the tape                → its books are closed and the step starts again
 *   only the workspace, or nothing → it starts
 */
import { type AgentOutcome, runAgent } from '../agents/run-agent.ts';
import { runCommand } from '../agents/run-command.ts';
import { formatDuration } from '../base/duration.ts';
import { messageOf } from '../base/errors.ts';
import { emptyPlacesOf } from '../capabilities/write-scope.ts';
import type { Cell } from '../cells/cell.ts';
import { openCellUntil } from '../cells/open-until.ts';
import { HeldError } from '../controls/control-door.ts';
import type { AgentGateway } from '../gateway/agent-gateway.ts';
import { readPrompt } from '../gateway/prompt-store.ts';
import type { TapeState } from '../gateway/tape.ts';
import { readTape } from '../gateway/tape-writer.ts';
import type { StepFailure } from '../items/item-event.ts';
import { itemStream } from '../items/item-stream.ts';
import { readTextBlob } from '../journal/blob-text.ts';
import type { StreamId } from '../journal/event.ts';
import { FencedError } from '../journal/fenced-error.ts';
import type { Role } from '../teams/team.ts';
import type { PrepareOutcome, Workspace } from '../workspaces/workspace.ts';
import { closeBooks, resultOfEnding } from './agent-ending.ts';
import { chooseOutsideAgent } from './choose-outside-agent.ts';
import { type EffectRequest, LeavingError, type StepEffect } from './effect.ts';
import { keepWork, keptWork } from './kept-work.ts';
import { clearSeat, endCellsOf, takeOverWorkspace } from './left-workspace.ts';
import { type OutsideSeat, openOutsideSeat, runInOutsideSeat } from './outside-seat.ts';
import { type MadePrompt, promptFor } from './prompt-inputs.ts';
import { priceRoute, routeStep } from './route-step.ts';
import { pauseOf, readSeatBudget, type SeatBudget } from './seat-budget.ts';
import { openSeatCell } from './seat-cell.ts';
import { openSeatGateway } from './seat-gateway.ts';
import { type SeatName, workspaceId } from './seat-name.ts';
import { seatRole } from './seat-role.ts';
import { type StepOutcome, type StepResult, stepFailed } from './step-result.ts';
import { isStorageFault } from './storage-fault.ts';
import { takeWorkOut } from './take-work-out.ts';

/** `signal`: the request's own, or out of time. */
export async function seatAgent(
  request: EffectRequest,
  effect: StepEffect,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const { context, claim, state } = request;
  const agent = effect.agent as StreamId;
  const isKnown = (await context.journal.streamHead(agent)) !== undefined;
  const tape = isKnown ? await readTape(context.journal, agent) : null;
  const owner = itemStream(context.project, state.number);
  const seat: SeatName = { fence: claim.fence, owner, purpose: effect.agent };
  if (tape?.ending) {
    await clearSeat(context, seat);
    return resultOfEnding(request, effect, tape, tape.ending);
  }
  const left = await takeOverWorkspace(context, seat);
  if (tape && !left) {
    await endCellsOf(context, seat);
    return closeBooks(request, effect, 'interrupted', 'the worker that ran it ended, and its files are gone');
  }

  const kept = left ? null : await keptWork(context, state, effect);
  const prepared: PrepareOutcome = left
    ? { ok: true, workspace: left }
    : await prepareWorkspace(request, seat, kept ?? effect.base, signal);
  if (!prepared.ok) {
    return stepFailed('setup_failed', 'the workspace could not be set up', { findings: prepared.findings });
  }
  return runInWorkspace({
    request,
    effect,
    seat,
    workspace: prepared.workspace,
    tape,
    kept,
    signal,
  });
}

function prepareWorkspace(
  { context }: EffectRequest,
  seat: SeatName,
  commit: string,
  signal: AbortSignal,
): Promise<PrepareOutcome> {
  return context.workspaces.prepare({
    id: workspaceId(seat),
    mirror: context.mirror,
    commit,
    setup: context.policy.profile.setup,
    limits: context.cellLimits,
    signal,
  });
}

interface Seating {
  request: EffectRequest;
  effect: StepEffect;
  seat: SeatName;
  workspace: Workspace;
  /** What an earlier run recorded, when this one goes on with it. */
  tape: TapeState | null;
  /** Commit of earlier work that the workspace was made from; null: of the step's base, or it was there. */
  kept: string | null;
  signal: AbortSignal;
}

/** The workspace outlives the run when the run did not come to an end: whoever drives next goes on in it. */
async function runInWorkspace(seating: Seating): Promise<StepOutcome> {
  const { request, effect, seat, workspace } = seating;
  const { context } = request;
  const role = await roleOf(request, effect);
  let cell: Cell | undefined;
  let outside: OutsideSeat | null = null;
  let isOver = false;
  try {
    const choice = chooseOutsideAgent(context, role);
    if (choice?.ok === false) {
      const result = await closeBooks(request, effect, 'model_refused', choice.message);
      isOver = true;
      return result;
    }
    outside = choice && (await openOutsideSeat(choice, context.log));
    const cellOf = { id: workspaceId(seat), workspace, role, outside: outside?.cell };
    cell = await openCellUntil(request.signal, () => openSeatCell(context, cellOf));
    const result = await workInCell({ ...seating, outside }, role, cell);
    isOver = 'ok' in result;
    return result;
  } catch (error) {
    if (isToBeContinued(request, error)) throw error;
    context.log.error('step failed', { err: error, agent: effect.agent });
    const result = await closeBooks(request, effect, 'internal', messageOf(error));
    isOver = true;
    return result;
  } finally {
    await cell?.close();
    await outside?.close();
    if (isOver) await workspace.discard();
  }
}

function isToBeContinued(request: EffectRequest, error: unknown): boolean {
  return (
    request.signal.aborted ||
    error instanceof HeldError ||
    error instanceof FencedError ||
    isStorageFault(error)
  );
}

async function workInCell(
  seating: Seating & { outside: OutsideSeat | null },
  role: Role,
  cell: Cell,
): Promise<StepOutcome> {
  const { request, effect, workspace, signal } = seating;
  const { context, state } = request;
  const budget = await readSeatBudget(request, effect);
  const route = await routeStep(request, effect, role, budget.left.degradation?.tier ?? null);
  const { model, price } = priceRoute(route, context.policy.prices);
  if (!price) return stepFailed('model_refused', `no price is known for model ${model}; it is not called`);
  const gateway = await openSeatGateway({ request, effect, role, cell, model, price, route, budget, signal });
  try {
    return await runToItsEnd({ ...seating, role, cell, model, gateway, budget });
  } catch (error) {
    if (!signal.aborted || request.signal.reason instanceof LeavingError) throw error;
    // Paused, killed or out of time: nothing may write any more, then the files are kept for a next attempt.
    await cell.close();
    await keepWork(context, state, effect, await workspace.captureTree(unfinishedOf(role)));
    if (request.signal.aborted) throw error;
    const message = `did not finish within ${formatDuration(context.policy.limits.stepTimeoutMs)}`;
    return end(seating, gateway, stepFailed('timed_out', message));
  }
}

interface Run extends Seating {
  role: Role;
  cell: Cell;
  model: string;
  gateway: AgentGateway;
  budget: SeatBudget;
  outside: OutsideSeat | null;
}

async function runToItsEnd(run: Run): Promise<StepOutcome> {
  const { request, effect, workspace, role, gateway } = run;
  const { context, state } = request;
  const outcome = run.outside ? await runOutside(run, run.outside) : await runOwn(run);
  if (outcome.outcome === 'fenced') throw new FencedError(effect.agent as StreamId);
  if (outcome.outcome !== 'done') {
    await keepWork(context, state, effect, await workspace.captureTree(unfinishedOf(role)));
    if (outcome.outcome === 'waiting') return { waiting: outcome.waiting };
    const pause = pauseOf(request, effect, outcome);
    if (pause) return { pause };
    return end(run, gateway, stepFailed(outcome.outcome as StepFailure, outcome.message));
  }
  const taken = { request, effect, role, workspace, tape: gateway.tape };
  return end(run, gateway, await takeWorkOut(taken, outcome.summary));
}

async function runOwn(run: Run): Promise<AgentOutcome> {
  const { request, effect, tape, role, gateway, signal } = run;
  const { context } = request;
  if (role.run !== null) return runCommand(gateway, role.run);
  return runAgent({
    gateway,
    prompt: tape?.prompt ? await readPrompt(context.journal, tape.prompt) : await newPrompt(run),
    deliverables: effect.stepDefinition.writes,
    effort: role.effort,
    maxOutputTokens: context.policy.models.maxOutputTokens,
    maxTurns: role.maxTurns ?? context.policy.limits.turns,
    repetitions: context.policy.limits.repetitions,
    signal,
  });
}

async function runOutside(run: Run, seat: OutsideSeat): Promise<AgentOutcome> {
  const { request, effect, workspace, role, cell, model, gateway, signal } = run;
  const { context, state } = request;
  return runInOutsideSeat({
    seat,
    cell,
    gateway,
    signal,
    workspace: workspace.dir,
    held: request.controls.held,
    secrets: context.secrets,
    repetitions: context.policy.limits.repetitions,
    maxTurns: role.maxTurns ?? context.policy.limits.turns,
    prompt: await newPrompt(run),
    face: {
      model,
      role,
      effort: role.effort,
      maxOutputTokens: context.policy.models.maxOutputTokens,
      deliverables: effect.stepDefinition.writes,
      brief: {
        title: state.title,
        text: await readTextBlob(context.journal, state.brief),
        criteria: state.criteria,
      },
      findings: effect.findings,
    },
  });
}

/** What it shows of memory is on the tape before anything is asked with it. */
async function newPrompt({ request, effect, tape, role, kept, gateway, budget }: Run): Promise<MadePrompt> {
  const prompt = await promptFor(request.context, request, effect, { role, kept, left: budget.left });
  // An outside agent that goes on is given the prompt that it had.
  if (!tape?.outside) await gateway.noteRecalled(prompt.recalled);
  return prompt;
}

/** The result is on the tape before it is on the item's stream: from here on no crash can lose what was paid for. */
async function end(seating: Seating, gateway: AgentGateway, result: StepResult): Promise<StepResult> {
  const finished = await gateway.finish(
    result.ok
      ? { outcome: 'done', summary: result.summary, commit: result.commit, findings: [] }
      : { outcome: result.reason, summary: result.message, commit: null, findings: result.findings },
  );
  if (finished === 'fenced') throw new FencedError(seating.effect.agent as StreamId);
  return { ...result, costMicroUsd: gateway.tape.costMicroUsd };
}

function roleOf({ context, team, state }: EffectRequest, effect: StepEffect): Promise<Role> {
  const role = team.roles[effect.role];
  if (!role) throw new Error(`the pinned team has no role ${effect.role}`);
  return seatRole(context, role, { from: state.base, to: effect.base });
}

function unfinishedOf(role: Role): { isUnfinished: true; emptyPlaces: string[] } {
  return { isUnfinished: true, emptyPlaces: emptyPlacesOf(role) };
}
