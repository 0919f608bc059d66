import { describe, expect, it } from 'vitest';
import { type StoredEvent, streamId } from '../../journal/event.ts';
import { readTapeEvent } from '../tape-codec.ts';

function stored(kind: string, schema: number, data: StoredEvent['data']): StoredEvent {
  const place = { stream: streamId('agent', 'p', 1), version: 1, position: 1, at: '', unit: '', hash: '' };
  return { kind, schema, actor: 'a', data, ...place };
}

describe('a call that an earlier version recorded', () => {
  it('says that the whole request was not recorded, and names its prompt as it did then', () => {
    const first = readTapeEvent(stored('model.call_intended', 1, { prompt: 'blob' }));
    expect(first.data).toMatchObject({ prompt: 'blob', wholePrompt: 'blob', request: null });
    const second = readTapeEvent(stored('model.call_intended', 2, { prompt: 'p1' }));
    expect(second.data).toEqual({ prompt: 'p1', request: null });
  });

  it('says that it is not known what its prompt was made of', () => {
    const event = readTapeEvent(stored('prompt.recorded', 1, { prompt: 'p1' }));
    expect(event.data).toEqual({ prompt: 'p1', madeFrom: null });
  });
});
