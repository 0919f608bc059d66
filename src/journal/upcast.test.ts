import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import type { StoredEvent, StreamId } from './event.ts';
import { type EventKinds, isKnown, isUnknownEvent, schemaOf, upcast } from './upcast.ts';

type Kind = 'lamp.lit' | 'lamp.broken';

/** `lamp.lit` through three schemas: watts as text, then as a number, then with a colour. */
const kinds: EventKinds<Kind> = {
  'lamp.lit': [
    (data) => ({ ...data, watts: Number(data.watts) }),
    (data) => ({ ...data, colour: Number(data.watts) > 50 ? 'white' : 'warm' }),
  ],
  'lamp.broken': [],
};

function stored(kind: string, schema: number, data: JsonObject): StoredEvent {
  const stream = 'lamp:p/1' as StreamId;
  return { kind, schema, data, stream, version: 7, position: 9, actor: 'mesh', at: '', unit: '', hash: '' };
}

describe('reading what older versions wrote', () => {
  it('brings every schema to the current one, through all steps in between', () => {
    const now = { kind: 'lamp.lit', data: { watts: 60, colour: 'white' } };
    expect(upcast(kinds, stored('lamp.lit', 1, { watts: '60' }))).toEqual(now);
    expect(upcast(kinds, stored('lamp.lit', 2, { watts: 60 }))).toEqual(now);
    expect(upcast(kinds, stored('lamp.lit', 3, { watts: 60, colour: 'white' }))).toEqual(now);
    expect(schemaOf(kinds, 'lamp.lit')).toBe(3);
    expect(schemaOf(kinds, 'lamp.broken')).toBe(1);
  });

  it('leaves the stored event as it is: its hash is over that', () => {
    const event = stored('lamp.lit', 1, { watts: '60' });
    upcast(kinds, event);
    expect(event).toEqual(stored('lamp.lit', 1, { watts: '60' }));
  });
});

describe('reading what a newer version wrote', () => {
  it.each([
    ['a kind', stored('lamp.sung', 1, {})],
    ['a schema', stored('lamp.lit', 4, { watts: 60 })],
    ['a schema that never was', stored('lamp.lit', 0, {})],
    ['a name that every object has', stored('constructor', 1, {})],
  ])('stops at %s that this version does not know, and says where and what to do', (_, event) => {
    let error: unknown;
    try {
      upcast(kinds, event);
    } catch (thrown) {
      error = thrown;
    }
    expect(isUnknownEvent(error)).toBe(true);
    expect(error).toMatchObject({
      code: 'event_unknown',
      message: `lamp:p/1 version 7 is ${event.kind} of schema ${event.schema}, which this Meshwright does not know`,
      hint: expect.stringContaining('update'),
    });
    expect(isKnown(kinds, event)).toBe(false);
  });
});
