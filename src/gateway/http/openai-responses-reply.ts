/** Our reply → the OpenAI Responses protocol, whole or as its stream of events. Pure. */
import type { JsonObject } from '../../base/json.ts';
import type { AssistantPart, ModelReply, TokenUsage } from '../model.ts';
import { type FaceError, faceErrors } from './face-error.ts';
import type { AnswerFacts, FaceProtocol, ServerSentEvent } from './face-protocol.ts';
import { writeOpenAiError } from './openai-chat-reply.ts';
import { readOpenAiResponses } from './openai-responses.ts';
import { sealReasoning } from './reasoning-seal.ts';

export const openAiResponses: FaceProtocol = {
  read: readOpenAiResponses,
  writeReply,
  streamReply,
  writeError: writeOpenAiError,
  streamError: ({ kind, message }: FaceError) =>
    event({ type: 'error', code: faceErrors[kind].openAi, message, param: null, sequence_number: 0 }),
  keepAlive: ': waiting\n\n',
};

function writeReply(reply: ModelReply, facts: AnswerFacts): JsonObject {
  const why = { max_tokens: 'max_output_tokens', refusal: 'content_filter' };
  const reason = reply.stop === 'max_tokens' || reply.stop === 'refusal' ? why[reply.stop] : null;
  return {
    ...headOf(facts),
    status: reason === null ? 'completed' : 'incomplete',
    incomplete_details: reason === null ? null : { reason },
    output: reply.content.map((part, index) => writeItem(part, `${facts.id}_${index}`)),
    usage: writeUsage(reply.usage),
  };
}

function headOf({ id, model, nowMs }: AnswerFacts): JsonObject {
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: Math.floor(nowMs / 1000),
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model,
    output: [],
    parallel_tool_calls: true,
    previous_response_id: null,
    store: false,
    temperature: null,
    tool_choice: 'auto',
    tools: [],
    top_p: null,
    usage: null,
  };
}

function writeItem(part: AssistantPart, id: string): JsonObject {
  switch (part.type) {
    case 'text': {
      const content = [{ type: 'output_text', text: part.text, annotations: [], logprobs: [] }];
      return { id: `msg_${id}`, type: 'message', status: 'completed', role: 'assistant', content };
    }
    case 'tool_call':
      return {
        id: `fc_${id}`,
        type: 'function_call',
        status: 'completed',
        call_id: part.id,
        name: part.tool,
        arguments: JSON.stringify(part.input),
      };
    case 'reasoning':
      return {
        id: `rs_${id}`,
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: part.text }],
        encrypted_content: sealReasoning(part.providerData),
      };
  }
}

function writeUsage(usage: TokenUsage): JsonObject {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage;
  const input = inputTokens + cacheReadTokens + cacheWriteTokens;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cacheReadTokens, cache_write_tokens: cacheWriteTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + outputTokens,
  };
}

function streamReply(reply: ModelReply, facts: AnswerFacts): ServerSentEvent[] {
  const whole = writeReply(reply, facts);
  const begun = headOf(facts);
  const items = (whole.output as JsonObject[]).flatMap((item, output_index) => {
    const begunItem = { ...item, ...emptyItem(item) };
    return [
      { type: 'response.output_item.added', output_index, item: begunItem },
      ...streamItem(item).map((each) => ({ ...each, output_index, item_id: item.id ?? '' })),
      { type: 'response.output_item.done', output_index, item },
    ];
  });
  const events: JsonObject[] = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...items,
    { type: `response.${String(whole.status)}`, response: whole },
  ];
  return events.map((data, sequence_number) => event({ ...data, sequence_number }));
}

function emptyItem({ type }: JsonObject): JsonObject {
  if (type === 'message') return { status: 'in_progress', content: [] };
  return type === 'function_call' ? { status: 'in_progress', arguments: '' } : { summary: [] };
}

/** What stands between an item's beginning and its end. */
function streamItem(item: JsonObject): JsonObject[] {
  if (item.type === 'function_call') {
    const { name = '', arguments: written = '' } = item;
    return [
      { type: 'response.function_call_arguments.delta', delta: written },
      { type: 'response.function_call_arguments.done', name, arguments: written },
    ];
  }
  const isMessage = item.type === 'message';
  const [part = {}] = (isMessage ? item.content : item.summary) as JsonObject[];
  const { text = '' } = part;
  const place: JsonObject = isMessage ? { content_index: 0 } : { summary_index: 0 };
  const [partName, textName] = isMessage
    ? ['content_part', 'output_text']
    : ['reasoning_summary_part', 'reasoning_summary_text'];
  const logprobs: JsonObject = isMessage ? { logprobs: [] } : {};
  return [
    { type: `response.${partName}.added`, ...place, part: { ...part, text: '' } },
    { type: `response.${textName}.delta`, ...place, delta: text, ...logprobs },
    { type: `response.${textName}.done`, ...place, text, ...logprobs },
    { type: `response.${partName}.done`, ...place, part },
  ];
}

function event(data: JsonObject): ServerSentEvent {
  return { event: String(data.type), data: JSON.stringify(data) };
}
