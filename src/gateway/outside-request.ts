/**
 * Puts an outside agent's requests on the tape without growth by the square: such an agent sends its whole conversation each
 * time, so a request is recorded as an earlier one of which so many messages were kept, and the new ones. Pure.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ModelMessage } from './model.ts';

/** One conversation of an outside agent: what its latest request held, and the reply to it. */
export interface Thread {
  /** The latest request, as `model.request_recorded` names it. */
  request: string;
  messages: readonly ModelMessage[];
}

export interface RecordedRequest {
  /** Unique in the agent's stream. */
  request: string;
  /** An earlier request of this agent, its reply included; null: nothing is shared. */
  base: string | null;
  /** How many messages of the base this one begins with. */
  kept: number;
  /** What comes after them; packed. */
  added: ModelMessage[];
}

/** An agent with side conversations (titles, sub-agents) has several; an older one is recorded anew when it comes back. */
const mostThreads = 16;

/** The same messages with those that are on the tape already as the tape has them, so that nobody counts them twice. */
export function shortenRequest(
  threads: readonly Thread[],
  request: string,
  messages: readonly ModelMessage[],
): { recorded: RecordedRequest; messages: ModelMessage[] } {
  let base: Thread | null = null;
  let kept = 0;
  for (const thread of threads) {
    const shared = countShared(thread.messages, messages);
    if (shared === 0 || shared < kept) continue;
    base = thread;
    kept = shared;
  }
  const added = messages.slice(kept);
  return {
    recorded: { request, base: base?.request ?? null, kept, added },
    messages: [...(base?.messages.slice(0, kept) ?? []), ...added],
  };
}

/** A base that goes on whole is replaced; one that was left in the middle stays, since it may go on too. */
export function followRequest(threads: readonly Thread[], recorded: RecordedRequest): Thread[] {
  const base = threads.find(({ request }) => request === recorded.base);
  const isContinued = base !== undefined && base.messages.length === recorded.kept;
  const others = isContinued ? threads.filter((thread) => thread !== base) : threads;
  const messages = [...(base?.messages.slice(0, recorded.kept) ?? []), ...recorded.added];
  return [...others, { request: recorded.request, messages }].slice(-mostThreads);
}

/** What one agent has sent, as it came: the same message again is the same object, and what was found out about it holds. */
export function createSentMessages(): {
  recognize(request: string, messages: ModelMessage[]): ModelMessage[];
} {
  let threads: readonly Thread[] = [];
  return {
    recognize(request, messages) {
      const short = shortenRequest(threads, request, messages);
      threads = followRequest(threads, short.recorded);
      return short.messages;
    },
  };
}

function countShared(left: readonly ModelMessage[], right: readonly ModelMessage[]): number {
  let count = 0;
  while (count < left.length && count < right.length && isDeepStrictEqual(left[count], right[count])) {
    count += 1;
  }
  return count;
}
