import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import { streamId } from '../journal/event.ts';
import { createMemoryJournal } from '../journal/in-memory.ts';
import { decideContest, decideRecord, decideRetire, expireDue, type NewRecord } from './decide-record.ts';
import { findBinding, type Memory } from './memory-state.ts';
import { openMemory, readMemory, recordDecision, writeMemory } from './memory-store.ts';

const project = 'orders';
const key = { kind: 'requirement_ambiguity', topic: 'export.timezone', scope: 'mesh' };
const nowMs = Date.parse('2026-11-21T12:00:00.000Z');

function wanted(statement: string, changes: Partial<NewRecord> = {}): NewRecord {
  return {
    kind: 'decision',
    answers: key.kind,
    topic: key.topic,
    scope: key.scope,
    statement,
    reasons: '',
    rejected: [],
    source: { from: 'person', by: '@sarah-pm' },
    validUntil: null,
    check: null,
    status: 'active',
    supersedes: [],
    why: '',
    by: '@sarah-pm',
    ...changes,
  };
}

const fromQuestion = (question: string, by: string | null = '@sarah-pm') => ({
  source: { from: 'question' as const, question, by, isDefault: by === null },
});

function aMemory() {
  const journal = createMemoryJournal({ clock: systemClock });
  const door = { journal, newId, project, actor: 'mesh' };
  return {
    journal,
    door,
    record: (statement: string, changes: Partial<NewRecord> = {}, at = nowMs) =>
      recordDecision(door, wanted(statement, changes), at),
    read: () => readMemory(journal, project),
    statuses: async () =>
      [...(await readMemory(journal, project)).records.values()].map(({ id, status }) => `${id} ${status}`),
  };
}

describe('a record', () => {
  it('binds the same kind, topic and scope, and nothing that is merely near', async () => {
    const memory = aMemory();
    await memory.record('Export UTC', { scope: 'paths:src/b/**,src/a/**' });
    const now = await memory.read();
    const find = (changes: Partial<typeof key>) =>
      findBinding(now, { ...key, scope: 'paths:src/a/**,src/b/**', ...changes }, nowMs)?.id;
    expect(find({})).toBe('D-1');
    expect(find({ topic: 'Export timezone' })).toBe('D-1');
    expect(find({ kind: 'technical_tradeoff' })).toBeUndefined();
    expect(find({ topic: 'export.time' })).toBeUndefined();
    expect(find({ scope: 'mesh' })).toBeUndefined();
  });

  it('is written once for the same statement, and once for the same question', async () => {
    const memory = aMemory();
    const first = await memory.record('Export UTC', fromQuestion('Q-1'));
    expect((await memory.record('Export  UTC\n', fromQuestion('Q-2'))).id).toBe(first.id);
    expect((await memory.record('Export local time', fromQuestion('Q-1'))).id).toBe(first.id);
    expect((await memory.read()).version).toBe(1);
  });

  it('gets an id of its kind that no other has, and the time of its event', async () => {
    const memory = aMemory();
    const ids: string[] = [];
    for (const kind of ['decision', 'pattern', 'decision', 'rule'] as const)
      ids.push((await memory.record(`${kind} ${ids.length}`, { kind, answers: null })).id);
    expect(ids).toEqual(['D-1', 'P-1', 'D-2', 'R-1']);
    const [stored] = await memory.journal.read(streamId('memory', project));
    expect((await memory.read()).records.get('D-1')?.recordedAt).toBe(stored?.at);
  });

  it('that is proposed binds nobody and contradicts nobody', async () => {
    const memory = aMemory();
    await memory.record('Export local time', { status: 'proposed' });
    expect(findBinding(await memory.read(), key, nowMs)).toBeNull();
    await memory.record('Export UTC');
    expect(await memory.statuses()).toEqual(['D-1 proposed', 'D-2 active']);
  });
});

describe('a contradiction', () => {
  it('contests both at once, neither binds, and the mesh is told in the same unit', async () => {
    const memory = aMemory();
    await memory.record('Export UTC');
    const second = await memory.record('Export local time');
    expect(second).toMatchObject({ id: 'D-2', status: 'contested', contests: ['D-1'] });
    expect(await memory.statuses()).toEqual(['D-1 contested', 'D-2 contested']);
    expect(findBinding(await memory.read(), key, nowMs)).toBeNull();
    const told = await memory.journal.inbox(streamId('mesh', project));
    expect(told).toMatchObject([{ kind: 'memory.contested', data: { ids: ['D-1', 'D-2'] } }]);
    const events = await memory.journal.read(streamId('memory', project));
    expect(new Set(events.slice(1).map(({ unit }) => unit)).size).toBe(1);
  });

  it('is over when a person answers that very question: the answer takes the place of both', async () => {
    const memory = aMemory();
    await memory.record('Export UTC');
    await memory.record('Export local time');
    await memory.record('Export UTC', fromQuestion('Q-3'));
    expect(await memory.statuses()).toEqual(['D-1 superseded', 'D-2 superseded', 'D-3 active']);
  });

  it('is not over by a default: nobody ruled', async () => {
    const memory = aMemory();
    await memory.record('Export UTC');
    await memory.record('Export local time');
    await memory.record('Export both', fromQuestion('Q-3', null));
    expect(await memory.statuses()).toEqual(['D-1 contested', 'D-2 contested', 'D-3 contested']);
  });

  it('is over when all but one are gone, and only then', async () => {
    const memory = aMemory();
    for (const statement of ['UTC', 'local', 'both']) await memory.record(statement);
    const retire = (id: string) =>
      writeMemory(memory.door, (now) => decideRetire(now, id, '@sarah-pm', 'wrong'));
    await retire('D-1');
    expect(findBinding(await memory.read(), key, nowMs)).toBeNull();
    await retire('D-3');
    expect(findBinding(await memory.read(), key, nowMs)?.id).toBe('D-2');
  });

  it('that a person sees between different topics is one too', async () => {
    const memory = aMemory();
    await memory.record('Export UTC');
    await memory.record('All times are local', { topic: 'dates.display' });
    const contest = () =>
      writeMemory(memory.door, (now) => decideContest(now, ['D-1', 'D-2'], 'UTC is not local'));
    const { version } = await contest();
    expect(await memory.statuses()).toEqual(['D-1 contested', 'D-2 contested']);
    expect((await contest()).version).toBe(version);
  });

  it('is none between patterns of one topic: they answer no question', async () => {
    const memory = aMemory();
    await memory.record('Log with ids', { kind: 'pattern', answers: null });
    await memory.record('Log as JSON', { kind: 'pattern', answers: null });
    expect(await memory.statuses()).toEqual(['P-1 active', 'P-2 active']);
  });
});

