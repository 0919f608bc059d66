/**
 * The OpenAI Responses protocol as a client speaks it → our request. The gateway keeps no responses: a client sends its whole
 * conversation, as it does with `store: false`. Keys that are not known are ignored. Pure.
 */
import { z } from 'zod';
import type { Json } from '../../base/json.ts';
import type { ModelMessage } from '../model.ts';
import { completeRequest, leftOut } from './face-messages.ts';
import { describeMisfit, type ReadOutcome } from './face-protocol.ts';
import {
  callArguments,
  chooseTools,
  functionShape,
  readTool,
  refuseTool,
  textContent,
} from './openai-input.ts';
import { openReasoning } from './reasoning-seal.ts';

const known = ['message', 'function_call', 'function_call_output', 'reasoning', 'item_reference'];

/** A message may leave its type out; an item of another type keeps its name only. */
const nameOther = (value: unknown) => {
  if (value === null || typeof value !== 'object') return value;
  const { type = 'message' } = value as { type?: unknown };
  if (typeof type !== 'string') return value;
  return known.includes(type) ? { ...value, type } : { type: 'other', name: type };
};

const summary = z.array(z.object({ text: z.string().default('') })).nullish();

const item = z.preprocess(
  nameOther,
  z.discriminatedUnion('type', [
    z.object({
      type: z.literal('message'),
      role: z.enum(['user', 'assistant', 'system', 'developer']),
      content: textContent,
    }),
    z.object({
      type: z.literal('function_call'),
      call_id: z.string(),
      name: z.string(),
      arguments: callArguments,
    }),
    z.object({ type: z.literal('function_call_output'), call_id: z.string(), output: textContent }),
    z.object({ type: z.literal('reasoning'), summary, encrypted_content: z.string().nullish() }),
    z.object({ type: z.literal('item_reference'), id: z.string() }),
    z.object({ type: z.literal('other'), name: z.string() }),
  ]),
);
type Item = z.infer<typeof item>;

const shape = z.object({
  input: z.union([z.string(), z.array(item)]),
  instructions: z.string().nullish(),
  previous_response_id: z.string().nullish(),
  tools: z.array(functionShape.partial({ name: true }).extend({ type: z.string() })).nullish(),
  tool_choice: z
    .union([z.string(), z.object({ type: z.literal('function'), name: z.string() }), z.object({})])
    .nullish()
    .transform((choice) => {
      if (typeof choice === 'string') return choice;
      return choice && 'name' in choice ? { named: choice.name } : 'auto';
    }),
  max_output_tokens: z.number().int().positive().nullish(),
  stream: z.boolean().nullish(),
});

export function readOpenAiResponses(body: Json): ReadOutcome {
  const parsed = shape.safeParse(body);
  if (!parsed.success) return { ok: false, message: describeMisfit(parsed.error) };
  const { input, instructions, tools, tool_choice, max_output_tokens, stream } = parsed.data;
  const items: Item[] =
    typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : input;
  if (parsed.data.previous_response_id || items.some(({ type }) => type === 'item_reference')) {
    const message = 'this gateway keeps no responses: send the whole conversation (store: false)';
    return { ok: false, message };
  }
  const foreign = tools?.find(({ type, name }) => type !== 'function' || name === undefined);
  if (foreign) return { ok: false, message: refuseTool(foreign.type) };
  const specs = (tools ?? []).map(({ name = '', ...rest }) => readTool({ name, ...rest }));
  return completeRequest({
    system: instructions ?? '',
    messages: items.map(readItem),
    tools: chooseTools(specs, tool_choice),
    maxOutputTokens: max_output_tokens ?? null,
    isStream: stream === true,
    wantsStreamedUsage: true,
  });
}

/** Items of one turn follow each other; they become one message afterwards. */
function readItem(item: Item): ModelMessage {
  switch (item.type) {
    case 'message': {
      const role = item.role === 'assistant' ? 'assistant' : 'user';
      return { role, content: [{ type: 'text', text: item.content }] };
    }
    case 'function_call': {
      const { call_id: id, name: tool, arguments: input } = item;
      return { role: 'assistant', content: [{ type: 'tool_call', id, tool, input }] };
    }
    case 'function_call_output': {
      const { call_id: id, output } = item;
      return { role: 'user', content: [{ type: 'tool_result', id, tool: '', output, isError: false }] };
    }
    case 'reasoning': {
      const text = (item.summary ?? []).map((each) => each.text).join('\n\n');
      const providerData = openReasoning(item.encrypted_content ?? '');
      return { role: 'assistant', content: [{ type: 'reasoning', text, providerData }] };
    }
    case 'item_reference':
    case 'other': {
      const what = item.type === 'other' ? item.name : item.type;
      return { role: 'user', content: [{ type: 'text', text: leftOut(what) }] };
    }
  }
}
