import { describe, expect, it } from 'vitest';
import { openingOf } from '../agents/run-agent.ts';
import { createRequestHash } from '../gateway/hash-request.ts';
import type { ModelMessage, ToolSpec } from '../gateway/model.ts';
import type { TapeEvent } from '../gateway/tape-event.ts';
import { type Materials, replayConversation } from './replay-conversation.ts';

const prompt = { system: 'You are the developer.\nWork.', firstMessage: 'Add it.' };
const tools: ToolSpec[] = [{ name: 'read', description: 'Reads.', inputSchema: { type: 'object' } }];
const opening = openingOf(prompt);
const asks: ModelMessage = {
  role: 'assistant',
  content: [{ type: 'tool_call', id: '1', tool: 'read', input: { path: 'a' } }],
};
const answers: ModelMessage = {
  role: 'user',
  content: [{ type: 'tool_result', id: '1', tool: 'read', output: 'a', isError: false }],
};
const settings = { model: 'm1', effort: 'low' as const, maxOutputTokens: 1000 };

function intent(messages: ModelMessage[], more: { attempt?: number; isOld?: boolean } = {}): TapeEvent {
  const request = createRequestHash()({ ...settings, system: prompt.system, tools, messages });
  return {
    kind: 'model.call_intended',
    data: {
      call: 'c',
      attempt: more.attempt ?? 1,
      ...settings,
      estimatedInputTokens: 1,
      reservedMicroUsd: 1,
      messageCount: messages.length,
      prompt: 'p1',
      request: more.isOld ? null : request,
    },
  };
}

function reply(message: ModelMessage): TapeEvent {
  const usage = { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1 };
  const content = message.role === 'assistant' ? message.content : [];
  return {
    kind: 'model.call_finished',
    data: { call: 'c', reply: content, stop: 'tool_call', usage, costMicroUsd: 1 },
  };
}

const answered: TapeEvent = {
  kind: 'tool.call_finished',
  data: { id: '1', tool: 'read', isError: false, output: 'a', durationMs: 1 },
};
const failed: TapeEvent = {
  kind: 'model.call_failed',
  data: { call: 'c', reason: 'overloaded', message: '', usage: null, costMicroUsd: 0, retryInMs: 1 },
};
const tape = [
  intent([opening]),
  failed,
  intent([opening], { attempt: 2 }),
  reply(asks),
  answered,
  intent([opening, asks, answers]),
];

function materials(changed: Partial<Materials> = {}): Materials {
  const stored = new Map([['p1', { system: prompt.system, tools, firstMessage: opening }]]);
  return { stored, remade: prompt, tools, deliverables: [], chosen: null, ...changed };
}

describe('a conversation that is replayed', () => {
  it('is identical when nothing has changed; attempts of one call are one call', () => {
    expect(replayConversation(tape, materials())).toEqual({ calls: 2, divergence: null, comparedInParts: 0 });
  });

  const changes: [string, Partial<Materials>, object][] = [
    [
      'system text',
      { remade: { ...prompt, system: 'You are the developer.\nWork hard.' } },
      { difference: { line: 2, was: ['Work.'], is: ['Work hard.'] } },
    ],
    ['first message', { remade: { ...prompt, firstMessage: 'Add it!' } }, {}],
    ['tools', { tools: [{ ...(tools[0] as ToolSpec), description: 'Reads!' }] }, {}],
    ['model', { chosen: { ...settings, model: 'm2' } }, { difference: { line: 1, was: ['m1'], is: ['m2'] } }],
    ['effort', { chosen: { ...settings, effort: null } }, {}],
    ['output limit', { chosen: { ...settings, maxOutputTokens: 2000 } }, {}],
  ];
  it.each(changes)('names its first call when the %s has changed', (part, changed, more) => {
    expect(replayConversation(tape, materials(changed)).divergence).toMatchObject({ call: 1, part, ...more });
  });

  it('finds what the program put between messages of the tape, at the call where it came first', () => {
    const ended: ModelMessage = { role: 'assistant', content: [{ type: 'text', text: 'done' }] };
    const reminder = {
      role: 'user' as const,
      content: [{ type: 'text' as const, text: 'An older reminder.' }],
    };
    const events = [...tape, reply(ended), intent([opening, asks, answers, ended, reminder])];
    const { divergence } = replayConversation(events, materials({ deliverables: ['plan.json'] }));
    expect(divergence).toMatchObject({ call: 3, part: 'message 5', about: expect.stringContaining('hash') });
    expect(divergence?.difference?.is.join()).toContain('plan.json');
  });

  it('tells that a message is missing or too many', () => {
    const ended: ModelMessage = { role: 'assistant', content: [{ type: 'text', text: 'done' }] };
    const events = [...tape, reply(ended), intent([opening, asks, answers, ended])];
    expect(replayConversation(events, materials()).divergence).toMatchObject({
      call: 3,
      part: 'message 5',
      about: '4 messages were sent then, 5 would be now',
    });
  });

  it('of a version that recorded no hash is compared in the parts that there are', () => {
    const old = [intent([opening], { isOld: true }), reply(asks), answered];
    expect(replayConversation(old, materials({ remade: null }))).toMatchObject({
      divergence: null,
      comparedInParts: 1,
    });
    const changed = [{ ...(tools[0] as ToolSpec), description: 'Reads!' }];
    expect(replayConversation(old, materials({ remade: null, tools: changed })).divergence?.part).toBe(
      'tools',
    );
  });

  it('that was changed on the tape is found, whatever was changed', () => {
    const forged = tape.map((event) =>
      event.kind === 'tool.call_finished' ? { ...event, data: { ...event.data, output: 'b' } } : event,
    );
    expect(replayConversation(forged, materials()).divergence).toMatchObject({ call: 2 });
  });
});

describe('the record of an outside agent', () => {
  const outside = (added: ModelMessage[]): TapeEvent[] => [
    { kind: 'model.request_recorded', data: { request: 'r1', base: null, kept: 0, added: [opening] } },
    intent([opening]),
    reply(asks),
    { kind: 'model.request_recorded', data: { request: 'r2', base: 'r1', kept: 2, added } },
    intent([opening, asks, answers]),
  ];

  it('is whole when every recorded request is what was sent; nothing is made of our own prompt', () => {
    const others = materials({ remade: { system: 'ours', firstMessage: 'ours' }, tools: [] });
    expect(replayConversation(outside([answers]), others)).toMatchObject({ calls: 2, divergence: null });
  });

  it('is not when a request on it is another one', () => {
    const other: ModelMessage = { role: 'user', content: [{ type: 'text', text: 'b' }] };
    expect(replayConversation(outside([other]), materials()).divergence).toMatchObject({ call: 2 });
  });
});
