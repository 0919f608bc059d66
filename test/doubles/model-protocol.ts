/** What the model server double makes of a request in either protocol, and what its brain answers: the two sides' common words. */

export interface DoubleRequest {
  protocol: 'anthropic' | 'openai';
  model: string;
  system: string;
  messages: DoubleMessage[];
  /** Names of the tools offered. */
  tools: string[];
  maxOutputTokens: number | null;
  isStream: boolean;
  /** The parsed body as it came, for tests that look closer. */
  body: Record<string, unknown>;
}

export interface DoubleMessage {
  role: 'user' | 'assistant';
  text: string;
  toolCalls: { id: string; name: string; input: unknown }[];
  toolResults: { id: string; output: string; isError: boolean }[];
}

export interface DoubleAnswer {
  text?: string;
  /** Sent as a thinking block with a signature (anthropic) or as reasoning content (openai). */
  reasoning?: string;
  toolCalls?: { id?: string; name: string; input: unknown }[];
  /** Default: counted from the texts, with a cache that remembers marked prefixes. */
  usage?: DoubleUsage;
  /** Default: `tool_use` with tool calls, else `end_turn`. */
  stop?: 'end_turn' | 'max_tokens' | 'refusal';
}

/** Disjoint, as in the Anthropic protocol. */
export interface DoubleUsage {
  inputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
}

type Loose = Record<string, unknown>;

export function readAnthropicRequest(body: Loose): DoubleRequest {
  return {
    protocol: 'anthropic',
    model: String(body.model),
    system: textOf(body.system),
    messages: list(body.messages).map(({ role, content }) => {
      const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : list(content);
      return {
        role: role === 'assistant' ? 'assistant' : 'user',
        text: textOf(blocks),
        toolCalls: blocks
          .filter((block) => block.type === 'tool_use')
          .map((block) => ({ id: String(block.id), name: String(block.name), input: block.input })),
        toolResults: blocks
          .filter((block) => block.type === 'tool_result')
          .map((block) => ({
            id: String(block.tool_use_id),
            output: textOf(block.content),
            isError: block.is_error === true,
          })),
      };
    }),
    tools: list(body.tools).map((tool) => String(tool.name)),
    maxOutputTokens: typeof body.max_tokens === 'number' ? body.max_tokens : null,
    isStream: body.stream === true,
    body,
  };
}

export function readOpenAiRequest(body: Loose): DoubleRequest {
  const messages = list(body.messages);
  const limit = body.max_completion_tokens ?? body.max_tokens;
  return {
    protocol: 'openai',
    model: String(body.model),
    system: messages
      .filter((message) => message.role === 'system' || message.role === 'developer')
      .map((message) => textOf(message.content))
      .join('\n'),
    messages: messages.filter((message) => message.role !== 'system').map(readOpenAiMessage),
    tools: list(body.tools).map((tool) => String((tool.function as Loose).name)),
    maxOutputTokens: typeof limit === 'number' ? limit : null,
    isStream: body.stream === true,
    body,
  };
}

function readOpenAiMessage(message: Loose): DoubleMessage {
  const isTool = message.role === 'tool';
  const text = textOf(message.content);
  return {
    role: message.role === 'assistant' ? 'assistant' : 'user',
    text: isTool ? '' : text,
    toolCalls: list(message.tool_calls).map((call) => {
      const fn = call.function as Loose;
      return { id: String(call.id), name: String(fn.name), input: JSON.parse(String(fn.arguments)) };
    }),
    toolResults: isTool ? [{ id: String(message.tool_call_id), output: text, isError: false }] : [],
  };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return list(content)
    .filter((block) => block.type === 'text')
    .map((block) => String(block.text))
    .join('\n');
}

function list(value: unknown): Loose[] {
  return Array.isArray(value) ? (value as Loose[]) : [];
}
