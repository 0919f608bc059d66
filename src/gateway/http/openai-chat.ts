/** The OpenAI Chat Completions protocol as a client speaks it → our request. Keys that are not known are ignored. Pure. */
import { z } from 'zod';
import type { Json } from '../../base/json.ts';
import type { AssistantPart, ModelMessage } from '../model.ts';
import { completeRequest } from './face-messages.ts';
import { describeMisfit, type ReadOutcome } from './face-protocol.ts';
import {
  callArguments,
  chooseTools,
  functionShape,
  readTool,
  refuseTool,
  textContent,
} from './openai-input.ts';

const toolCall = z.object({
  id: z.string(),
  function: z.object({ name: z.string(), arguments: callArguments }),
});

const message = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer', 'user']), content: textContent }),
  z.object({
    role: z.literal('assistant'),
    content: textContent,
    reasoning_content: z.string().nullish(),
    tool_calls: z.array(toolCall).nullish(),
  }),
  z.object({ role: z.literal('tool'), tool_call_id: z.string(), content: textContent }),
]);
type ChatMessage = z.infer<typeof message>;

const shape = z.object({
  messages: z.array(message).min(1),
  tools: z.array(z.object({ type: z.string(), function: functionShape.optional() })).nullish(),
  tool_choice: z
    .union([z.string(), z.object({ function: z.object({ name: z.string() }) })])
    .nullish()
    .transform((choice) => (typeof choice === 'object' ? choice && { named: choice.function.name } : choice)),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.literal(1).nullish(),
});

export function readOpenAiChat(body: Json): ReadOutcome {
  const parsed = shape.safeParse(body);
  if (!parsed.success) return { ok: false, message: describeMisfit(parsed.error) };
  const { messages, tools, tool_choice, stream, stream_options } = parsed.data;
  const foreign = tools?.find((tool) => tool.type !== 'function' || !tool.function);
  if (foreign) return { ok: false, message: refuseTool(foreign.type) };
  const specs = tools?.flatMap((tool) => (tool.function ? [readTool(tool.function)] : [])) ?? [];
  const begin = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer');
  const opening = begin < 0 ? messages : messages.slice(0, begin);
  return completeRequest({
    system: opening.map(({ content }) => content).join('\n\n'),
    messages: begin < 0 ? [] : messages.slice(begin).map(readMessage),
    tools: chooseTools(specs, tool_choice ?? 'auto'),
    maxOutputTokens: parsed.data.max_completion_tokens ?? parsed.data.max_tokens ?? null,
    isStream: stream === true,
    wantsStreamedUsage: stream_options?.include_usage === true,
  });
}

/** What the system says in the middle of a conversation stays at its place, as a user's words. */
function readMessage(message: ChatMessage): ModelMessage {
  switch (message.role) {
    case 'system':
    case 'developer':
    case 'user':
      return { role: 'user', content: [{ type: 'text', text: message.content }] };
    case 'tool': {
      const { tool_call_id: id, content: output } = message;
      return { role: 'user', content: [{ type: 'tool_result', id, tool: '', output, isError: false }] };
    }
    case 'assistant': {
      const { content: text, reasoning_content: thought, tool_calls } = message;
      const content: AssistantPart[] = thought
        ? [{ type: 'reasoning', text: thought, providerData: {} }]
        : [];
      content.push({ type: 'text', text });
      for (const { id, function: called } of tool_calls ?? []) {
        content.push({ type: 'tool_call', id, tool: called.name, input: called.arguments });
      }
      return { role: 'assistant', content };
    }
  }
}
