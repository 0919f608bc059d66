/**
 * One model call of an agent, with its attempts. Each attempt: reserve its upper bound and record the intent in one
 * unit, call, settle and record the result in one unit. No room under a ceiling: no call. Another model only when the seat's is
 * not to be had and the policy calls the other its equal; never a dearer one.
 */
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { MicroUsd } from '../base/money.ts';
import type { ControlDoor } from '../controls/control-door.ts';
import { FencedError } from '../journal/fenced-error.ts';
import type { LedgerChange, LedgerRefusal, ThresholdNotice } from '../journal/unit.ts';
import { costOf, upperBoundCost } from '../ledger/cost.ts';
import { describeRefusal } from '../ledger/judge-ceiling.ts';
import type { ListPrice } from '../ledger/price-snapshot.ts';
import type { Redactor } from '../secrets/redactor.ts';
import type { Assignment } from './agent-budget.ts';
import { boundReply } from './bound-reply.ts';
import {
  type CallLimits,
  type CallPlace,
  choosePlace,
  noteFailure,
  noteReply,
  waitForProvider,
} from './call-limits.ts';
import type { ModelFailure, ModelOutcome, ModelProvider, ModelReply, ModelRequest } from './model.ts';
import type { Closure } from './model-access.ts';
import type { PromptStore } from './prompt-store.ts';
import { redactReply } from './redact-call.ts';
import { longestDelayMs, retryDelayMs } from './retry-delay.ts';
import { makeStorable } from './tape-codec.ts';
import type { TapeEvent } from './tape-event.ts';
import type { TapeWriter } from './tape-writer.ts';
import { untilAborted } from './until-aborted.ts';

export type CallOutcome =
  | { kind: 'reply'; reply: ModelReply; costMicroUsd: MicroUsd }
  /** A ledger account has no room: nothing was called. */
  | { kind: 'refused'; refusal: LedgerRefusal; message: string }
  /** The last attempt's failure. */
  | { kind: 'failed'; failure: ModelFailure }
  /** Neither the model nor an equal of it is to be had before `until` (ISO time): nothing more was called. */
  | { kind: 'postponed'; until: string; message: string }
  /** Another worker owns the agent now. */
  | { kind: 'fenced' };

export interface ModelDoor {
  writer: TapeWriter;
  prompts: PromptStore;
  /** Of a whole request, from above. */
  estimateTokens: (request: ModelRequest) => number;
  hashRequest: (request: ModelRequest) => string;
  /** Blob of what the prompt was assembled from; null: the agent assembles its own. */
  madeFrom: string | null;
  /** The seat's own. */
  provider: ModelProvider;
  price: ListPrice;
  limits: CallLimits;
  /** Every account that an attempt must fit in, as of now. */
  assignAccounts: () => Assignment;
  threshold: ThresholdNotice;
  /** The first included; at least 1. */
  callAttempts: number;
  clock: Clock;
  redactor: Redactor;
  controls: ControlDoor;
  signal: AbortSignal;
  newId: () => string;
}

/**
 * `recordFirst`: stands on the tape before the intent of the first attempt.
 * @throws the signal's reason when the agent is killed; an attempt under way is then charged in full. HeldError before an attempt.
 */
export async function callModel(
  door: ModelDoor,
  request: ModelRequest,
  recordFirst: readonly TapeEvent[] = [],
): Promise<CallOutcome> {
  const stored = await door.prompts.store(request, door.madeFrom);
  const recorded = [...(stored.recorded ? [stored.recorded] : []), ...recordFirst];
  const prompt = { name: stored.prompt, recorded };
  const stopped = AbortSignal.any([door.signal, door.controls.held]);
  let chosen = await choosePlace(door.limits, seatPlace(door, request));
  for (let attempt = 1; ; attempt += 1) {
    door.signal.throwIfAborted();
    door.controls.assertOpen();
    const unrecorded = attempt === 1 ? recorded : [];
    if (!chosen.ok) return recordPostponed(door, request, { closure: chosen.closure, unrecorded });
    const { place } = chosen;
    const at = { ...door, provider: place.via, price: place.price };
    const tokens = door.estimateTokens(request) + request.maxOutputTokens;
    await waitForProvider({ ...door, signal: stopped }, place.provider, tokens);
    const outcome = await attemptCall(at, { ...request, model: place.model }, { attempt, prompt });
    if (outcome.kind === 'retry') {
      await door.clock.sleep(outcome.delayMs, stopped);
      continue;
    }
    if (outcome.kind === 'reply') await noteReply(door.limits, { place, tokens }, outcome.reply.usage);
    if (outcome.kind !== 'failed') return outcome;
    if (!(await noteFailure(door.limits, place, outcome.failure))) return outcome;
    chosen = await choosePlace(door.limits, seatPlace(door, request));
  }
}

function seatPlace({ provider, price }: ModelDoor, { model }: ModelRequest): CallPlace {
  return { provider: provider.name, model, price, via: provider };
}

type AttemptOutcome = CallOutcome | { kind: 'retry'; delayMs: number };

