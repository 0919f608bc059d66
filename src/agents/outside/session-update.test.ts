import { describe, expect, it } from 'vitest';
import { createCondenser, readUpdate, type SessionUpdate } from './session-update.ts';

function update(fields: object): SessionUpdate {
  const read = readUpdate({ sessionId: 's', update: fields });
  if (read === null) throw new Error('no update');
  return read;
}

const words = (text: string) =>
  update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });

describe('what an outside agent tells', () => {
  it('is kept as whole stretches of words, and tools once they have ended', () => {
    const condenser = createCondenser();
    expect(condenser.add(words('I will '))).toEqual([]);
    expect(condenser.add(words('read it.'))).toEqual([]);
    const call = { toolCallId: '1', kind: 'read', title: 'Read a.txt', rawInput: { path: 'a.txt' } };
    expect(condenser.add(update({ sessionUpdate: 'tool_call', ...call, status: 'pending' }))).toEqual([]);
    const ended = update({ sessionUpdate: 'tool_call_update', toolCallId: '1', status: 'completed' });
    expect(condenser.add(ended)).toEqual([
      { kind: 'outside.said', data: { text: 'I will read it.' } },
      {
        kind: 'outside.tool_reported',
        data: { id: '1', tool: 'read', about: 'Read a.txt', isFailed: false },
      },
    ]);
    expect(condenser.flush()).toEqual([]);
  });

  it('that makes no sense is nothing', () => {
    for (const params of [null, 'x', {}, { update: 7 }, { update: { sessionUpdate: 3 } }]) {
      expect(readUpdate(params)).toBeNull();
    }
    const condenser = createCondenser();
    expect(condenser.add(update({ sessionUpdate: 'tool_call', toolCallId: 7, status: 'completed' }))).toEqual(
      [],
    );
    expect(condenser.add(update({ sessionUpdate: 'brand_new', content: {} }))).toEqual([]);
    expect(condenser.add(update({ sessionUpdate: 'agent_message_chunk', content: 'x' }))).toEqual([]);
    expect(condenser.flush()).toEqual([]);
  });

  it('is bounded, however much it is', () => {
    const condenser = createCondenser();
    for (let part = 0; part < 1_000; part += 1) condenser.add(words('y'.repeat(1_000)));
    const [said] = condenser.flush();
    expect(JSON.stringify(said).length).toBeLessThan(21_000);
    for (let call = 0; call < 5_000; call += 1) {
      condenser.add(update({ sessionUpdate: 'tool_call', toolCallId: `${call}`, title: 'x'.repeat(10_000) }));
    }
    expect(condenser.call('0')).toBeNull();
    expect(condenser.call('4999')).not.toBeNull();
    const ended = update({ sessionUpdate: 'tool_call_update', toolCallId: '4999', status: 'failed' });
    const [reported] = condenser.add(ended);
    expect(JSON.stringify(reported).length).toBeLessThan(400);
  });
});
