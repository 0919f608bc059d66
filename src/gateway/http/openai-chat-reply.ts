/** Our reply → the OpenAI Chat Completions protocol, whole or as its stream of chunks. Pure. */
import type { JsonObject } from '../../base/json.ts';
import type { ModelReply, TokenUsage } from '../model.ts';
import { type FaceError, faceErrors } from './face-error.ts';
import type { AnswerFacts, FaceProtocol, FaceRequest, ServerSentEvent } from './face-protocol.ts';
import { readOpenAiChat } from './openai-chat.ts';

export const openAiChat: FaceProtocol = {
  read: readOpenAiChat,
  writeReply,
  streamReply,
  writeError: writeOpenAiError,
  streamError: (error) => event(writeOpenAiError(error)),
  keepAlive: ': waiting\n\n',
};

function writeReply(reply: ModelReply, facts: AnswerFacts): JsonObject {
  const text = textOf(reply, 'text');
  const thought = textOf(reply, 'reasoning');
  const calls = writeCalls(reply);
  const message: JsonObject = {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    refusal: null,
    ...(thought !== '' && { reasoning_content: thought }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  return {
    ...headOf(facts, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReasons[reply.stop] }],
    usage: writeUsage(reply.usage),
  };
}

const finishReasons = {
  end: 'stop',
  tool_call: 'tool_calls',
  max_tokens: 'length',
  refusal: 'content_filter',
  other: 'stop',
} as const;

function headOf({ id, model, nowMs }: AnswerFacts, object: string): JsonObject {
  return { id: `chatcmpl-${id}`, object, created: Math.floor(nowMs / 1000), model };
}

function textOf(reply: ModelReply, type: 'text' | 'reasoning'): string {
  return reply.content.flatMap((part) => (part.type === type ? [part.text] : [])).join('');
}

function writeCalls(reply: ModelReply): JsonObject[] {
  return reply.content.flatMap((part) =>
    part.type === 'tool_call'
      ? [
          {
            id: part.id,
            type: 'function',
            function: { name: part.tool, arguments: JSON.stringify(part.input) },
          },
        ]
      : [],
  );
}

function writeUsage(usage: TokenUsage): JsonObject {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage;
  const prompt = inputTokens + cacheReadTokens + cacheWriteTokens;
  return {
    prompt_tokens: prompt,
    completion_tokens: outputTokens,
    total_tokens: prompt + outputTokens,
    prompt_tokens_details: { cached_tokens: cacheReadTokens, cache_write_tokens: cacheWriteTokens },
  };
}

function streamReply(reply: ModelReply, facts: AnswerFacts, request: FaceRequest): ServerSentEvent[] {
  const head = headOf(facts, 'chat.completion.chunk');
  const chunk = (delta: JsonObject, finish: string | null = null): JsonObject => ({
    ...head,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...(request.wantsStreamedUsage && { usage: null }),
  });
  const thought = textOf(reply, 'reasoning');
  const text = textOf(reply, 'text');
  const chunks = [chunk({ role: 'assistant', content: '' })];
  if (thought !== '') chunks.push(chunk({ reasoning_content: thought }));
  if (text !== '') chunks.push(chunk({ content: text }));
  for (const [index, call] of writeCalls(reply).entries()) {
    const { name = '', arguments: written = '' } = call.function as JsonObject;
    const begun = { ...call, index, function: { name, arguments: '' } };
    chunks.push(chunk({ tool_calls: [begun] }));
    chunks.push(chunk({ tool_calls: [{ index, function: { arguments: written } }] }));
  }
  chunks.push(chunk({}, finishReasons[reply.stop]));
  if (request.wantsStreamedUsage) chunks.push({ ...head, choices: [], usage: writeUsage(reply.usage) });
  return [...chunks.map(event), { event: null, data: '[DONE]' }];
}

/** Both OpenAI protocols tell errors alike. */
export function writeOpenAiError({ kind, message }: FaceError): JsonObject {
  return { error: { message, type: faceErrors[kind].openAi, param: null, code: kind } };
}

function event(data: JsonObject): ServerSentEvent {
  return { event: null, data: JSON.stringify(data) };
}