describe('what takes the place of another', () => {
  it('holds instead, and says so on both sides', async () => {
    const memory = aMemory();
    await memory.record('Export UTC', fromQuestion('Q-1', null));
    const ruling = { ...fromQuestion('Q-1'), supersedes: ['D-1'], why: 'overturned' };
    await memory.record('Export local time', ruling);
    expect((await memory.read()).records.get('D-1')).toMatchObject({
      status: 'superseded',
      supersededBy: 'D-2',
    });
    expect(findBinding(await memory.read(), key, nowMs)?.statement).toBe('Export local time');
    // The same word again, after a crash.
    expect((await memory.record('Export local time', ruling)).id).toBe('D-2');
    expect((await memory.read()).records.size).toBe(2);
  });
});

describe('a time that is over', () => {
  const later = nowMs + 60_000;
  const until = { validUntil: new Date(later).toISOString() };

  it('ends what it bounds by the clock, before anybody has written it down', async () => {
    const memory = aMemory();
    await memory.record('Export UTC', until);
    const now = await memory.read();
    expect(findBinding(now, key, later - 1)?.id).toBe('D-1');
    expect(findBinding(now, key, later)).toBeNull();
  });

  it('is written down by whoever writes next, and contradicts nothing new', async () => {
    const memory = aMemory();
    await memory.record('Export UTC', until);
    await memory.record('Export local time', {}, later);
    expect(await memory.statuses()).toEqual(['D-1 expired', 'D-2 active']);
  });

  it('leaves what it had contradicted alone', async () => {
    const memory = aMemory();
    await memory.record('Export UTC', until);
    await memory.record('Export local time');
    await writeMemory(memory.door, (now) => expireDue(now, later));
    expect(await memory.statuses()).toEqual(['D-1 expired', 'D-2 active']);
  });
});

describe('a reader that stays open', () => {
  it('sees what others wrote since, and reads only that', async () => {
    const memory = aMemory();
    const asked: (number | undefined)[] = [];
    const read = openMemory(
      {
        read(stream, options) {
          asked.push(options?.after);
          return memory.journal.read(stream, options);
        },
      },
      project,
    );
    await memory.record('Export UTC');
    expect((await read()).records.size).toBe(1);
    await memory.record('Export local time');
    expect((await read()).records.get('D-1')?.status).toBe('contested');
    expect(asked).toEqual([0, 1]);
  });
});

type Step = (memory: Memory, at: number) => ReturnType<typeof expireDue>;

const id = fc.constantFrom('D-1', 'D-2', 'D-3', 'D-4', 'D-5');
const steps = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({
        statement: fc.constantFrom('UTC', 'local', 'both'),
        topic: fc.constantFrom('export.timezone', 'export.format'),
        question: fc.option(fc.constantFrom('Q-1', 'Q-2', 'Q-3')),
        isDefault: fc.boolean(),
        supersedes: fc.uniqueArray(id, { maxLength: 2 }),
        lastsMs: fc.option(fc.integer({ min: 1, max: 5 })),
        status: fc.constantFrom('active' as const, 'proposed' as const),
      })
      .map(({ statement, topic, question, isDefault, supersedes, lastsMs, status }): Step => {
        const source = question === null ? {} : fromQuestion(question, isDefault ? null : '@sarah-pm');
        return (memory, at) => {
          const validUntil = lastsMs === null ? null : new Date(at + lastsMs).toISOString();
          const given = wanted(statement, { topic, supersedes, status, validUntil, ...source });
          return decideRecord(memory, given, at).events;
        };
      }),
  },
  fc.uniqueArray(id, { minLength: 2, maxLength: 3 }).map(
    (ids): Step =>
      (memory) =>
        decideContest(memory, ids, ''),
  ),
  id.map(
    (each): Step =>
      (memory) =>
        decideRetire(memory, each, '@sarah-pm', ''),
  ),
  fc.constant<Step>((memory, at) => expireDue(memory, at)),
);

describe('whatever is written in whatever order', () => {
  it('no two active records answer the same question differently, and no contested one binds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 25 }), async (writes) => {
        const { door } = aMemory();
        for (const [index, decide] of writes.entries()) {
          const at = nowMs + index;
          const { records } = await writeMemory(door, (memory) => decide(memory, at));
          const active = [...records.values()].filter(({ status }) => status === 'active');
          const said = new Map<string, string>();
          for (const { answers, topic, scope, statement } of active) {
            const question = `${answers} ${topic} ${scope}`;
            expect(said.get(question) ?? statement).toBe(statement);
            said.set(question, statement);
            const bound = findBinding({ records, version: 0 }, { ...key, topic, scope }, at);
            expect(bound?.status ?? 'active').toBe('active');
          }
          for (const record of records.values())
            if (record.status === 'contested')
              expect(record.contests.some((other) => records.get(other)?.status === 'contested')).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
