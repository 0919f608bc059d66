/** Questions in Slack from end to end, by Socket Mode and by signed HTTP: worker, desk and database are real, so are Bolt and the Web API. */
import { describe, expect, it, vi } from 'vitest';
import { streamId } from '../../src/journal/event.ts';
import { messageEvent } from '../doubles/slack-front.ts';
import { minuteMs } from '../questions/desk-world.ts';
import { openSlackDesk, type SlackDesk, soon } from './slack-desk-world.ts';

const first = streamId('question', 'test', 1);
const timeoutMs = 120_000;

describe.each(['socket', 'http'] as const)('by %s', (mode) => {
  it(
    'a question is posted once; the right person answers in its thread; later words there get a polite line',
    async () => {
      const desk = await openSlackDesk(mode);
      await desk.ask('requirement_ambiguity');
      const place = await desk.posted();
      const [message] = await desk.messages();
      expect(message?.text).toContain('Decision needed: time zone of the export — 60 min SLA (Q-1)');
      expect(JSON.stringify(message?.blocks)).toContain(`<@${await desk.emulator.memberId('sarah')}>`);
      await untilKnown(desk);

      await desk.reply('mallory', place, '1');
      await vi.waitFor(() => expect(desk.told().length).toBe(1), soon);
      await desk.reply('marketing', place, '3');
      await vi.waitFor(() => expect(desk.told().length).toBe(2), soon);
      expect((await desk.question(1)).status).toBe('notified');

      await desk.reply('sarah', place, '2, for admins only');
      expect(await desk.recorded(1)).toMatchObject({ status: 'answered', recorded: { decision: 'D-1' } });
      const [answered] = await desk.events(first, 'question.answered');
      expect(answered?.data).toMatchObject({
        by: '@sarah-pm',
        via: 'slack',
        answer: { option: 2, text: 'for admins only' },
      });
      await vi.waitFor(async () => expect(await hasButtons(desk)).toBe(false), soon);
      expect((await desk.messages()).filter(({ user }) => user === message?.user).length).toBe(1);

      await desk.reply('sarah', place, '1');
      await vi.waitFor(() => expect(desk.told().length).toBe(4), soon);
      const [stranger, notAsked, taken, late] = desk.told();
      expect(stranger).toContain('I do not know you, so this was not taken.');
      expect(notAsked).toBe('Q-1 is not yours to answer: @sarah-pm is asked');
      expect(taken).toContain('Q-1 is answered: option 2');
      expect(late).toContain('Q-1 was answered by @sarah-pm before, and that holds');
      // A stranger leaves no trace; who is listed does, whatever it was worth.
      expect(await refusedAnswers(desk)).toEqual([
        ['@marketing-ops', 'not_theirs'],
        ['@sarah-pm', 'contradictory'],
      ]);
    },
    timeoutMs,
  );

  it(
    'what bots say, what is edited or deleted, and threads that are not ours, change nothing',
    async () => {
      const desk = await openSlackDesk(mode);
      await desk.ask('requirement_ambiguity');
      const place = await desk.posted();
      for (const event of await eventsThatCountForNothing(desk, place)) await desk.send(messageEvent(event));
      await desk.reply('sarah', place, '3');
      await desk.recorded(1);
      const [answered] = await desk.events(first, 'question.answered');
      expect(answered?.data).toMatchObject({ answer: { option: 3 } });
      expect(await refusedAnswers(desk)).toEqual([]);
    },
    timeoutMs,
  );

  it(
    'reminded in its thread and in the channel, acknowledged and answered by button, once however often it is sent',
    async () => {
      const desk = await openSlackDesk(mode);
      await desk.ask('gtm_dependency', { topic: 'feature.name' });
      const place = await desk.posted('gtm-dependencies');
      desk.advance(241 * minuteMs);
      await vi.waitFor(async () => expect((await desk.messages('gtm-dependencies')).length).toBe(2), soon);
      const [asked, reminder] = await desk.messages('gtm-dependencies');
      expect(reminder?.thread_ts).toBe(asked?.ts);
      expect(reminder?.text).toContain('Reminder (ask 2)');
      const posts = desk.front.requests.filter(({ method }) => method === 'chat.postMessage');
      expect(posts.map(({ body }) => String(body.reply_broadcast ?? 'first'))).toEqual(['first', 'true']);

      await desk.press('marketing', place, 'acknowledge');
      await vi.waitFor(async () => expect((await desk.question(1)).status).toBe('acknowledged'), soon);
      const pressed = await desk.press('marketing', place, 'answer.1');
      await desk.send(pressed);
      expect(await desk.recorded(1)).toMatchObject({ status: 'answered' });
      await desk.send(pressed);
      expect((await desk.questionEvents(1)).filter((kind) => kind.startsWith('answer'))).toEqual([
        'answered',
      ]);
    },
    timeoutMs,
  );

  it(
    'the same event, the same message in another event, and both again after a restart, rule once',
    async () => {
      const desk = await openSlackDesk(mode);
      await desk.ask('requirement_ambiguity');
      const place = await desk.posted();
      const event = await desk.reply('sarah', place, '2');
      const other = { ...event, event_id: 'EvAnother' };
      await desk.send(event);
      await desk.send(other);
      await desk.recorded(1);
      expect(await refusedAnswers(desk)).toEqual([]);
      await desk.restart();
      await desk.send(event);
      await desk.send(other);
      // Only what a new process could not know is kept, as the same said again.
      await vi.waitFor(
        async () => expect(await refusedAnswers(desk)).toEqual([['@sarah-pm', 'again']]),
        soon,
      );
      expect((await desk.questionEvents(1)).filter((kind) => kind === 'answered').length).toBe(1);
      expect((await desk.memory()).records.size).toBe(1);
    },
    timeoutMs,
  );

  it(
    'not mine, of another kind: it is asked where that kind is asked, with buttons, and both places hear the end',
    async () => {
      const desk = await openSlackDesk(mode);
      await desk.ask('requirement_ambiguity');
      await desk.reply('sarah', await desk.posted(), 'not mine, gtm_dependency');
      const place = await desk.posted('gtm-dependencies');
      expect((await desk.question(1)).kind).toBe('gtm_dependency');
      await desk.press('marketing', place, 'answer.2');
      await desk.recorded(1);
      for (const channel of ['product-questions', 'gtm-dependencies'])
        await vi.waitFor(async () => expect(await hasButtons(desk, channel)).toBe(false), soon);
    },
    timeoutMs,
  );

  it(
    'a button of another project, or one that was tampered with, does nothing',
    async () => {
      const desk = await openSlackDesk(mode);
      await desk.ask('requirement_ambiguity');
      const place = await desk.posted();
      await untilKnown(desk);
      const before = await desk.questionEvents(1);
      const answer = { does: 'answer', ask: 'Q-1', option: 1, hash: null };
      for (const [project, value] of [
        ['other', JSON.stringify(answer)],
        ['test', JSON.stringify({ ...answer, option: 99 })],
        ['test', 'Q-1'],
      ]) {
        const action = { ...aButton, block_id: `meshwright/${project}/answers`, value };
        await desk.send(await desk.front.press('sarah', { ...place, action }));
      }
      expect(await desk.questionEvents(1)).toEqual(before);
      await desk.press('sarah', place, 'answer.1');
      expect(await desk.recorded(1)).toMatchObject({ answer: { by: '@sarah-pm' } });
    },
    timeoutMs,
  );
});

