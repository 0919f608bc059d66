/** Whose word counts: the right person, deputies and fallbacks; anyone else, and any further word, is kept and told so. */
import { describe, expect, it } from 'vitest';
import { streamId } from '../../src/journal/event.ts';
import { minuteMs, openDeskWorld, project } from './desk-world.ts';
import { alwaysThere, sampleMap } from './people.ts';

describe('an answer', () => {
  it('of somebody who is not asked is refused, kept, and says who is', async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    world.work();
    await world.ask('requirement_ambiguity');
    const said = await world.say('marketing-ops', 'Q-1', '2');
    expect(said).toEqual({ isAccepted: false, line: expect.stringContaining('@sarah-pm is asked') });
    const state = await world.question(1);
    expect(state.refused).toMatchObject([{ by: '@marketing-ops', said: 'option 2', why: 'not_theirs' }]);
    expect(state.answer).toBeNull();
  });

  it.each([
    ['the fallback', '@alex-engineering-lead'],
    ["the primary's deputy", '@product-channel'],
  ])('of %s counts', async (_, by) => {
    const map = sampleMap(`people:
  "@sarah-pm": { deputy: "@product-channel" }
  "@alex-engineering-lead": { role: engineering_lead }
  "@cto-channel": { role: cto }
`);
    const world = await openDeskWorld({ map });
    world.work();
    await world.ask('requirement_ambiguity');
    expect(await world.say(by, 'Q-1', '2')).toMatchObject({ isAccepted: true });
    expect((await world.recorded(1)).answer?.by).toBe(by);
  });

  it('that comes twice, or says otherwise later, changes nothing: the first one rules', async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    world.work();
    await world.ask('requirement_ambiguity');
    await world.say('@sarah-pm', 'Q-1', '2');
    await world.recorded(1);
    const [again, other] = [
      await world.say('@sarah-pm', 'Q-1', '2'),
      await world.say('@alex-engineering-lead', 'Q-1', '1'),
    ];
    expect([again.isAccepted, other.isAccepted]).toEqual([false, false]);
    const { refused, answer } = await world.question(1);
    expect(refused.map(({ why }) => why)).toEqual(['again', 'contradictory']);
    expect(answer?.answer).toEqual({ option: 2, text: null });
    expect((await world.memory()).records.size).toBe(1);
  });

  it('with a number that is no option, or that could mean anything, changes nothing and says what to type', async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    await world.ask('requirement_ambiguity');
    for (const text of ['7', 'yes'])
      expect(await world.say('@sarah-pm', 'Q-1', text)).toEqual({
        isAccepted: false,
        line: expect.stringContaining('from 1 to 3'),
      });
    expect(await world.questionEvents(1)).toEqual(['asked']);
  });

  it('may not be longer than people write', async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    await world.ask('requirement_ambiguity');
    await expect(world.say('@sarah-pm', 'Q-1', 'x'.repeat(2_001))).rejects.toThrow(/at most 2000/);
    await expect(world.say('@sarah-pm', 'Q-9', '1')).rejects.toThrow(/no question Q-9/);
    await expect(world.say('@sarah-pm', 'A-1', '1')).rejects.toThrow(/not the name of a question/);
  });
});

describe('"not mine, this is kind X"', () => {
  it('asks the people of that kind, and is remembered as misclassified', async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    world.work();
    await world.ask('requirement_ambiguity');
    await world.until('it is asked', async () => (await world.question(1)).asks.length === 1);
    await world.say('@sarah-pm', 'Q-1', 'not mine, compliance_question');
    const state = await world.until('the others are asked', async () => {
      const now = await world.question(1);
      return now.asks.length === 2 && now;
    });
    expect(state).toMatchObject({
      addressee: '@compliance-team',
      kind: 'compliance_question',
      misclassified: [{ by: '@sarah-pm', fromKind: 'requirement_ambiguity', toKind: 'compliance_question' }],
    });
  });
});

describe('the same question', () => {
  it('asked by two clusters through two workers at once is one: both hear the one answer', async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    world.work();
    world.work();
    const asked = await Promise.all(Array.from({ length: 6 }, () => world.ask('requirement_ambiguity')));
    expect(new Set(asked.map(({ name }) => name))).toEqual(new Set(['Q-1']));
    await world.say('@sarah-pm', 'Q-1', '3');
    await world.recorded(1);
    const told = await world.journal.inbox(streamId('item', project, 3));
    expect(new Set(told.map(({ data }) => data.agent)).size).toBe(6);
  });

  it('is asked of nobody once memory holds the answer: what is still open then is answered by it', async () => {
    const world = await openDeskWorld({ map: alwaysThere });
    await world.ask('architectural_decision', { scope: 'item:3' });
    await world.ask('architectural_decision', { scope: 'mesh' });
    world.work();
    await world.until('both are asked', async () => (await world.question(2)).asks.length === 1);
    await world.say('@alex-engineering-lead', 'Q-1', '2');
    expect(await world.recorded(2)).toMatchObject({ status: 'remembered', recorded: { decision: 'D-1' } });
  });
});

it('a question that nobody waits for any more is withdrawn, and people are told', async () => {
  const world = await openDeskWorld({ map: alwaysThere });
  world.work();
  const { askers } = await world.ask('gtm_dependency');
  await world.until('it is asked', async () => world.deliveries.length === 1);
  await world.journal.post(project, {
    stream: streamId('mesh', project),
    id: 'dropped/1',
    kind: 'ask.dropped',
    actor: streamId('item', project, 3),
    data: { ask: 'Q-1', agent: askers[0]?.agent ?? '', why: 'item 3 was canceled' },
  });
  expect(await world.recorded(1)).toMatchObject({ status: 'withdrawn', askers: [] });
  await world.until('the word', async () => world.deliveries.length === 2);
  expect(world.deliveries[1]?.notice).toMatchObject({ about: 'update', isSettled: true });
});

it('where a channel has no way to somebody nothing is ordered, and the question stays theirs', async () => {
  const channel = {
    name: 'slack',
    reaches: () => false,
    deliver: async () => {
      throw new Error('nobody is there');
    },
  };
  const world = await openDeskWorld({ map: alwaysThere, channel });
  world.work();
  await world.ask('requirement_ambiguity');
  await world.until('somebody is asked', async () => (await world.question(1)).asks.length > 0);
  expect(await world.question(1)).toMatchObject({
    addressee: '@sarah-pm',
    asks: [{ why: 'asked', deliveries: [] }],
  });
  expect(await world.journal.streams(project, { prefix: 'outbox:' })).toEqual([]);
});

it('a channel that gives up on the one who is asked has the next one asked', async () => {
  const channel = {
    name: 'slack',
    reaches: () => true,
    deliver: async () => ({
      ok: false as const,
      isFinal: true,
      message: 'no such channel',
      retryAfterMs: null,
    }),
  };
  const world = await openDeskWorld({ map: alwaysThere, channel });
  world.work();
  await world.ask('requirement_ambiguity');
  await world.until('the fallback is asked', async () =>
    (await world.question(1)).asks.some(
      ({ why, to }) => why === 'unreachable' && to === '@alex-engineering-lead',
    ),
  );
  world.advance(61 * minuteMs);
  expect((await world.recorded(1)).status).toBe('defaulted');
});
