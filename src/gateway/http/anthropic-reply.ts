/** Our reply → the Anthropic Messages protocol, whole or as its stream of events. Pure. */
import type { JsonObject } from '../../base/json.ts';
import type { AssistantPart, ModelReply, TokenUsage } from '../model.ts';
import { readAnthropicMessages } from './anthropic-messages.ts';
import { type FaceError, faceErrors } from './face-error.ts';
import type { AnswerFacts, FaceProtocol, ServerSentEvent } from './face-protocol.ts';
import { sealReasoning } from './reasoning-seal.ts';

export const anthropicMessages: FaceProtocol = {
  read: readAnthropicMessages,
  writeReply,
  streamReply,
  writeError,
  streamError: (error) => event(writeError(error)),
  keepAlive: 'event: ping\ndata: {"type":"ping"}\n\n',
};

function writeReply(reply: ModelReply, { id, model }: AnswerFacts): JsonObject {
  return {
    id: `msg_${id}`,
    type: 'message',
    role: 'assistant',
    model,
    content: reply.content.map(writeBlock),
    stop_reason: stopReasons[reply.stop],
    stop_sequence: null,
    usage: writeUsage(reply.usage),
  };
}

const stopReasons = {
  end: 'end_turn',
  tool_call: 'tool_use',
  max_tokens: 'max_tokens',
  refusal: 'refusal',
  other: 'end_turn',
} as const;

function writeUsage(usage: TokenUsage): JsonObject {
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
    output_tokens: usage.outputTokens,
  };
}

function writeBlock(part: AssistantPart): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'tool_call':
      return { type: 'tool_use', id: part.id, name: part.tool, input: part.input };
    case 'reasoning': {
      const { anthropic } = part.providerData;
      const data =
        anthropic !== null && typeof anthropic === 'object' && !Array.isArray(anthropic)
          ? anthropic.redactedData
          : undefined;
      return typeof data === 'string'
        ? { type: 'redacted_thinking', data }
        : { type: 'thinking', thinking: part.text, signature: sealReasoning(part.providerData) };
    }
  }
}

function streamReply(reply: ModelReply, facts: AnswerFacts): ServerSentEvent[] {
  const message = writeReply(reply, facts);
  const usage = writeUsage(reply.usage);
  const started = { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 0 } };
  const blocks = reply.content.flatMap((part, index) => {
    const { start, deltas } = splitBlock(writeBlock(part));
    return [
      { type: 'content_block_start', index, content_block: start },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ];
  });
  const delta = { stop_reason: stopReasons[reply.stop], stop_sequence: null };
  const ended = [{ type: 'message_delta', delta, usage }, { type: 'message_stop' }];
  return [{ type: 'message_start', message: started }, ...blocks, ...ended].map(event);
}

/** A block begins empty; what is in it follows. */
function splitBlock(block: JsonObject): { start: JsonObject; deltas: JsonObject[] } {
  switch (block.type) {
    case 'tool_use': {
      const partial = { type: 'input_json_delta', partial_json: JSON.stringify(block.input) };
      return { start: { ...block, input: {} }, deltas: [partial] };
    }
    case 'thinking': {
      const { thinking = '', signature = '' } = block;
      const deltas = [
        { type: 'thinking_delta', thinking },
        { type: 'signature_delta', signature },
      ];
      return { start: { ...block, thinking: '', signature: '' }, deltas };
    }
    case 'text':
      return { start: { ...block, text: '' }, deltas: [{ type: 'text_delta', text: block.text ?? '' }] };
    default:
      return { start: block, deltas: [] };
  }
}

function writeError({ kind, message }: FaceError): JsonObject {
  return { type: 'error', error: { type: faceErrors[kind].anthropic, message } };
}

function event(data: JsonObject): ServerSentEvent {
  return { event: String(data.type), data: JSON.stringify(data) };
}
