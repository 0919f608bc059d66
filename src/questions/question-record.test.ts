import { describe, expect, it } from 'vitest';
import { anAsker, exportText, startMs } from '../../test/questions/asked.ts';
import { alwaysThere } from '../../test/questions/people.ts';
import { newId } from '../base/ids.ts';
import { streamId } from '../journal/event.ts';
import { createMemoryJournal } from '../journal/in-memory.ts';
import { routeOf } from '../policy/route-of.ts';
import { judgeAnswer } from './judge-answer.ts';
import { openQuestion, type QuestionDraft } from './open-question.ts';
import { askSettled, type QuestionKey } from './question.ts';
import { type QuestionEvent, questionStream } from './question-event.ts';
import { questionChanged, readOpenQuestions, readQuestion, writeQuestion } from './question-record.ts';

const project = 'orders';
const key: QuestionKey = { kind: 'requirement_ambiguity', topic: 'export.timezone', scope: 'mesh' };
const clock = { now: () => startMs, monotonicMs: () => 0, sleep: async () => {} };

function aDesk() {
  const journal = createMemoryJournal({ clock });
  const open = (draft: Partial<QuestionDraft> = {}) =>
    openQuestion({
      journal,
      newId,
      project,
      actor: 'mesh:orders',
      nowMs: startMs,
      stakeholders: alwaysThere,
      draft: {
        key,
        text: exportText,
        route: routeOf(alwaysThere, key.kind),
        asker: anAsker(),
        cluster: 'main',
        once: null,
        ...draft,
      },
    });
  const write = (number: number, ...events: QuestionEvent[]) =>
    writeQuestion({ journal, newId, project, number, actor: 'person:sarah-pm', decide: () => ({ events }) });
  const inbox = async (unit: 'mesh' | number) => {
    const stream = unit === 'mesh' ? streamId('mesh', project) : streamId('item', project, unit);
    return (await journal.inbox(stream)).map(({ kind, data }) => ({ kind, data }));
  };
  return { journal, open, write, inbox };
}

const answered: QuestionEvent = {
  kind: 'question.answered',
  data: { by: '@sarah-pm', via: 'cli', answer: { option: 2, text: null } },
};
const recorded: QuestionEvent = { kind: 'question.recorded', data: { decision: 'D-1' } };

describe('opening a question', () => {
  it('gives it the next number and a deadline, and wakes the desk', async () => {
    const { open, inbox } = aDesk();
    await open();
    const second = await open({ key: { ...key, topic: 'export.format' }, asker: anAsker(4) });
    expect(second).toMatchObject({
      name: 'Q-2',
      status: 'asked',
      addressee: '@sarah-pm',
      dueAt: new Date(startMs + 3_600_000).toISOString(),
    });
    expect(await inbox('mesh')).toEqual([
      { kind: questionChanged, data: { question: 'Q-1', number: 1 } },
      { kind: questionChanged, data: { question: 'Q-2', number: 2 } },
    ]);
  });

  it('joins the one that asks the same, and only that one', async () => {
    const { journal, open } = aDesk();
    await open();
    const same = await open({ asker: anAsker(4) });
    const others = await Promise.all([
      open({ key: { ...key, scope: 'item:4' }, asker: anAsker(4, 'b') }),
      open({ key: { ...key, kind: 'gtm_dependency' }, asker: anAsker(4, 'c') }),
      open({ key: { ...key, topic: 'export.format' }, asker: anAsker(4, 'd') }),
    ]);
    expect(same).toMatchObject({ number: 1, askers: [{ item: 3 }, { item: 4 }] });
    expect(others.map(({ number }) => number).sort()).toEqual([2, 3, 4]);
    expect((await readOpenQuestions(journal, project)).size).toBe(4);
  });

  it('merges what twenty ask at the same moment', async () => {
    const { journal, open } = aDesk();
    const opened = await Promise.all(
      Array.from({ length: 20 }, (_, item) => open({ asker: anAsker(item + 1) })),
    );
    expect(new Set(opened.map(({ number }) => number))).toEqual(new Set([1]));
    expect((await readQuestion(journal, project, 1))?.askers.length).toBe(20);
  });

  it('gives each a number of its own, when twenty ask different things at the same moment', async () => {
    const { open } = aDesk();
    const opened = await Promise.all(
      Array.from({ length: 20 }, (_, item) =>
        open({ asker: anAsker(item + 1), key: { ...key, topic: `export.${item}` } }),
      ),
    );
    expect(opened.map(({ number }) => number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, at) => at + 1),
    );
  });

  it('joins one that another process opens while it looks for its number', async () => {
    const { journal, open } = aDesk();
    const { streamHead } = journal;
    let isFirst = true;
    journal.streamHead = async (stream) => {
      if (isFirst) {
        isFirst = false;
        await open({ asker: anAsker(4) });
      }
      return streamHead(stream);
    };
    expect(await open()).toMatchObject({ number: 1, askers: [{ item: 4 }, { item: 3 }] });
  });

  it.each([
    ['open', []],
    ['answered', [answered]],
    ['answered and in memory', [answered, recorded]],
  ])(
    'finds its own again when the same call is made after a crash, also when it is %s',
    async (_, events) => {
      const { open, write, journal } = aDesk();
      await open();
      await open({ asker: anAsker(9), key: { ...key, topic: 'export.format' } });
      if (events.length > 0) await write(1, ...events);
      const again = await open();
      expect(again).toMatchObject({ number: 1, askers: [{ item: 3 }] });
      expect(await journal.streamHead(questionStream(project, 3))).toBeUndefined();
    },
  );

  it('of the product itself returns the one that is open, or was asked for the same cause', async () => {
    const { open, write } = aDesk();
    const own = { asker: null, once: 'gap/pricing' };
    await open(own);
    expect(await open({ asker: null })).toMatchObject({ number: 1 });
    await write(1, answered, recorded);
    expect(await open(own)).toMatchObject({ number: 1, status: 'answered' });
    expect(await open({ asker: null })).toMatchObject({ number: 2 });
  });

  it('tells a later asker at once, when the answer has come and is not in memory yet', async () => {
    const { open, write, inbox } = aDesk();
    await open();
    await write(1, answered);
    await open({ asker: anAsker(4) });
    expect(await inbox(4)).toMatchObject([{ kind: askSettled, data: { ask: 'Q-1', how: 'answered' } }]);
    expect(await inbox(3)).toHaveLength(1);
  });

  it('asks anew what was withdrawn', async () => {
    const { open, write } = aDesk();
    await open();
    await write(1, { kind: 'question.withdrawn', data: { why: 'canceled' } });
    expect(await open({ asker: anAsker(4) })).toMatchObject({ number: 2 });
  });
});

