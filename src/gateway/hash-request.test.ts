import { describe, expect, it } from 'vitest';
import { createRequestHash } from './hash-request.ts';
import type { ModelMessage, ModelRequest } from './model.ts';

const request: ModelRequest = {
  model: 'claude-sonnet-5-5',
  system: 'You are the developer.',
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'Add it.' }] },
    { role: 'assistant', content: [{ type: 'tool_call', id: '1', tool: 'read', input: { path: 'a' } }] },
    { role: 'user', content: [{ type: 'tool_result', id: '1', tool: 'read', output: 'a', isError: false }] },
  ],
  tools: [{ name: 'read', description: 'Reads.', inputSchema: { type: 'object' } }],
  maxOutputTokens: 1000,
  effort: 'low',
  seat: { project: 'p', item: 1, itemTitle: 't', role: 'r', step: 's', task: null, round: 1 },
};
const [first, second, third] = request.messages as [ModelMessage, ModelMessage, ModelMessage];

function hash(changed: Partial<ModelRequest> = {}): string {
  return createRequestHash()({ ...request, ...changed });
}

describe('the hash of a request', () => {
  it('is the same for the same request, whoever asks and whatever was asked before', () => {
    const hashAgain = createRequestHash();
    hashAgain({ ...request, messages: [first] });
    hashAgain({ ...request, system: 'Another.' });
    expect(hashAgain(structuredClone(request))).toBe(hash());
    expect(hashAgain(request)).toBe(hash());
    expect(hash({ seat: { ...request.seat, item: 2 } })).toBe(hash());
    expect(hash()).toMatch(/^[0-9a-f]{32}$/);
  });

  const tool = { name: 'read', description: 'Reads!', inputSchema: { type: 'object' } };
  const changes: Record<string, Partial<ModelRequest>> = {
    model: { model: 'claude-opus-4-8' },
    'system text': { system: 'You are the tester.' },
    'description of a tool': { tools: [tool] },
    'output limit': { maxOutputTokens: 1001 },
    effort: { effort: null },
    'first message': {
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Add it!' }] }, second, third],
    },
    'order of messages': { messages: [first, third, second] },
    'number of messages': { messages: [first, second] },
  };
  it.each(Object.entries(changes))('is another one when the %s differs', (_, change) => {
    expect(hash(change)).not.toBe(hash());
    const hashAgain = createRequestHash();
    hashAgain(request);
    expect(hashAgain({ ...request, ...change })).toBe(hash(change));
  });
});
