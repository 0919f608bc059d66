import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streamId } from '../journal/event.ts';
import type { BlobHash } from '../journal/journal.ts';
import { retryDelayMs } from './retry-delay.ts';
import { foldTape } from './tape.ts';
import {
  decodeTapeEvent,
  encodeTapeEvent,
  inlineBytes,
  makeStorable,
  packValue,
  unpackValue,
} from './tape-codec.ts';
import type { TapeEvent } from './tape-event.ts';

function memoryBlobs() {
  const blobs = new Map<string, Uint8Array>();
  return {
    size: () => blobs.size,
    putBlob: async (bytes: Uint8Array) => {
      const hash = `h${blobs.size}` as BlobHash;
      blobs.set(hash, bytes);
      return hash;
    },
    getBlob: async (hash: BlobHash) => blobs.get(hash),
  };
}

const agent = streamId('agent', 'p', 1);

function result(id: string): TapeEvent {
  return {
    kind: 'tool.call_finished',
    data: { id, tool: 'read', isError: false, output: id, durationMs: 1 },
  };
}

describe('the tape', () => {
  it('keeps the results of one reply in one message, as providers want them', () => {
    const usage = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 };
    const reply: TapeEvent = {
      kind: 'model.call_finished',
      data: { call: 'c', reply: [], stop: 'end', usage, costMicroUsd: 5 },
    };
    const tape = foldTape([reply, result('a'), result('b'), reply, result('a')]);
    expect(tape.messages.map(({ role, content }) => `${role} ${content.length}`)).toEqual([
      'assistant 0',
      'user 2',
      'assistant 0',
      'user 1',
    ]);
    expect(tape.costMicroUsd).toBe(10);
  });

  it('puts what the agent is told behind the results of the same reply, whenever it was said', () => {
    const told: TapeEvent = { kind: 'agent.told', data: { about: 'budget/0.3', text: 'little is left' } };
    const usage = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 };
    const reply: TapeEvent = {
      kind: 'model.call_finished',
      data: { call: 'c', reply: [], stop: 'tool_call', usage, costMicroUsd: 0 },
    };
    const tape = foldTape([told, reply, result('a'), told, result('b')]);
    const parts = tape.messages.map(({ content }) =>
      content.map((part) => (part.type === 'tool_result' ? part.id : part.type)),
    );
    expect(parts).toEqual([['text'], [], ['a', 'b', 'text']]);
  });

  it('gives back any JSON value that was packed, large, odd or looking like a reference', async () => {
    const blobs = memoryBlobs();
    const values = fc.oneof(
      fc.jsonValue(),
      fc.constant({ $blob: 'h0' }),
      fc.constant('z'.repeat(inlineBytes + 1)),
    );
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const json = makeStorable(JSON.parse(JSON.stringify(value)));
        expect(await unpackValue(await packValue(json, blobs), blobs)).toEqual(json);
      }),
    );
    expect(blobs.size()).toBeGreaterThan(0);
  });

  it('stops at an event that it does not know, and at a blob that is gone', async () => {
    const blobs = memoryBlobs();
    const place = { stream: agent, version: 1, position: 1, at: '', unit: '', hash: '' };
    const event = await encodeTapeEvent(
      { kind: 'tool.call_finished', data: { ...result('a').data, output: 'x'.repeat(20_000) } as never },
      agent,
      blobs,
    );
    await expect(decodeTapeEvent({ ...event, ...place, schema: 2 }, blobs)).rejects.toMatchObject({
      code: 'event_unknown',
    });
    await expect(decodeTapeEvent({ ...event, ...place, kind: 'agent.sang' }, blobs)).rejects.toThrow(
      'agent.sang',
    );
    await expect(decodeTapeEvent({ ...event, ...place }, memoryBlobs())).rejects.toThrow('is gone');
  });
});

describe('the delay before another attempt', () => {
  it('grows, stays under a minute, differs by call, and never undercuts what the provider asks for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.uuid(),
        fc.nat({ max: 50_000 }),
        (attempt, call, wish) => {
          const own = retryDelayMs({ attempt, retryAfterMs: null, call });
          expect(own).toBeGreaterThanOrEqual(Math.min(500 * 2 ** Math.min(attempt - 1, 10), 60_000));
          expect(own).toBeLessThanOrEqual(60_000);
          const asked = retryDelayMs({ attempt, retryAfterMs: wish, call });
          expect(asked).toBeGreaterThanOrEqual(wish);
          expect(asked).toBeLessThanOrEqual(60_000);
        },
      ),
    );
    const delays = new Set(
      Array.from({ length: 16 }, (_, n) => retryDelayMs({ attempt: 1, retryAfterMs: 2000, call: `c${n}` })),
    );
    expect(delays.size).toBeGreaterThan(12);
  });
});