async function attemptCall(
  door: ModelDoor,
  request: ModelRequest,
  { attempt, prompt }: { attempt: number; prompt: { name: string; recorded: TapeEvent[] } },
): Promise<AttemptOutcome> {
  const { writer, price, newId, threshold } = door;
  const call = newId();
  const estimatedInputTokens = door.estimateTokens(request);
  const reservedMicroUsd = upperBoundCost(estimatedInputTokens, request.maxOutputTokens, price);
  const { model, maxOutputTokens, effort } = request;
  const recorded = attempt === 1 ? prompt.recorded : [];
  const assigned = door.assignAccounts();
  const { accounts } = assigned;
  const intended = await writer.write(
    [
      ...recorded,
      ...assigned.events,
      {
        kind: 'model.call_intended',
        data: {
          call,
          attempt,
          model,
          estimatedInputTokens,
          maxOutputTokens,
          effort,
          reservedMicroUsd,
          messageCount: request.messages.length,
          prompt: prompt.name,
          request: door.hashRequest(request),
        },
      },
    ],
    [
      ...assigned.ledger,
      { op: 'reserve', reservation: call, accounts, amountMicroUsd: reservedMicroUsd, threshold },
    ],
  );
  if (intended.outcome === 'fenced') return { kind: 'fenced' };
  if (intended.outcome === 'refused') return recordRefusal(door, { model, recorded }, intended.refusal);

  const made = await makeCall(door, request, { call, reservedMicroUsd });
  if (made.ok) return recordReply(door, made.reply, call);
  return recordFailure(door, made.failure, { call, attempt, reservedMicroUsd });
}

/** The one place where money may be spent. An abort or a fault in a provider still leaves a record and a charge. */
async function makeCall(
  door: ModelDoor,
  request: ModelRequest,
  { call, reservedMicroUsd }: { call: string; reservedMicroUsd: number },
): Promise<ModelOutcome> {
  const { writer, provider, signal } = door;
  try {
    return await untilAborted(signal, provider.generate(request, signal));
  } catch (error) {
    // The claim was lost before the call was made.
    if (error instanceof FencedError) throw error;
    const reason = signal.aborted ? 'killed' : 'unavailable';
    const message = signal.aborted ? 'stopped during the call' : `the provider broke: ${messageOf(error)}`;
    await writer.write(
      [
        {
          kind: 'model.call_failed',
          data: { call, reason, message, usage: null, costMicroUsd: reservedMicroUsd, retryInMs: null },
        },
      ],
      [{ op: 'settle', reservation: call, actualMicroUsd: reservedMicroUsd }],
    );
    throw error;
  }
}

async function recordReply(door: ModelDoor, made: ModelReply, call: string): Promise<AttemptOutcome> {
  const reply = redactReply(makeStorable(boundReply(made)), door.redactor);
  const costMicroUsd = costOf(reply.usage, door.price);
  const { content, stop, usage } = reply;
  const written = await door.writer.write(
    [{ kind: 'model.call_finished', data: { call, reply: content, stop, usage, costMicroUsd } }],
    [{ op: 'settle', reservation: call, actualMicroUsd: costMicroUsd, threshold: door.threshold }],
  );
  return written.outcome === 'written' ? { kind: 'reply', reply, costMicroUsd } : { kind: 'fenced' };
}

async function recordFailure(
  door: ModelDoor,
  failure: ModelFailure,
  facts: { call: string; attempt: number; reservedMicroUsd: number },
): Promise<AttemptOutcome> {
  const { call, attempt, reservedMicroUsd } = facts;
  const { retryAfterMs, usage } = failure;
  const costMicroUsd = costOfFailure(failure, reservedMicroUsd, door.price);
  const isQuota = retryAfterMs !== null && retryAfterMs > longestDelayMs;
  const isLast = !failure.isRetryable || isQuota || attempt >= door.callAttempts;
  const delayMs = isLast ? null : retryDelayMs({ attempt, retryAfterMs, call });
  const settlement: LedgerChange =
    costMicroUsd === null
      ? { op: 'release', reservation: call }
      : { op: 'settle', reservation: call, actualMicroUsd: costMicroUsd, threshold: door.threshold };
  const written = await door.writer.write(
    [
      {
        kind: 'model.call_failed',
        data: {
          call,
          reason: failure.kind,
          message: failure.message,
          usage,
          costMicroUsd: costMicroUsd ?? 0,
          retryInMs: delayMs,
        },
      },
    ],
    [settlement],
  );
  if (written.outcome !== 'written') return { kind: 'fenced' };
  return delayMs === null ? { kind: 'failed', failure } : { kind: 'retry', delayMs };
}

/** Known tokens at their price; else everything that was reserved if it may have been billed; null: nothing was. */
function costOfFailure(failure: ModelFailure, reservedMicroUsd: number, price: ListPrice): number | null {
  if (failure.usage) return costOf(failure.usage, price);
  return failure.mayHaveBilled ? reservedMicroUsd : null;
}

async function recordPostponed(
  door: ModelDoor,
  { model }: ModelRequest,
  { closure, unrecorded }: { closure: Closure; unrecorded: readonly TapeEvent[] },
): Promise<CallOutcome> {
  const data = { model, provider: door.provider.name, ...closure };
  const written = await door.writer.write([...unrecorded, { kind: 'model.call_postponed', data }]);
  if (written.outcome !== 'written') return { kind: 'fenced' };
  return { kind: 'postponed', until: closure.until, message: closure.reason };
}

async function recordRefusal(
  door: ModelDoor,
  { model, recorded }: { model: string; recorded: readonly TapeEvent[] },
  refusal: LedgerRefusal,
): Promise<AttemptOutcome> {
  const written = await door.writer.write([
    ...recorded,
    { kind: 'model.call_refused', data: { model, ...refusal } },
  ]);
  if (written.outcome !== 'written') return { kind: 'fenced' };
  return { kind: 'refused', refusal, message: describeRefusal(refusal) };
}
