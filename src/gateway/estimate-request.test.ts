import { describe, expect, it } from 'vitest';
import { estimateTokens } from '../ledger/token-estimate.ts';
import { createRequestEstimate } from './estimate-request.ts';
import type { ModelMessage, ModelRequest } from './model.ts';

const said = (text: string): ModelMessage => ({ role: 'user', content: [{ type: 'text', text }] });

function request(messages: ModelMessage[], change: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: 'm',
    system: 'You write code.',
    messages,
    tools: [{ name: 'read', description: 'reads a file', inputSchema: { type: 'object' } }],
    maxOutputTokens: 100,
    effort: null,
    seat: { project: 'p', item: 1, itemTitle: 't', role: 'r', step: 's', task: null, round: 1 },
    ...change,
  };
}

describe('the estimate of a request', () => {
  it('counts every text of it', () => {
    const estimate = createRequestEstimate();
    const bare = estimate(request([said('')]));
    expect(estimate(request([said('plan, build')])) - bare).toBe(estimateTokens('plan, build'));
    const call: ModelMessage = {
      role: 'assistant',
      content: [{ type: 'tool_call', id: 'c', tool: 'write', input: { content: 'long '.repeat(100) } }],
    };
    const result: ModelMessage = {
      role: 'user',
      content: [{ type: 'tool_result', id: 'c', tool: 'write', output: 'made '.repeat(50), isError: false }],
    };
    expect(estimate(request([said(''), call, result])) - bare).toBeGreaterThan(150);
    expect(estimate(request([said('')], { system: 'other '.repeat(40) }))).toBeGreaterThan(bare + 20);
    expect(estimate(request([said('')], { tools: [] }))).toBeLessThan(bare);
  });

  it('is the same when the parts were counted before, in this conversation or alone', () => {
    const messages = ['one', 'two and a half', 'three, at last'].map(said);
    const growing = createRequestEstimate();
    for (const length of [1, 2, 3, 3]) {
      const now = request(messages.slice(0, length));
      expect(growing(now)).toBe(createRequestEstimate()(now));
    }
  });
});
