/**
 * What limits an agent's calls beside money: where a model call may go now, and how many calls go per minute. Waits are put on
 * the tape, with the reason, and end when the agent is stopped.
 */
import type { Clock } from '../base/clock.ts';
import { type ModelPlace, pickFallback } from '../ledger/pick-fallback.ts';
import type { RateBuckets, RateTake } from '../ledger/rate-bucket.ts';
import type { RateLimits } from '../policy/policy.ts';
import type { ModelFailure, ModelProvider, TokenUsage } from './model.ts';
import type { Closure, ModelAccess } from './model-access.ts';
import type { TapeWriter } from './tape-writer.ts';

/** A model with the provider to call it through. */
export interface CallPlace extends ModelPlace {
  via: ModelProvider;
}

export interface CallLimits {
  access: ModelAccess;
  /** May take a call while the seat's model is not to be had; a dearer one never does. */
  equals: readonly CallPlace[];
  rates: RateLimits;
  buckets: RateBuckets;
}

/** The seat's model, else an equal of it, else why the seat's own is not to be had. A call to the one chosen begins. */
export async function choosePlace(
  { access, equals }: Pick<CallLimits, 'access' | 'equals'>,
  seat: CallPlace,
): Promise<{ ok: true; place: CallPlace } | { ok: false; closure: Closure }> {
  const closureOf = await access.look();
  const closure = closureOf(seat);
  if (closure === null) return enter(access, seat);
  const place = pickFallback({ seat, equals, isToBeHad: (equal) => closureOf(equal) === null });
  return place ? enter(access, place) : { ok: false, closure };
}

function enter(access: ModelAccess, place: CallPlace): { ok: true; place: CallPlace } {
  access.begin(place);
  return { ok: true, place };
}

/** A call failed for good; true when another place is to be chosen: the quota of this one is used up. */
export function noteFailure(
  { access }: CallLimits,
  place: CallPlace,
  failure: ModelFailure,
): Promise<boolean> {
  return access.end(place, failure);
}

/** `tokens`: what the call was counted at before it was made. */
export async function noteReply(
  limits: CallLimits,
  { place, tokens }: { place: CallPlace; tokens: number },
  usage: TokenUsage,
): Promise<void> {
  await limits.access.end(place, null);
  const used = Object.values(usage).reduce((sum, count) => sum + count, 0);
  await giveBackTokens(limits, place.provider, tokens - used);
}

export interface RateDoor {
  writer: TapeWriter;
  limits: CallLimits;
  clock: Clock;
  signal: AbortSignal;
}

/** Shorter waits are not worth an event. */
const visibleWaitMs = 1_000;

/** @throws the signal's reason when the agent is stopped meanwhile; what was taken stays taken. */
export async function waitForTool(door: RateDoor, tool: string): Promise<void> {
  const perMinute = door.limits.rates.tools[tool];
  if (perMinute !== undefined) await waitFor(door, `tool:${tool}`, { perMinute, amount: 1 });
}

/** `tokens`: the most that the call can use, prompt and answer. */
export async function waitForProvider(door: RateDoor, provider: string, tokens: number): Promise<void> {
  const { providerCalls, providerTokens } = door.limits.rates;
  if (providerCalls !== null) {
    await waitFor(door, `provider:${provider}:calls`, { perMinute: providerCalls, amount: 1 });
  }
  if (providerTokens !== null) {
    await waitFor(door, tokenBucket(provider), { perMinute: providerTokens, amount: tokens });
  }
}

/** A call was counted at the most that it could use; the rest is there for others. */
async function giveBackTokens(limits: CallLimits, provider: string, tokens: number): Promise<void> {
  const { providerTokens } = limits.rates;
  if (providerTokens === null || tokens <= 0) return;
  await limits.buckets.take(tokenBucket(provider), { perMinute: providerTokens, amount: -tokens });
}

function tokenBucket(provider: string): string {
  return `provider:${provider}:tokens`;
}

async function waitFor({ writer, limits, clock, signal }: RateDoor, bucket: string, take: RateTake) {
  const waitMs = await limits.buckets.take(bucket, take);
  if (waitMs <= 0) return;
  if (waitMs >= visibleWaitMs) {
    const data = { limit: bucket, perMinute: take.perMinute, waitMs: Math.round(waitMs) };
    await writer.write([{ kind: 'call.delayed', data }]);
  }
  await clock.sleep(waitMs, signal);
}
