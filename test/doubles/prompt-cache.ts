/** The prompt cache of the model server double: exact prefixes, counted in its own tokens (four characters each, rounded up). */
import type { DoubleAnswer, DoubleRequest, DoubleUsage } from './model-protocol.ts';

export interface PromptCache {
  /** Usage of a call; what it writes to the cache is remembered. */
  meter(request: DoubleRequest, answer: DoubleAnswer): DoubleUsage;
}

export function createPromptCache(): PromptCache {
  const known = new Set<string>();
  return {
    meter(request, answer) {
      const blocks = blocksOf(request);
      let prefix = '';
      let total = 0;
      let read = 0;
      let marked = 0;
      for (const block of blocks) {
        prefix += block.text;
        total += tokensOf(block.text);
        // A prefix written earlier is found at any block; only marked ones are written.
        if (known.has(prefix)) read = total;
        if (!block.isMarked) continue;
        known.add(prefix);
        marked = total;
      }
      // OpenAI caches by itself and says nothing of writes.
      const write = request.protocol === 'anthropic' ? Math.max(0, marked - read) : 0;
      const output = JSON.stringify([answer.text ?? '', answer.reasoning ?? '', answer.toolCalls ?? []]);
      return {
        inputTokens: total - read - write,
        cacheReadTokens: read,
        cacheWriteTokens: write,
        outputTokens: tokensOf(output),
      };
    },
  };
}

interface Block {
  text: string;
  isMarked: boolean;
}

function blocksOf(request: DoubleRequest): Block[] {
  const { body, protocol } = request;
  const messages = (body.messages as Record<string, unknown>[]).map((message) => ({
    text: JSON.stringify(message, withoutMarks),
    isMarked: protocol === 'openai' || JSON.stringify(message.content).includes('"cache_control"'),
  }));
  const stable = JSON.stringify([body.tools ?? [], body.system ?? ''], withoutMarks);
  const isMarked = protocol === 'openai' || JSON.stringify(body.system ?? '').includes('"cache_control"');
  return [{ text: stable, isMarked }, ...messages];
}

function withoutMarks(key: string, value: unknown): unknown {
  return key === 'cache_control' ? undefined : value;
}

function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}
