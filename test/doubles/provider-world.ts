/** A real provider connected to the model server double, and a small request to send through it. */
import { onTestFinished } from 'vitest';
import type { ModelRequest } from '../../src/gateway/model.ts';
import { createProvider } from '../../src/gateway/providers/create-provider.ts';
import type { DoubleAnswer, DoubleRequest } from './model-protocol.ts';
import { type Fault, startModelServer } from './model-server.ts';

export const protocols = [
  { name: 'anthropic', model: 'claude-sonnet-5-5' },
  { name: 'openai-compatible', model: 'gpt-5.2' },
] as const;

type Brain = (request: DoubleRequest) => DoubleAnswer;

export async function start(
  name: 'anthropic' | 'openai-compatible',
  brain: Brain,
  faults: Fault[] = [],
  key = 'test-key',
) {
  const server = await startModelServer({ brain, faults, models: protocols.map(({ model }) => model) });
  onTestFinished(server.close);
  return { server, provider: createProvider({ name, baseUrl: server.baseUrl, apiKey: key }) };
}

export function makeRequest(model: string, overrides: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model,
    system: 'You are a careful developer.',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Add two numbers.' }] }],
    tools: [
      {
        name: 'read',
        description: 'Reads a file.',
        inputSchema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
      },
    ],
    maxOutputTokens: 500,
    effort: null,
    seat: { project: 'p', item: 1, itemTitle: 't', role: 'r', step: 's', task: null, round: 1 },
    ...overrides,
  };
}

export const never = new AbortController().signal;
