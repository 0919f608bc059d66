import { expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import { createRedactor } from '../secrets/redactor.ts';
import { streamId } from './event.ts';
import { createMemoryJournal } from './in-memory.ts';
import { redactJournal } from './redact-journal.ts';

const value = 'npm_a8Fk29sLq0Zx7Tt41mWc';

it('no event, message or blob is stored with a secret, and what is looked up is found', async () => {
  const inner = createMemoryJournal({ clock: systemClock });
  const journal = redactJournal(inner, createRedactor([{ name: 'T', value }]));
  const [stream, other] = [streamId('item', 'orders', 1), streamId('mesh', 'orders')];
  const message = { kind: 'note', actor: 'person:ada', data: { text: value } };
  const outcome = await journal.append({
    id: newId(),
    project: 'orders',
    stream,
    expectedVersion: 0,
    fence: null,
    events: [{ kind: 'item.noted', schema: 1, actor: 'person:ada', data: { [value]: [value, 1] } }],
    posts: [{ stream: other, id: 'in-a-unit', ...message }],
  });
  await journal.post('orders', { stream: other, id: 'alone', ...message });
  expect(outcome).toMatchObject({ events: [{ data: { '[secret:T]': ['[secret:T]', 1] } }] });
  expect((await inner.inbox(other)).map(({ id, data }) => [id, data.text])).toEqual([
    ['in-a-unit', '[secret:T]'],
    ['alone', '[secret:T]'],
  ]);
  const hash = await journal.putBlob(Buffer.from(`text ${value}`));
  expect(Buffer.from((await inner.getBlob(hash)) ?? []).toString()).toBe('text [secret:T]');
  const bytes = Uint8Array.from([0xff, 0, 0xfe]);
  expect(await inner.getBlob(await journal.putBlob(bytes))).toEqual(bytes);
  await journal.close();
});
