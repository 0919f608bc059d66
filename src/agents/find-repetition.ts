/**
 * Finds an agent that goes in circles: the same call with the same input and the same result, or the same answer, again and
 * again, alone or as a cycle of several. Pure, over the conversation as taped. It is told once; when it goes on its run ends.
 */
import { canonicalJson } from '../base/json.ts';
import { aboutInput } from '../gateway/about-input.ts';
import type { ModelMessage } from '../gateway/model.ts';

export interface Repetition {
  /** One line for each act of the cycle. */
  cycle: string[];
  times: number;
  /** Index of the reply that it begins in, among the agent's replies. */
  firstReply: number;
}

export type RepetitionVerdict =
  | { kind: 'none' }
  | { kind: 'tell'; text: string }
  | { kind: 'end'; repetition: Repetition };

/** The longest cycle that is looked for. */
const longestCycle = 6;
const lead = 'You are going in circles:';

/** `limit`: how many times are too many. */
export function judgeRepetition(messages: readonly ModelMessage[], limit: number): RepetitionVerdict {
  const acts = listActs(messages);
  const repetition = findRepetition(acts, limit);
  if (!repetition) return { kind: 'none' };
  const toldAt = messages.findLastIndex(isTold);
  if (toldAt < 0) return { kind: 'tell', text: warningOf(repetition) };
  const sinceTold = acts.filter((act) => act.message > toldAt).length;
  return sinceTold >= repetition.cycle.length ? { kind: 'end', repetition } : { kind: 'none' };
}

/** Of an agent that cannot be told anything in the middle of its turn. */
export function findCircle(messages: readonly ModelMessage[], limit: number): Repetition | null {
  return findRepetition(listActs(messages), limit);
}

interface Act {
  /** Equal for what is the same. */
  key: string;
  label: string;
  /** Index of its reply among the messages, and among the replies. */
  message: number;
  reply: number;
}

/** Of calls only those that have their result. */
function listActs(messages: readonly ModelMessage[]): Act[] {
  const acts: Act[] = [];
  let reply = -1;
  for (const [message, { role, content }] of messages.entries()) {
    if (role !== 'assistant') continue;
    reply += 1;
    const calls = content.filter((part) => part.type === 'tool_call');
    const text = content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
    if (calls.length === 0) acts.push({ key: text, label: 'an answer without a tool call', message, reply });
    const results = messages[message + 1];
    for (const { id, tool, input } of calls) {
      const result = results?.content.find((part) => part.type === 'tool_result' && part.id === id);
      if (result?.type !== 'tool_result') continue;
      const { output, isError } = result;
      const key = canonicalJson({ tool, input, output, isError });
      acts.push({ key, label: `${tool} ${aboutInput(input)}`, message, reply });
    }
  }
  return acts;
}

/** The shortest cycle that the last acts are `limit` rounds of. */
function findRepetition(acts: readonly Act[], limit: number): Repetition | null {
  for (let length = 1; length <= longestCycle && length * limit <= acts.length; length += 1) {
    let start = acts.length - length;
    while (start > 0 && acts[start - 1]?.key === acts[start - 1 + length]?.key) start -= 1;
    const times = Math.floor((acts.length - start) / length);
    if (times < limit) continue;
    const cycle = acts.slice(-length).map((act) => act.label);
    return { cycle, times, firstReply: acts[acts.length - times * length]?.reply ?? 0 };
  }
  return null;
}

function warningOf(repetition: Repetition): string {
  return `${lead} ${describeRepetition(repetition)}, each time with the same result. Do something else, or end your turn and say what keeps you from going on. If you repeat it once more your run is ended.`;
}

export function describeRepetition({ cycle, times }: Repetition): string {
  return `${cycle.join(', then ')}, ${times} times in a row`;
}

/** Texts in user messages of the tape are what we said ourselves. */
function isTold({ role, content }: ModelMessage): boolean {
  return role === 'user' && content.some((part) => part.type === 'text' && part.text.startsWith(lead));
}
