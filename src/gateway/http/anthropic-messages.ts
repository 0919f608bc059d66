/**
 * The Anthropic Messages protocol as a client speaks it → our request. Keys that are not known are ignored; what our model port
 * cannot carry is said in words where it stood (pictures) or refused (tools that run at the provider). Pure.
 */
import { z } from 'zod';
import type { Json, JsonObject } from '../../base/json.ts';
import type { AssistantPart, ModelMessage, TextPart, ToolResultPart, ToolSpec } from '../model.ts';
import { completeRequest, leftOut } from './face-messages.ts';
import { describeMisfit, type ReadOutcome } from './face-protocol.ts';
import { openReasoning } from './reasoning-seal.ts';

const known = ['text', 'tool_use', 'tool_result', 'thinking', 'redacted_thinking'];
const jsonObject = z.record(z.string(), z.json()) as unknown as z.ZodType<JsonObject>;

/** A block of another type keeps its name only. */
const nameOther = (value: unknown) =>
  value !== null && typeof value === 'object' && 'type' in value && typeof value.type === 'string'
    ? known.includes(value.type)
      ? value
      : { type: 'other', name: value.type }
    : value;

const text = z.object({ type: z.literal('text'), text: z.string() });
const other = z.object({ type: z.literal('other'), name: z.string() });
const plainBlock = z.preprocess(nameOther, z.union([text, other]));
const plainContent = z.union([z.string(), z.array(plainBlock)]);

const block = z.preprocess(
  nameOther,
  z.discriminatedUnion('type', [
    text,
    other,
    z.object({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: jsonObject }),
    z.object({
      type: z.literal('tool_result'),
      tool_use_id: z.string(),
      content: plainContent.optional(),
      is_error: z.boolean().nullish(),
    }),
    z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string().default('') }),
    z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
  ]),
);
type Block = z.infer<typeof block>;

const tool = z.object({
  type: z.string().nullish(),
  name: z.string().min(1),
  description: z.string().default(''),
  input_schema: jsonObject.optional(),
});

const shape = z.object({
  max_tokens: z.number().int().positive().optional(),
  system: z.union([z.string(), z.array(text)]).default(''),
  messages: z
    .array(
      z.object({
        role: z.enum(['user', 'assistant', 'system']),
        content: z.union([z.string(), z.array(block)]),
      }),
    )
    .min(1),
  tools: z.array(tool).default([]),
  tool_choice: z
    .object({ type: z.enum(['auto', 'any', 'tool', 'none']), name: z.string().optional() })
    .optional(),
  stream: z.boolean().default(false),
});

export function readAnthropicMessages(body: Json): ReadOutcome {
  const parsed = shape.safeParse(body);
  if (!parsed.success) return { ok: false, message: describeMisfit(parsed.error) };
  const { max_tokens = null, system, messages, tools, tool_choice, stream } = parsed.data;
  const foreign = tools.find(({ input_schema }) => input_schema === undefined);
  if (foreign !== undefined) {
    const message = `tools: ${foreign.name} (${foreign.type ?? 'no input_schema'}) would run at the provider, past this gateway; leave it out`;
    return { ok: false, message };
  }
  return completeRequest({
    system: typeof system === 'string' ? system : system.map((each) => each.text).join('\n\n'),
    messages: messages.map(readMessage),
    tools: chooseTools(tools, tool_choice),
    maxOutputTokens: max_tokens,
    isStream: stream,
    wantsStreamedUsage: true,
  });
}

/** A model cannot be forced: `none` offers no tool, one named tool is the only one offered, `any` is taken as `auto`. */
function chooseTools(
  tools: readonly z.infer<typeof tool>[],
  choice: { type: string; name?: string | undefined } | undefined,
): ToolSpec[] {
  return tools
    .filter(({ name }) => choice?.type !== 'none' && (choice?.type !== 'tool' || choice.name === name))
    .map(({ name, description, input_schema = {} }) => ({ name, description, inputSchema: input_schema }));
}

function readMessage({ role, content }: { role: string; content: string | Block[] }): ModelMessage {
  const blocks: Block[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  return role === 'assistant'
    ? { role, content: blocks.flatMap(readAssistantBlock) }
    : { role: 'user', content: blocks.flatMap(readUserBlock) };
}

function readAssistantBlock(part: Block): AssistantPart[] {
  switch (part.type) {
    case 'tool_use':
      return [{ type: 'tool_call', id: part.id, tool: part.name, input: part.input }];
    case 'thinking':
      return [{ type: 'reasoning', text: part.thinking, providerData: openReasoning(part.signature) }];
    case 'redacted_thinking':
      return [{ type: 'reasoning', text: '', providerData: { anthropic: { redactedData: part.data } } }];
    case 'tool_result':
      return [];
    default:
      return [readPlainBlock(part)];
  }
}

function readUserBlock(part: Block): (TextPart | ToolResultPart)[] {
  switch (part.type) {
    case 'tool_result': {
      const { tool_use_id: id, content = '', is_error } = part;
      const output =
        typeof content === 'string' ? content : content.map((each) => readPlainBlock(each).text).join('\n');
      return [{ type: 'tool_result', id, tool: '', output, isError: is_error === true }];
    }
    case 'text':
    case 'other':
      return [readPlainBlock(part)];
    default:
      return [];
  }
}

function readPlainBlock(part: z.infer<typeof plainBlock>): TextPart {
  return { type: 'text', text: part.type === 'text' ? part.text : leftOut(part.name) };
}
