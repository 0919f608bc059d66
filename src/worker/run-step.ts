/**
 * Effect: one run of a step. Seats an agent, then turns what came of it into events; its commit is put on the item's
 * branch only then, in the item's own turn.
 */
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { HeldError } from '../controls/control-door.ts';
import type { ItemEvent } from '../items/item-event.ts';
import { FencedError } from '../journal/fenced-error.ts';
import type { EffectRequest, Settle, StepEffect } from './effect.ts';
import { integrateCommit } from './integrate-commit.ts';
import { readWaitMode } from './item-asks.ts';
import { seatAgent } from './seat-agent.ts';
import {
  type StepDone,
  type StepFailed,
  type StepOutcome,
  type StepPaused,
  type StepResult,
  type StepWaiting,
  stepFailed,
} from './step-result.ts';
import { isStorageFault } from './storage-fault.ts';
import type { WorkerContext } from './worker-context.ts';

/** Null: it was aborted, or a control holds it, and it has no result. @throws FencedError when another worker took over, and when storage is away. */
export async function runStep(request: EffectRequest, effect: StepEffect): Promise<Settle | null> {
  const { context, signal } = request;
  const ended = new AbortController();
  const timeout = abortAfter(context.clock, context.policy.limits.stepTimeoutMs, ended.signal);
  let result: StepOutcome;
  try {
    result = await seatAgent(request, effect, AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (signal.aborted || error instanceof HeldError) return null;
    if (error instanceof FencedError || isStorageFault(error)) throw error;
    context.log.error('step failed', { err: error, agent: effect.agent });
    result = timeout.aborted
      ? stepFailed('timed_out', 'ran out of time while it was being set up')
      : stepFailed('internal', messageOf(error));
  } finally {
    ended.abort();
  }
  if (signal.aborted) return null;
  if ('waiting' in result) return askPerson(request, effect, result);
  return 'pause' in result ? pauseItem(result) : settleStep(context, effect, result);
}

/** The step stays begun: when the item goes on, the same agent does. Another step may have paused the item before. */
function pauseItem({ pause }: StepPaused): Settle {
  return async (state) => (state.status === 'running' ? [{ kind: 'item.paused', data: pause }] : []);
}

/** Puts the step's commit on the item's branch, and says what came of it. */
export function settleStep(context: WorkerContext, effect: StepEffect, result: StepResult): Settle {
  return async (state) => {
    if (!result.ok) return [failedEvent(effect, result)];
    if (result.commit === null) return [finishedEvent(effect, result, null)];
    const integrated = await integrateCommit(context, state, effect, {
      commit: result.commit,
      summary: result.summary,
    });
    if (integrated.ok) return [finishedEvent(effect, result, integrated.head)];
    const { reason, message, findings } = integrated.failure;
    return [
      failedEvent(effect, stepFailed(reason, message, { findings, costMicroUsd: result.costMicroUsd })),
    ];
  };
}

/**
 * The step stays begun and waits, as the question has it by now. Answered between its asking and this turn, it does not: it is run
 * again at once. A message that comes later finds it waiting.
 */
function askPerson({ context }: EffectRequest, effect: StepEffect, { waiting }: StepWaiting): Settle {
  return async () => {
    const { ask, call } = waiting;
    const { step, attempt, agent } = effect;
    const mode = await readWaitMode(context, ask);
    if (mode === null) return [];
    return [{ kind: 'step.asked', data: { step, attempt, agent, call, ask, mode } }];
  };
}

/** A signal that aborts after `ms` by this clock; the timer ends with `ended`. */
function abortAfter(clock: Clock, ms: number, ended: AbortSignal): AbortSignal {
  const controller = new AbortController();
  clock.sleep(ms, ended).then(
    () => controller.abort(new Error(`no end after ${ms} ms`)),
    () => {},
  );
  return controller.signal;
}

function finishedEvent(effect: StepEffect, result: StepDone, head: string | null): ItemEvent {
  const { summary, artifacts, costMicroUsd } = result;
  const { step, attempt } = effect;
  return { kind: 'step.finished', data: { step, attempt, summary, artifacts, commit: head, costMicroUsd } };
}

function failedEvent(effect: StepEffect, result: StepFailed): ItemEvent {
  const { reason, message, findings, costMicroUsd } = result;
  const { step, attempt } = effect;
  return { kind: 'step.failed', data: { step, attempt, reason, message, findings, costMicroUsd } };
}