it(
  'by HTTP, what is not signed by Slack, or was signed long ago, is refused, and leaves no trace',
  async () => {
    const desk = await openSlackDesk('http');
    await desk.ask('requirement_ambiguity');
    const place = await desk.posted();
    await untilKnown(desk);
    const before = await desk.questionEvents(1);
    const said = await desk.front.say('sarah', { ...place, text: '1' });
    const value = JSON.stringify({ does: 'answer', ask: 'Q-1', option: 1, hash: null });
    const action = { ...aButton, block_id: 'meshwright/test/answers', value };
    const pressed = await desk.front.press('sarah', { ...place, action });
    for (const payload of [said, pressed])
      for (const signed of [{ secret: 'not-the-signing-secret' }, { ageSeconds: 600 }])
        expect([signed, await desk.send(payload, signed)]).toEqual([signed, 401]);
    expect(await desk.questionEvents(1)).toEqual(before);
    expect(desk.told()).toEqual([]);
    expect(await desk.send({ type: 'url_verification', challenge: 'c' })).toBe(200);
    expect(await desk.send(said)).toBe(200);
    expect(await desk.recorded(1)).toMatchObject({ answer: { by: '@sarah-pm' } });
  },
  timeoutMs,
);

const aButton = { type: 'button', action_id: 'meshwright.answer.1' };

/** Each would be an answer, were it said by that person in that thread. */
async function eventsThatCountForNothing(
  { emulator }: SlackDesk,
  { channel, threadTs: thread_ts }: { channel: string; threadTs: string },
): Promise<Record<string, unknown>[]> {
  const user = await emulator.memberId('sarah');
  const mallory = await emulator.memberId('mallory');
  const plain = { channel, user, text: '1', thread_ts };
  const rootOf = async (project: string, person?: string) => {
    const event_payload = { delivery: 'd', project, ask: 'Q-1', hash: '' };
    const metadata = { event_type: 'meshwright_delivery', event_payload };
    return (await emulator.call('chat.postMessage', { channel, text: 'Q-1', metadata }, person)).ts;
  };
  const lunch = (await emulator.call('chat.postMessage', { channel, text: 'lunch?' }, 'mallory')).ts;
  return [
    { ...plain, ts: '1.1', subtype: 'message_changed', message: { ...plain, text: '2' } },
    { ...plain, ts: '1.2', subtype: 'message_deleted' },
    { ...plain, ts: '1.3', bot_id: 'B1' },
    { ...plain, ts: '1.4', user: await emulator.memberId('meshwright') },
    { ...plain, ts: '1.5', thread_ts: undefined },
    { ...plain, ts: '1.6', thread_ts: lunch },
    { ...plain, ts: '1.7', thread_ts: lunch, parent_user_id: mallory },
    // Ours, but of another project; and one that only looks like ours.
    { ...plain, ts: '1.8', thread_ts: await rootOf('other') },
    { ...plain, ts: '1.9', thread_ts: await rootOf('test', 'mallory') },
  ];
}

/** Everything about the first ask is written down. */
async function untilKnown({ until, questionEvents }: SlackDesk): Promise<void> {
  await until('it is known where it stands', async () => (await questionEvents(1)).includes('delivered'));
}

async function refusedAnswers({ events }: SlackDesk): Promise<unknown[]> {
  return (await events(first, 'question.answer_refused')).map(({ data }) => [data.by, data.why]);
}

async function hasButtons({ messages }: SlackDesk, channel?: string): Promise<boolean> {
  return (await messages(channel)).some(({ blocks = [] }) => blocks.some(({ type }) => type === 'actions'));
}
