import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { Channel, Notice } from '../../src/questions/channel.ts';
import type { SlackRecord } from '../doubles/slack-emulator.ts';
import { approval, question } from './notices.ts';
import { recordingChannel } from './outbox-world.ts';
import { createSlackWorld, type SlackWorld } from './slack-world.ts';

let world: SlackWorld;
let slack: Channel;
beforeAll(async () => {
  world = await createSlackWorld();
  slack = world.open().channel;
}, 60_000);
afterAll(() => world.end());
afterEach(() => {
  world.front.refuse = () => null;
  world.front.beforeAnswer = async () => {};
});

const soon = { timeout: 20_000, interval: 50 };
const noAbort = new AbortController().signal;

async function deliver(notice: Notice, isInDoubt = false, id = newId()) {
  return slack.deliver({ id, notice, isInDoubt }, noAbort);
}

async function refOf(notice: Notice): Promise<string> {
  const outcome = await deliver(notice);
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.ref;
}

async function messagesAbout(ask: string): Promise<SlackRecord[]> {
  const messages = await world.emulator.messages('product-questions');
  const roots = messages.filter(({ metadata }) => metadata?.event_payload.ask === ask);
  return roots;
}

it('posts a question in the channel of its route, with buttons and what it is about', async () => {
  const ref = await refOf({ ...question, question: 'Q-101' });
  const [message] = await messagesAbout('Q-101');
  expect(ref).toBe(`${await world.emulator.channelId('product-questions')}/${message?.ts}`);
  expect(message?.text).toContain('Decision needed: time zone of exported timestamps — 60 min SLA (Q-101)');
  const actions = message?.blocks?.find(({ type }) => type === 'actions')?.elements ?? [];
  expect(actions.map(({ action_id }) => action_id)).toEqual([
    'meshwright.answer.1',
    'meshwright.answer.2',
    'meshwright.answer.3',
    'meshwright.acknowledge',
    'meshwright.not_mine',
  ]);
});

it('mentions the person whose member id is known', async () => {
  const memberId = await world.emulator.memberId('sarah');
  await refOf({ ...question, question: 'Q-102', memberId });
  const [message] = await messagesAbout('Q-102');
  expect(JSON.stringify(message?.blocks)).toContain(`<@${memberId}>`);
});

it('re-pings in the thread of the first message, without buttons', async () => {
  const thread = await refOf({ ...question, question: 'Q-103' });
  await refOf({ ...question, question: 'Q-103', thread, urgency: 1, why: 'reminder' });
  const [first, second] = await messagesAbout('Q-103');
  expect(second?.thread_ts).toBe(first?.ts);
  expect(second?.text).toContain('Reminder (ask 2)');
  expect(second?.blocks?.some(({ type }) => type === 'actions')).toBe(false);
});

it('takes the buttons away when it is settled, and says what came of it; the same again changes nothing', async () => {
  const thread = await refOf({ ...question, question: 'Q-104' });
  const update: Notice = {
    about: 'update',
    question: 'Q-104',
    to: '@sarah-pm',
    thread,
    line: 'answered by @sarah-pm: option 1',
    isSettled: true,
    isRehearsal: false,
  };
  await refOf(update);
  const [once] = await messagesAbout('Q-104');
  await refOf(update);
  const [twice] = await messagesAbout('Q-104');
  expect(once?.blocks?.map(({ type }) => type)).not.toContain('actions');
  expect(JSON.stringify(once?.blocks)).toContain('answered by @sarah-pm: option 1');
  expect(JSON.stringify(once?.blocks)).toContain('The pharmacy integration returns UTC');
  expect(twice?.blocks).toEqual(once?.blocks);
});

it('buttons of an approval carry its id and the hash of the exact action', async () => {
  await refOf({ ...approval, approval: 'A-105', place: '#product-questions' });
  const [message] = await messagesAbout('A-105');
  const [yes] = message?.blocks?.find(({ type }) => type === 'actions')?.elements ?? [];
  expect(JSON.parse(String(yes?.value))).toEqual({
    does: 'answer',
    ask: 'A-105',
    option: 1,
    hash: approval.actionHash,
  });
  expect(message?.metadata?.event_payload.hash).toBe(approval.actionHash);
});

it('reaches a channel and a member, and nobody else', () => {
  expect(slack.reaches({ place: '#product-questions', memberId: null })).toBe(true);
  expect(slack.reaches({ place: null, memberId: 'U0123ABCD' })).toBe(true);
  expect(slack.reaches({ place: null, memberId: null })).toBe(false);
});

