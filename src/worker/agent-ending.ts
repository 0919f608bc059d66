/** How an agent's run ends without being run: read from its tape, or by closing its books. */
import { closeInterruptedAgent } from '../gateway/resolve-doubt.ts';
import type { TapeState } from '../gateway/tape.ts';
import type { AgentEnding } from '../gateway/tape-event.ts';
import type { StepFailure } from '../items/item-event.ts';
import { itemBranch } from '../items/item-refs.ts';
import type { StreamId } from '../journal/event.ts';
import type { EffectRequest, StepEffect } from './effect.ts';
import { branchRef } from './start-item.ts';
import { stepTrailer } from './step-commit.ts';
import { type StepResult, stepFailed } from './step-result.ts';

/** What its worker would have recorded on the item, had it lived a moment longer. */
export async function resultOfEnding(
  { context, state }: EffectRequest,
  effect: StepEffect,
  tape: TapeState,
  ending: AgentEnding,
): Promise<StepResult> {
  const { costMicroUsd } = tape;
  const { outcome, summary, findings } = ending;
  if (outcome !== 'done') return stepFailed(outcome as StepFailure, summary, { findings, costMicroUsd });
  const artifacts = { ...tape.delivered };
  // On the branch already: its own commit, or another one when it was merged with work that had come before.
  const ref = branchRef(itemBranch(state.number));
  const landed = await context.mirror.findByTrailer(ref, stepTrailer, effect.agent);
  return { ok: true, summary, artifacts, commit: landed ?? ending.commit, costMicroUsd };
}

/** The agent will not go on: what is in doubt is charged or answered, and its stream ends. Nothing to close: nothing happens. */
export async function closeBooks(
  { context, claim }: EffectRequest,
  effect: StepEffect,
  reason: StepFailure,
  message: string,
): Promise<StepResult> {
  const { journal, project, newId } = context;
  const agent = effect.agent as StreamId;
  const isSeated = (await journal.streamHead(agent)) !== undefined;
  if (!isSeated) return stepFailed(reason, message);
  const tape = await closeInterruptedAgent({
    journal,
    project,
    agent,
    claimUnit: claim.unit,
    fence: claim.fence,
    redactor: context.secrets.redactor,
    newId,
    outcome: reason,
    summary: message,
  });
  return stepFailed(reason, message, { costMicroUsd: tape.costMicroUsd });
}
