/**
 * Journals that earlier versions wrote, exported from real runs, must fold in this one to what was known then. When a
 * test here fails, the code is wrong, never the recording: a changed shape needs an upcaster (docs/upgrade.md).
 */
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/base/json.ts';
import { itemKinds } from '../../src/items/item-kinds.ts';
import { foldItemEvents } from '../../src/items/item-stream.ts';
import type { StoredEvent } from '../../src/journal/event.ts';
import { verifyChain } from '../../src/journal/hash-chain.ts';
import { schemaOf } from '../../src/journal/upcast.ts';
import { factsOfTape } from './facts.ts';
import { foldRecordedTape, type RecordedJournal, readRecordedJournals } from './read-recorded.ts';

const journals = readRecordedJournals();

function streamsOf(journal: RecordedJournal, prefix: string): [string, StoredEvent[]][] {
  const found = [...journal.streams].filter(([stream]) => stream.startsWith(prefix));
  expect(found).not.toHaveLength(0);
  return found;
}

it('there is a recording of every way that an item could go in 0.1.0', () => {
  const kinds = journals.flatMap((journal) => [...journal.streams.values()].flat().map(({ kind }) => kind));
  expect([...new Set(kinds)]).toEqual(expect.arrayContaining(kindsOf010));
});

describe.each(journals.map((journal) => [journal.name, journal] as const))('%s', (_, journal) => {
  it('is whole: every hash chain and every blob is what it was', () => {
    for (const [stream, events] of journal.streams)
      expect(verifyChain(events), stream).toEqual({ isIntact: true });
    for (const [hash, text] of journal.blobs) expect(sha256Hex(text)).toBe(hash);
  });

  it('still folds every item to what was known of it, and at every moment before', () => {
    for (const [stream, events] of streamsOf(journal, 'item:')) {
      expect(foldItemEvents(events), stream).toMatchObject(journal.expected.items[stream] ?? {});
      for (let version = 1; version < events.length; version += 1)
        expect(foldItemEvents(events.slice(0, version)).eventCount).toBe(version);
    }
    expect(streamsOf(journal, 'item:').map(([stream]) => stream)).toEqual(
      Object.keys(journal.expected.items),
    );
  });

  it('still folds every tape to what was said, done and spent', async () => {
    for (const [stream, events] of streamsOf(journal, 'agent:')) {
      const facts = factsOfTape(await foldRecordedTape(journal, events));
      expect(facts, stream).toMatchObject(journal.expected.tapes[stream] ?? {});
      expect(facts.costMicroUsd, stream).toBe(journal.expected.spentMicroUsd[stream]);
    }
    expect(Object.keys(journal.expected.tapes).sort()).toEqual(
      streamsOf(journal, 'agent:')
        .map(([stream]) => stream)
        .sort(),
    );
  });

  it('still adds up: an item cost what its agents cost', async () => {
    for (const [stream] of streamsOf(journal, 'item:')) {
      const agents = [...journal.streams].filter(([id]) =>
        id.startsWith(`${stream.replace('item:', 'agent:')}/`),
      );
      let spent = 0;
      for (const [, events] of agents) spent += (await foldRecordedTape(journal, events)).costMicroUsd;
      expect(spent, stream).toBe(journal.expected.spentMicroUsd[stream] ?? 0);
    }
  });
});

describe('a later version', () => {
  const started = journals
    .flatMap((journal) => [...journal.streams.values()])
    .find((events) => events[0]?.kind === 'item.added');
  const history = started ?? [];

  it.each([
    ['a kind', { kind: 'item.split', schema: 1 }],
    ['a schema', { kind: 'item.ready', schema: schemaOf(itemKinds, 'item.ready') + 1 }],
  ])(
    'that wrote %s this one does not know stops the fold there, saying so, and nothing is guessed',
    (__, change) => {
      const last = history.at(-1);
      if (!last) throw new Error('nothing was recorded');
      const next: StoredEvent = { ...last, ...change, version: last.version + 1 };
      expect(() => foldItemEvents([...history, next])).toThrowError(
        expect.objectContaining({
          code: 'event_unknown',
          message: expect.stringContaining(`version ${next.version} is ${change.kind} of schema`),
        }),
      );
    },
  );
});

it('a recording that is changed in one letter is not whole any more', () => {
  const events = [...(journals[0]?.streams.values() ?? [])].find((each) => each.length > 3) ?? [];
  const changed = events.map((event, index) =>
    index === 1 ? { ...event, actor: `${event.actor}x` } : event,
  );
  expect(verifyChain(changed)).toMatchObject({ isIntact: false, brokenVersion: 2 });
});

const kindsOf010 = [
  ...['mesh.created', 'mesh.notified', 'cluster.created', 'landing.intended', 'landing.finished'],
  ...['item.added', 'item.routed', 'item.started', 'item.ready', 'item.accepted', 'item.landed'],
  ...[
    'item.landing_refused',
    'item.sent_back',
    'item.paused',
    'item.resumed',
    'item.rejected',
    'item.canceled',
  ],
  ...['phase.entered', 'step.started', 'step.finished', 'step.failed', 'gate.started', 'gate.judged'],
  ...['agent.seated', 'agent.finished', 'artifact.delivered', 'tool.call_intended', 'tool.call_finished'],
  ...['model.call_intended', 'model.call_finished', 'model.call_failed', 'model.call_refused'],
];
