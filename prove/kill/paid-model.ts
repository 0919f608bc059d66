/**
 * The model of the kill suites: a server outside of every process that is killed. It keeps each request that it was
 * paid for, so that what was paid twice is seen from outside, not by asking those who may have forgotten.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { canonicalJson, type Json, sha256Hex } from '../../src/base/json.ts';
import { costOf } from '../../src/ledger/cost.ts';
import { priceSnapshot } from '../../src/ledger/price-snapshot.ts';
import type { DoubleRequest, DoubleUsage } from '../../test/doubles/model-protocol.ts';
import { startModelServer } from '../../test/doubles/model-server.ts';
import { playOrders, readSeat } from './orders-team.ts';

/** One request that was answered and billed, whether or not anybody was there for the answer. */
export interface PaidCall {
  /** 1-based, in order of arrival. */
  serial: number;
  /** For people: item's folder, role, task. */
  who: string;
  /** Equal exactly when the same agent asked for the same next reply. */
  conversation: string;
  costMicroUsd: number;
}

export interface PaidModel {
  baseUrl: string;
  calls: readonly PaidCall[];
  close(): Promise<void>;
}

export const paidModelKey = 'prove-key';

/** Long enough for a kill to meet a call in flight. */
const replyAfterMs = 25;

export async function startPaidModel(): Promise<PaidModel> {
  const calls: PaidCall[] = [];
  const server = await startModelServer({
    apiKey: paidModelKey,
    brain: async (request) => {
      const serial = calls.length + 1;
      const usage = usageOf(request);
      calls.push({ serial, ...identify(request), costMicroUsd: priceCall(request.model, usage) });
      await delay(replyAfterMs);
      return { ...playOrders(request, serial), usage };
    },
  });
  return { baseUrl: server.baseUrl, calls, close: () => server.close() };
}

function identify(request: DoubleRequest): { who: string; conversation: string } {
  const { brief, role, task, isRework } = readSeat(request);
  const who = [brief.folder, role, ...(task ? [task] : []), ...(isRework ? ['rework'] : [])].join('/');
  const { system, messages } = request;
  return {
    who,
    conversation: sha256Hex(canonicalJson({ system, messages: messages as unknown as Json })),
  };
}

/** As a provider would count without a cache: four characters a token. */
function usageOf(request: DoubleRequest): DoubleUsage {
  const inputTokens = Math.ceil(JSON.stringify(request.body).length / 4);
  return { inputTokens, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 120 };
}

function priceCall(model: string, usage: DoubleUsage): number {
  const price = priceSnapshot[model];
  if (!price) throw new Error(`${model} is in no price list`);
  return costOf(usage, price);
}
