/**
 * A model's reply cut to what the rest of the engine can hold: it is text of others, and neither its length, its depth
 * nor its number of calls may depend on the provider alone. What is left out is said where the model will read it. Pure.
 */
import { type Json, type JsonObject, storableText } from '../base/json.ts';
import type { AssistantPart, ModelReply, ToolCallPart } from './model.ts';
import { cutMiddle } from './tool-output.ts';

/** Far above what the largest output limit (128,000 tokens) lets a model say. */
export const replyLimits = {
  /** Calls of one reply. */
  toolCalls: 100,
  /** Characters of a call's input, keys and texts together. */
  inputCharacters: 1_000_000,
  /** Levels of lists and objects in a call's input. */
  inputDepth: 50,
  /** Characters of one text. */
  textCharacters: 1_000_000,
  /** Characters of a tool's name and of a call's id. */
  nameCharacters: 200,
} as const;

/** Stands in an input's place; the gateway refuses the call with it, so that the model is told. */
const leftOutKey = 'input_left_out';

/** Ids are unique within the reply afterwards, whatever the provider made of them: results are told apart by them. */
export function boundReply(reply: ModelReply): ModelReply {
  const taken = new Set<string>();
  const content: AssistantPart[] = [];
  let calls = 0;
  for (const part of reply.content) {
    if (part.type === 'text') {
      content.push({ ...part, text: cutMiddle(part.text, replyLimits.textCharacters) });
    } else if (part.type === 'reasoning') {
      // Providers want it back unchanged, so it is whole or it is not there.
      const isBounded = part.text.length <= replyLimits.textCharacters && !findExcess(part.providerData);
      if (isBounded) content.push(part);
    } else {
      calls += 1;
      if (calls <= replyLimits.toolCalls) content.push(boundCall(part, taken));
    }
  }
  const left = calls - replyLimits.toolCalls;
  if (left > 0) {
    const text = `(${left} more tool calls were left out: at most ${replyLimits.toolCalls} in one answer)`;
    content.push({ type: 'text', text });
  }
  return { ...reply, content };
}

/** Why the input of a call is not what the model wrote; null when it is. */
export function whyLeftOut(input: JsonObject): string | null {
  const why = input[leftOutKey];
  return typeof why === 'string' && Object.keys(input).length === 1 ? why : null;
}

function boundCall(part: ToolCallPart, taken: Set<string>): ToolCallPart {
  const excess = findExcess(part.input);
  return {
    type: 'tool_call',
    id: uniqueId(part.id, taken),
    tool: storableText(part.tool.slice(0, replyLimits.nameCharacters)),
    input: excess === null ? part.input : { [leftOutKey]: excess },
  };
}

function uniqueId(given: string, taken: Set<string>): string {
  const base = storableText(given.slice(0, replyLimits.nameCharacters)) || 'call';
  let id = base;
  for (let count = 2; taken.has(id); count += 1) id = `${base}_${count}`;
  taken.add(id);
  return id;
}

/** Without recursion: the depth is what is in question. */
function findExcess(value: Json): string | null {
  let characters = 0;
  const open: { value: Json; depth: number }[] = [{ value, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value: inner, depth } = next;
    characters += 1;
    if (typeof inner === 'string') characters += inner.length;
    else if (typeof inner === 'number' && !Number.isFinite(inner))
      return 'the input has a number that is too large';
    else if (inner !== null && typeof inner === 'object') {
      if (depth > replyLimits.inputDepth)
        return `the input is nested more than ${replyLimits.inputDepth} levels deep`;
      for (const [key, each] of Object.entries(inner)) {
        if (!Array.isArray(inner)) characters += key.length;
        open.push({ value: each, depth: depth + 1 });
      }
    }
    if (characters > replyLimits.inputCharacters)
      return `the input is longer than ${replyLimits.inputCharacters.toLocaleString('en')} characters; do it in several calls`;
  }
  return null;
}
