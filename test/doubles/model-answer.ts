/** Writes an answer in either protocol, whole or as an event stream, with the usage fields that the real servers send. */
import type { DoubleAnswer, DoubleRequest, DoubleUsage } from './model-protocol.ts';

export interface WireAnswer {
  contentType: string;
  body: string;
}

export function writeAnswer(
  request: DoubleRequest,
  answer: DoubleAnswer,
  usage: DoubleUsage,
  id: string,
): WireAnswer {
  const isAnthropic = request.protocol === 'anthropic';
  const message = isAnthropic
    ? anthropicMessage(request, answer, usage, id)
    : openAiCompletion(request, answer, usage, id);
  if (!request.isStream) return { contentType: 'application/json', body: JSON.stringify(message) };
  const body = isAnthropic
    ? anthropicStream(anthropicMessage(request, answer, usage, id))
    : openAiStream(openAiCompletion(request, answer, usage, id));
  return { contentType: 'text/event-stream', body };
}

function anthropicMessage(request: DoubleRequest, answer: DoubleAnswer, usage: DoubleUsage, id: string) {
  const toolCalls = answer.toolCalls ?? [];
  const content: Record<string, unknown>[] = [];
  if (answer.reasoning !== undefined) {
    content.push({ type: 'thinking', thinking: answer.reasoning, signature: `sig-${id}` });
  }
  if (answer.text !== undefined) content.push({ type: 'text', text: answer.text });
  for (const [index, call] of toolCalls.entries()) {
    content.push({
      type: 'tool_use',
      id: call.id ?? `toolu_${id}_${index}`,
      name: call.name,
      input: call.input,
    });
  }
  return {
    id: `msg_${id}`,
    type: 'message',
    role: 'assistant',
    model: request.model,
    content,
    stop_reason: answer.stop ?? (toolCalls.length > 0 ? 'tool_use' : 'end_turn'),
    stop_sequence: null,
    usage: {
      input_tokens: usage.inputTokens,
      cache_read_input_tokens: usage.cacheReadTokens,
      cache_creation_input_tokens: usage.cacheWriteTokens,
      output_tokens: usage.outputTokens,
    },
  };
}

function anthropicStream(message: ReturnType<typeof anthropicMessage>): string {
  const events: Record<string, unknown>[] = [
    {
      type: 'message_start',
      message: { ...message, content: [], stop_reason: null, usage: { ...message.usage, output_tokens: 1 } },
    },
  ];
  for (const [index, block] of message.content.entries()) {
    const { start, delta } = splitBlock(block);
    events.push({ type: 'content_block_start', index, content_block: start });
    events.push({ type: 'content_block_delta', index, delta });
    events.push({ type: 'content_block_stop', index });
  }
  const { stop_reason, stop_sequence, usage } = message;
  events.push({ type: 'message_delta', delta: { stop_reason, stop_sequence }, usage });
  events.push({ type: 'message_stop' });
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

function splitBlock(block: Record<string, unknown>) {
  if (block.type === 'tool_use') {
    const delta = { type: 'input_json_delta', partial_json: JSON.stringify(block.input) };
    return { start: { ...block, input: {} }, delta };
  }
  if (block.type === 'thinking') {
    return { start: { ...block, thinking: '' }, delta: { type: 'thinking_delta', thinking: block.thinking } };
  }
  return { start: { ...block, text: '' }, delta: { type: 'text_delta', text: block.text } };
}

function openAiCompletion(request: DoubleRequest, answer: DoubleAnswer, usage: DoubleUsage, id: string) {
  const calls = (answer.toolCalls ?? []).map((call, index) => ({
    id: call.id ?? `call_${id}_${index}`,
    type: 'function',
    function: {
      name: call.name,
      // A string stands for itself: that is how a test sends arguments that are no JSON.
      arguments: typeof call.input === 'string' ? call.input : JSON.stringify(call.input),
    },
  }));
  const finish =
    answer.stop === 'max_tokens' ? 'length' : answer.stop === 'refusal' ? 'content_filter' : 'stop';
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  return {
    id: `chatcmpl-${id}`,
    object: 'chat.completion',
    created: 1_790_000_000,
    model: request.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: answer.text ?? null,
          ...(answer.reasoning === undefined ? {} : { reasoning_content: answer.reasoning }),
          ...(calls.length > 0 ? { tool_calls: calls } : {}),
        },
        finish_reason: calls.length > 0 && answer.stop === undefined ? 'tool_calls' : finish,
      },
    ],
    usage: {
      prompt_tokens: prompt,
      completion_tokens: usage.outputTokens,
      total_tokens: prompt + usage.outputTokens,
      prompt_tokens_details: {
        cached_tokens: usage.cacheReadTokens,
        ...(usage.cacheWriteTokens > 0 ? { cache_write_tokens: usage.cacheWriteTokens } : {}),
      },
    },
  };
}

function openAiStream(completion: ReturnType<typeof openAiCompletion>): string {
  const { choices, usage, id, created, model } = completion;
  const chunk = { id, created, model, object: 'chat.completion.chunk' };
  const message = choices[0]?.message;
  const delta = { ...message, tool_calls: message?.tool_calls?.map((call, index) => ({ ...call, index })) };
  const events = [
    { ...chunk, choices: [{ index: 0, delta, finish_reason: null }] },
    { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: choices[0]?.finish_reason }] },
    { ...chunk, choices: [], usage },
  ];
  return `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`;
}
