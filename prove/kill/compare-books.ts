/**
 * The model server's book against the tapes: no reply that an agent has on its tape was asked for again, and every reply
 * on a tape was paid for. Also counts what the deaths left in doubt and how each doubt ended.
 */
import { decodeTapeEvent } from '../../src/gateway/tape-codec.ts';
import type { TapeEvent } from '../../src/gateway/tape-event.ts';
import type { Journal } from '../../src/journal/journal.ts';
import type { KillWorld } from './kill-world.ts';
import { ordersProject } from './orders-project.ts';
import { findSerial } from './orders-team.ts';
import type { PaidCall } from './paid-model.ts';

/** How often each kind of doubt was met; every one of them ended, or the run would not have. */
export interface Doubts {
  /** Charged in full, asked again. */
  modelCallsInDoubt: number;
  /** The model was told that the outcome is unknown. */
  toolCallsInterrupted: number;
  /** Steps begun again because their agent could not go on. */
  stepsBegunAgain: number;
  /** Requests that were paid and whose reply nobody was there to keep. */
  repliesLost: number;
  /** Must be 0. */
  tapedCallsPaidTwice: number;
}

export async function compareBooks({ journal, model }: KillWorld) {
  const { taped, modelCallsInDoubt, toolCallsInterrupted } = await readTapes(journal);
  const problems: string[] = [];
  const repeated = findRepeats(model.calls, taped);
  for (const { serial, who } of repeated)
    problems.push(`paid twice: reply ${serial} to ${who} was on its tape`);
  const known = new Set(model.calls.map(({ serial }) => serial));
  for (const serial of taped) if (!known.has(serial)) problems.push(`reply ${serial} was never asked for`);
  const doubts: Doubts = {
    modelCallsInDoubt,
    toolCallsInterrupted,
    stepsBegunAgain: await countStepsBegunAgain(journal),
    repliesLost: model.calls.filter(({ serial }) => !taped.has(serial)).length,
    tapedCallsPaidTwice: repeated.length,
  };
  const distinctCalls = new Set(model.calls.map(({ conversation }) => conversation)).size;
  return { problems, doubts, paidCalls: model.calls.length, distinctCalls };
}

/** Calls whose reply is on a tape and whose very conversation was paid for once more, by whomever. */
export function findRepeats(calls: readonly PaidCall[], taped: ReadonlySet<number>): PaidCall[] {
  const last = new Map<string, number>();
  for (const { conversation, serial } of calls) last.set(conversation, serial);
  return calls.filter(
    ({ conversation, serial }) => taped.has(serial) && (last.get(conversation) ?? serial) > serial,
  );
}

async function readTapes(journal: Journal) {
  const taped = new Set<number>();
  let modelCallsInDoubt = 0;
  let toolCallsInterrupted = 0;
  for (const { stream } of await journal.streams(ordersProject, { prefix: 'agent:' })) {
    for (const stored of await journal.read(stream)) {
      const event = await decodeTapeEvent(stored, journal);
      const serial = serialOf(event);
      if (serial !== null) taped.add(serial);
      if (event.kind === 'model.call_failed' && event.data.reason === 'in_doubt') modelCallsInDoubt += 1;
      if (event.kind === 'tool.call_finished' && event.data.output.includes('outcome unknown'))
        toolCallsInterrupted += 1;
    }
  }
  return { taped, modelCallsInDoubt, toolCallsInterrupted };
}

function serialOf(event: TapeEvent): number | null {
  return event.kind === 'model.call_finished' ? findSerial(JSON.stringify(event.data.reply)) : null;
}

async function countStepsBegunAgain(journal: Journal): Promise<number> {
  let count = 0;
  for (const { stream } of await journal.streams(ordersProject, { prefix: 'item:' })) {
    for (const { kind, data } of await journal.read(stream)) {
      if (kind === 'step.started' && Number(data.attempt) > 1) count += 1;
    }
  }
  return count;
}