it('without a channel it goes to the person; without either it is refused for good', async () => {
  const memberId = await world.emulator.memberId('sarah');
  expect(await deliver({ ...question, question: 'Q-106', place: null, memberId })).toMatchObject({
    ok: true,
  });
  expect(await deliver({ ...question, question: 'Q-106', place: null })).toMatchObject({
    ok: false,
    isFinal: true,
    message: expect.stringContaining('for @sarah-pm'),
  });
});

it('a channel that does not exist is refused for good; a rate limit and an outage are not', async () => {
  expect(await deliver({ ...question, place: '#nowhere' })).toMatchObject({ ok: false, isFinal: true });
  world.front.refuse = () => ({ status: 429, headers: { 'retry-after': '7' } });
  expect(await deliver(question)).toMatchObject({ ok: false, isFinal: false, retryAfterMs: 7_000 });
  world.front.refuse = () => ({ status: 503 });
  expect(await deliver(question)).toMatchObject({ ok: false, isFinal: false, retryAfterMs: null });
  world.front.refuse = () => ({ status: 200, body: { ok: false, error: 'internal_error' } });
  expect(await deliver(question)).toMatchObject({ ok: false, isFinal: false });
});

it.each([
  ['a first message', async () => null],
  ['a message in a thread', () => refOf({ ...question, question: 'Q-107' })],
])('posted but never confirmed, %s is found again and not posted twice', async (_, threadFor) => {
  const thread = await threadFor();
  world.front.beforeAnswer = async (method) => {
    if (method === 'chat.postMessage') throw new Error('the connection is cut');
  };
  const ask = thread === null ? 'Q-108' : 'Q-107';
  const notice = { ...question, question: ask, thread };
  expect(await deliver(notice, false, `lost-${ask}`)).toMatchObject({ ok: false, isFinal: false });
  world.front.beforeAnswer = async () => {};
  const again = await deliver(notice, true, `lost-${ask}`);
  const lost = (await messagesAbout(ask)).filter(
    ({ metadata }) => metadata?.event_payload.delivery === `lost-${ask}`,
  );
  expect(lost.length).toBe(1);
  expect(again).toEqual({
    ok: true,
    ref: `${await world.emulator.channelId('product-questions')}/${lost[0]?.ts}`,
  });
});

it('Slack down for a while: nothing is lost, nothing comes twice, and the other channel is not delayed', async () => {
  const webhook = recordingChannel('webhook');
  let isDown = true;
  let calls = 0;
  // Every other call is refused; of the rest Slack does what was asked, and its answer is lost.
  world.front.refuse = () => {
    calls += 1;
    return isDown && calls % 2 === 0 ? { status: 503 } : null;
  };
  world.front.beforeAnswer = async () => {
    if (isDown) throw new Error('the connection is cut');
  };
  const worker = world.outbox.start([slack, webhook]);
  const asks = Array.from({ length: 8 }, (_, index) => `Q-${200 + index}`);
  for (const ask of asks) {
    await world.outbox.order('slack', ask, { ...question, question: ask });
    await world.outbox.order('webhook', ask, { ...question, question: ask });
  }
  await vi.waitFor(() => expect(webhook.seen.length).toBe(8), soon);
  await vi.waitFor(
    () => expect(world.front.calls.filter((each) => each === 'chat.postMessage').length).toBeGreaterThan(10),
    soon,
  );
  isDown = false;
  await vi.waitFor(async () => expect((await world.outbox.state('slack')).queued).toEqual([]), soon);
  const posted = (await world.emulator.messages('product-questions')).flatMap(({ metadata }) => {
    const ask = String(metadata?.event_payload.ask);
    return asks.includes(ask) ? [ask] : [];
  });
  expect(posted.sort()).toEqual(asks);
  await worker.stop();
}, 60_000);

it('a worker that dies between the post and its record: the next one does not post it again', async () => {
  let letAnswer = () => {};
  const held = new Promise<void>((resolve) => {
    letAnswer = resolve;
  });
  world.front.beforeAnswer = () => held;
  const first = world.outbox.start([slack]);
  await world.outbox.order('slack', 'Q-300', { ...question, question: 'Q-300' });
  await vi.waitFor(async () => expect((await messagesAbout('Q-300')).length).toBe(1), soon);
  await first.stop();
  letAnswer();
  world.front.beforeAnswer = async () => {};
  const second = world.outbox.start([slack]);
  await vi.waitFor(async () => expect((await world.outbox.state('slack')).queued).toEqual([]), soon);
  expect((await messagesAbout('Q-300')).length).toBe(1);
  await second.stop();
}, 60_000);