describe('a settled question', () => {
  it.each<[string, QuestionEvent, object]>([
    ['answered', answered, { how: 'answered', by: '@sarah-pm' }],
    [
      'defaulted',
      { kind: 'question.defaulted', data: { option: 1, asked: ['@sarah-pm'], why: 'no answer' } },
      { how: 'defaulted', by: null },
    ],
    [
      'remembered',
      { kind: 'question.remembered', data: { decision: 'D-4', text: 'Export UTC' } },
      { how: 'remembered', by: null },
    ],
    ['withdrawn', { kind: 'question.withdrawn', data: { why: 'canceled' } }, { how: 'withdrawn', by: null }],
  ])('that is %s tells each of those who asked once', async (_, event, told) => {
    const { open, write, inbox } = aDesk();
    await open();
    await open({ asker: anAsker(4) });
    await write(1, event);
    await write(1, recorded);
    for (const item of [3, 4]) {
      const { agent, call, step } = anAsker(item);
      expect(await inbox(item)).toMatchObject([
        { kind: askSettled, data: { ask: 'Q-1', agent, call, step, ...told } },
      ]);
    }
  });

  it('tells nobody who has left', async () => {
    const { open, write, inbox } = aDesk();
    await open();
    await open({ asker: anAsker(4) });
    await write(1, { kind: 'question.left', data: { agent: anAsker(3).agent, why: 'canceled' } });
    await write(1, answered);
    expect(await inbox(3)).toEqual([]);
    expect(await inbox(4)).toHaveLength(1);
  });

  it('is with the mesh until it is in memory, and again when its default is overturned', async () => {
    const { journal, open, write } = aDesk();
    const openNumbers = async () => [...(await readOpenQuestions(journal, project)).keys()];
    await open();
    await write(1, { kind: 'question.defaulted', data: { option: 1, asked: [], why: 'no answer' } });
    expect(await openNumbers()).toEqual([1]);
    await write(1, recorded);
    expect(await openNumbers()).toEqual([]);
    await writeQuestion({
      journal,
      newId,
      project,
      number: 1,
      actor: 'person:sarah-pm',
      decide: (state) =>
        judgeAnswer(state, { by: '@sarah-pm', via: 'cli' }, { option: 2, text: null }, alwaysThere),
    });
    expect(await openNumbers()).toEqual([1]);
    await write(1, { kind: 'question.recorded', data: { decision: 'D-2' } });
    expect(await openNumbers()).toEqual([]);
  });

  it('has one ruling, however many answer at the same moment', async () => {
    const { journal, open, inbox } = aDesk();
    await open();
    const answer = (option: number) =>
      writeQuestion({
        journal,
        newId,
        project,
        number: 1,
        actor: 'person:sarah-pm',
        decide: (state) =>
          judgeAnswer(state, { by: '@sarah-pm', via: 'cli' }, { option, text: null }, alwaysThere),
      });
    await Promise.all([1, 2, 3, 1].map(answer));
    const state = await readQuestion(journal, project, 1);
    expect(state?.refused.length).toBe(3);
    expect(await inbox(3)).toHaveLength(1);
  });
});

it('what people type is stored whatever is in it', async () => {
  const { journal, open, write } = aDesk();
  await open();
  const answer = { option: null, text: 'UTC\u0000 \ud800' };
  await write(1, { kind: 'question.answered', data: { by: '@sarah-pm', via: 'slack', answer } });
  expect((await readQuestion(journal, project, 1))?.answer?.answer.text).toBe('UTC\ufffd \ufffd');
});

it('a question that is not there is none, and is not written', async () => {
  const { journal, write } = aDesk();
  expect(await readQuestion(journal, project, 8)).toBeNull();
  expect(await write(8, answered)).toBeNull();
});

it('what has not changed since the last reading is not read again', async () => {
  const { journal, open, write } = aDesk();
  await open();
  await open({ asker: anAsker(4), key: { ...key, topic: 'export.format' } });
  const known = await readOpenQuestions(journal, project);
  await write(2, answered);
  const reads: string[] = [];
  const read: typeof journal.read = (stream, options) => {
    reads.push(stream);
    return journal.read(stream, options);
  };
  const now = await readOpenQuestions({ ...journal, read }, project, known);
  expect(reads).toEqual([questionStream(project, 2)]);
  expect([...now.values()]).toMatchObject([{ status: 'asked' }, { status: 'answered' }]);
});
