/**
 * One model call of an agent, with its attempts. Each attempt: reserve its upper bound and record the intent in one
 * unit, call, settle and record the result in one unit. No room under a ceiling: no call. Never another model.
 */
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { formatUsd, type MicroUsd } from '../base/money.ts';
import { FencedError } from '../journal/fenced-error.ts';
import type { LedgerChange, LedgerRefusal } from '../journal/unit.ts';
import { costOf, upperBoundCost } from '../ledger/cost.ts';
import type { ListPrice } from '../ledger/price-snapshot.ts';
import { boundReply } from './bound-reply.ts';
import type { ModelFailure, ModelOutcome, ModelProvider, ModelReply, ModelRequest } from './model.ts';
import type { PromptStore } from './prompt-store.ts';
import { retryDelayMs } from './retry-delay.ts';
import { makeStorable } from './tape-codec.ts';
import type { TapeEvent } from './tape-event.ts';
import type { TapeWriter } from './tape-writer.ts';

export type CallOutcome =
  | { kind: 'reply'; reply: ModelReply; costMicroUsd: MicroUsd }
  /** A ledger account has no room: nothing was called. */
  | { kind: 'refused'; refusal: LedgerRefusal; message: string }
  /** The last attempt's failure. */
  | { kind: 'failed'; failure: ModelFailure }
  /** Another worker owns the agent now. */
  | { kind: 'fenced' };

export interface ModelDoor {
  writer: TapeWriter;
  prompts: PromptStore;
  /** Of a whole request, from above. */
  estimateTokens: (request: ModelRequest) => number;
  provider: ModelProvider;
  price: ListPrice;
  /** Every account that an attempt must fit in. */
  accounts: readonly string[];
  /** The first included; at least 1. */
  callAttempts: number;
  clock: Clock;
  signal: AbortSignal;
  newId: () => string;
}

/** @throws the signal's reason when the agent is killed; an attempt under way is then charged in full. */
export async function callModel(door: ModelDoor, request: ModelRequest): Promise<CallOutcome> {
  const stored = await door.prompts.store(request);
  const prompt = { name: stored.prompt, recorded: stored.recorded };
  for (let attempt = 1; ; attempt += 1) {
    door.signal.throwIfAborted();
    const outcome = await attemptCall(door, request, { attempt, prompt });
    if (outcome.kind !== 'retry') return outcome;
    await door.clock.sleep(outcome.delayMs, door.signal);
  }
}

type AttemptOutcome = CallOutcome | { kind: 'retry'; delayMs: number };

async function attemptCall(
  door: ModelDoor,
  request: ModelRequest,
  { attempt, prompt }: { attempt: number; prompt: { name: string; recorded: TapeEvent | null } },
): Promise<AttemptOutcome> {
  const { writer, price, accounts, newId } = door;
  const call = newId();
  const estimatedInputTokens = door.estimateTokens(request);
  const reservedMicroUsd = upperBoundCost(estimatedInputTokens, request.maxOutputTokens, price);
  const { model, maxOutputTokens, effort } = request;
  const recorded = attempt === 1 && prompt.recorded ? [prompt.recorded] : [];
  const intended = await writer.write(
    [
      ...recorded,
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
        },
      },
    ],
    [{ op: 'reserve', reservation: call, accounts: [...accounts], amountMicroUsd: reservedMicroUsd }],
  );
  if (intended.outcome === 'fenced') return { kind: 'fenced' };
  if (intended.outcome === 'refused') return recordRefusal(door, model, intended.refusal);

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
    return await provider.generate(request, signal);
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
  const reply = makeStorable(boundReply(made));
  const costMicroUsd = costOf(reply.usage, door.price);
  const { content, stop, usage } = reply;
  const written = await door.writer.write(
    [{ kind: 'model.call_finished', data: { call, reply: content, stop, usage, costMicroUsd } }],
    [{ op: 'settle', reservation: call, actualMicroUsd: costMicroUsd }],
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
  const isLast = !failure.isRetryable || attempt >= door.callAttempts;
  const delayMs = isLast ? null : retryDelayMs({ attempt, retryAfterMs, call });
  const settlement: LedgerChange =
    costMicroUsd === null
      ? { op: 'release', reservation: call }
      : { op: 'settle', reservation: call, actualMicroUsd: costMicroUsd };
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

async function recordRefusal(
  door: ModelDoor,
  model: string,
  refusal: LedgerRefusal,
): Promise<AttemptOutcome> {
  const written = await door.writer.write([{ kind: 'model.call_refused', data: { model, ...refusal } }]);
  if (written.outcome !== 'written') return { kind: 'fenced' };
  return { kind: 'refused', refusal, message: describeRefusal(refusal) };
}

/** One line for a person: which ceiling, what is used, what was wanted. */
function describeRefusal(refusal: LedgerRefusal): string {
  const { account, ceilingMicroUsd, spentMicroUsd, reservedMicroUsd, wantedMicroUsd } = refusal;
  if (refusal.reason !== 'over_ceiling' || ceilingMicroUsd === null) {
    return `the ledger has no ${refusal.reason === 'unknown_account' ? 'account' : 'reservation'} ${account}`;
  }
  const held = reservedMicroUsd > 0 ? ` and ${formatUsd(reservedMicroUsd)} reserved` : '';
  return `${account} has a ceiling of ${formatUsd(ceilingMicroUsd)}: ${formatUsd(spentMicroUsd)} spent${held}, the next call could cost ${formatUsd(wantedMicroUsd)}`;
}
