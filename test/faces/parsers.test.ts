import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/base/json.ts';
import { createRequestEstimate } from '../../src/gateway/estimate-request.ts';
import { anthropicMessages } from '../../src/gateway/http/anthropic-reply.ts';
import { parseBoundedJson } from '../../src/gateway/http/bounded-json.ts';
import type { FaceProtocol } from '../../src/gateway/http/face-protocol.ts';
import { openAiChat } from '../../src/gateway/http/openai-chat-reply.ts';
import { openAiResponses } from '../../src/gateway/http/openai-responses-reply.ts';
import { openReasoning, sealReasoning } from '../../src/gateway/http/reasoning-seal.ts';
import type { ModelReply } from '../../src/gateway/model.ts';
import { toSdkMessages, toSdkTools } from '../../src/gateway/providers/sdk-messages.ts';
import { anyBody, sound } from './any-body.ts';

const protocols: [string, FaceProtocol][] = [
  ['Anthropic Messages', anthropicMessages],
  ['Chat Completions', openAiChat],
  ['Responses', openAiResponses],
];

describe.each(protocols)('the %s parser', (_, protocol) => {
  it('makes a sound request or one sentence out of anything', () => {
    fc.assert(
      fc.property(anyBody, (value) => {
        const bounded = parseBoundedJson(JSON.stringify(value));
        if (!bounded.ok) return;
        const read = protocol.read(bounded.value);
        if (!read.ok) {
          expect(read.message).not.toBe('');
          return;
        }
        // What the estimate and the provider make of it must hold too.
        const { request } = read;
        expect(createRequestEstimate()(request)).toBeGreaterThan(0);
        toSdkMessages(request.messages);
        toSdkTools(request.tools);
        for (const { content } of request.messages) expect(content.length).toBeGreaterThan(0);
      }),
      { numRuns: 2000, seed: 4 },
    );
  });

  it('reads its own sound request', () => {
    const read = protocol.read(sound[protocols.findIndex(([, each]) => each === protocol)] as Json);
    if (!read.ok) throw new Error(read.message);
    expect(read.request.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(read.request.messages[2]?.content).toMatchObject([
      { type: 'tool_result', tool: 'look', output: 'r' },
    ]);
    expect(read.request.tools).toMatchObject([{ name: 'look' }]);
  });

  it('writes any reply whole and as a stream', () => {
    const part = fc.oneof(
      fc.record({ type: fc.constant('text' as const), text: fc.string() }),
      fc.record({
        type: fc.constant('reasoning' as const),
        text: fc.string(),
        providerData: fc.dictionary(fc.string(), fc.string()),
      }),
      fc.record({
        type: fc.constant('tool_call' as const),
        id: fc.string(),
        tool: fc.string(),
        input: fc.dictionary(fc.string(), fc.string()),
      }),
    );
    const reply: fc.Arbitrary<ModelReply> = fc.record({
      content: fc.array(part, { maxLength: 5 }),
      stop: fc.constantFrom('end', 'tool_call', 'max_tokens', 'refusal', 'other'),
      usage: fc.constant({ inputTokens: 1, cacheReadTokens: 2, cacheWriteTokens: 3, outputTokens: 4 }),
    });
    const facts = { id: 'x', model: 'm', nowMs: 0 };
    fc.assert(
      fc.property(reply, (written) => {
        const whole = JSON.stringify(protocol.writeReply(written, facts));
        const request = { wantsStreamedUsage: true } as never;
        const streamed = protocol.streamReply(written, facts, request).map(({ data }) => data);
        expect(streamed.every((data) => !data.includes('\n'))).toBe(true);
        for (const { type, ...rest } of written.content) {
          if (type === 'tool_call') expect(whole).toContain(JSON.stringify((rest as { tool: string }).tool));
        }
      }),
      { numRuns: 300, seed: 4 },
    );
  });
});

describe('a body that is nested very deep', () => {
  it('is refused before anything walks it', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    expect(parseBoundedJson(deep)).toMatchObject({ ok: false });
    const hidden = {
      messages: [{ role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'n', arguments: deep } }] }],
    };
    expect(openAiChat.read(hidden)).toMatchObject({ ok: false, message: expect.stringContaining('nested') });
    const seal = `meshwright-1:${Buffer.from(deep).toString('base64url')}`;
    expect(openReasoning(seal)).toEqual({});
  });
});

describe('the seal of reasoning', () => {
  it('gives back whatever a provider attached', () => {
    const attached = fc.dictionary(
      fc.string(),
      fc.oneof(fc.string(), fc.dictionary(fc.string(), fc.string())),
    );
    fc.assert(
      fc.property(attached, (data) => {
        const storable = JSON.parse(JSON.stringify(data).toWellFormed()) as Record<string, string>;
        expect(openReasoning(sealReasoning(storable))).toEqual(storable);
      }),
      { numRuns: 500, seed: 4 },
    );
    expect(sealReasoning({ anthropic: { signature: 'abc' } })).toBe('abc');
  });
});
