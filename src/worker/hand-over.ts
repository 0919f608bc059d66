/**
 * The two turns of an item at which a person takes it and gives it back: what ran is put down with its files kept and its
 * books closed, and the branch moves to what the person made of it.
 */
import { MeshwrightError } from '../base/errors.ts';
import { readTape } from '../gateway/tape-writer.ts';
import { begun, type ItemEffect } from '../items/in-flight.ts';
import type { ItemEvent } from '../items/item-event.ts';
import type { ItemState } from '../items/item-state.ts';
import { itemStream } from '../items/item-stream.ts';
import type { StreamId } from '../journal/event.ts';
import { closeBooks, resultOfEnding } from './agent-ending.ts';
import type { EffectRequest, StepEffect } from './effect.ts';
import { keepWork } from './kept-work.ts';
import { takeOverWorkspace } from './left-workspace.ts';
import { settleStep } from './run-step.ts';
import { branchRef } from './start-item.ts';
import type { StepResult } from './step-result.ts';
import type { WorkerContext } from './worker-context.ts';

/**
 * Ends every step that was started and has no result, here or by a worker that is gone; nothing of them may still run here.
 * A result that was on the tape already is taken as it is. Runs in the item's own turn.
 * @param whyEnded in one line, by agent; null leaves its step alone.
 */
export async function endRunningSteps(
  request: EffectRequest,
  whyEnded: (agent: StreamId) => string | null,
): Promise<ItemEvent[]> {
  const events: ItemEvent[] = [];
  // A paused item has none in flight, and still steps that were cut short.
  for (const effect of begun(request.state, request.team.flow)) {
    const message = isStep(effect) ? whyEnded(effect.agent as StreamId) : null;
    if (!isStep(effect) || message === null) continue;
    const result = await endStep(request, effect, message);
    events.push(...(await settleStep(request.context, effect, result)(request.state)));
  }
  return events;
}

function isStep(effect: ItemEffect): effect is StepEffect {
  return effect.effect === 'runStep';
}

async function endStep(request: EffectRequest, effect: StepEffect, message: string): Promise<StepResult> {
  const { context, claim, state } = request;
  const agent = effect.agent as StreamId;
  const isSeated = (await context.journal.streamHead(agent)) !== undefined;
  const tape = isSeated ? await readTape(context.journal, agent) : null;
  if (tape?.ending) return resultOfEnding(request, effect, tape, tape.ending);
  const owner = itemStream(context.project, state.number);
  const left = await takeOverWorkspace(context, { fence: claim.fence, owner, purpose: effect.agent });
  if (left) {
    await keepWork(context, state, effect, await left.captureTree({ isUnfinished: true }));
    await left.discard();
  }
  return closeBooks(request, effect, 'interrupted', message);
}

/** Where the branch is, which a crash between it and its event may have left ahead of what is recorded. */
export async function handedOutCommit(context: WorkerContext, branch: string, head: string): Promise<string> {
  return (await context.mirror.resolve(branchRef(branch))) ?? head;
}

/**
 * Moves the item's branch to what was handed back, before that is recorded: after a crash between the two the message is still
 * there and this changes nothing. Returns one sentence when it cannot be: the item stays the person's.
 */
export async function moveToHandedBack(
  context: WorkerContext,
  state: ItemState,
  commit: string,
): Promise<string | null> {
  const { mirror } = context;
  const { takeover } = state;
  if (!takeover) return 'nobody has taken it over';
  if (!(await isOnTop(context, commit, takeover.commit))) {
    return `${commit} does not contain ${takeover.commit}, the commit that was handed out`;
  }
  const ref = branchRef(takeover.branch);
  if (await mirror.moveRef(ref, takeover.commit, commit)) return null;
  return (await mirror.resolve(ref)) === commit
    ? null
    : `branch ${takeover.branch} was moved by somebody else`;
}

/** What the inbox holds is not believed: the commit may not be there, and not be one. */
async function isOnTop({ mirror }: WorkerContext, commit: string, base: string): Promise<boolean> {
  if (!/^[0-9a-f]{40,64}$/.test(commit) || (await mirror.resolve(commit)) !== commit) return false;
  return mirror.isDescendant(commit, base).catch((error: unknown) => {
    if (error instanceof MeshwrightError && error.code === 'git_failed') return false;
    throw error;
  });
}
