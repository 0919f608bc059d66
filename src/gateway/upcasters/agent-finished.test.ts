import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../../journal/event.ts';
import { streamId } from '../../journal/event.ts';
import { foldTape } from '../tape.ts';
import { readTapeEvent } from '../tape-codec.ts';

function schema1(outcome: string): StoredEvent {
  const data = { outcome, summary: 'said so' };
  const place = { stream: streamId('agent', 'p', 1), version: 1, position: 1, at: '', unit: '', hash: '' };
  return { kind: 'agent.finished', schema: 1, actor: 'a', data, ...place };
}

describe('the end of an agent as 0.1.0 wrote it', () => {
  it('never passes for work that is done: where the work went was not written down then', () => {
    const { ending } = foldTape([readTapeEvent(schema1('done'))]);
    expect(ending).toEqual({ outcome: 'interrupted', summary: 'said so', commit: null, findings: [] });
  });

  it('keeps every other reason', () => {
    expect(foldTape([readTapeEvent(schema1('turn_limit'))]).ending?.outcome).toBe('turn_limit');
  });
});
