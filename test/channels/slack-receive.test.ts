import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Notice } from '../../src/questions/channel.ts';
import { freePort } from '../doubles/slack-emulator.ts';
import { messageEvent } from '../doubles/slack-front.ts';
import { approval, question } from './notices.ts';
import { createSlackWorld, recordingDoor, type SlackWorld } from './slack-world.ts';

let world: SlackWorld;
let door: ReturnType<typeof recordingDoor>;
beforeEach(async () => {
  world = await createSlackWorld();
  door = recordingDoor({ [await world.emulator.memberId('sarah')]: '@sarah-pm' });
}, 60_000);
afterEach(() => world.end());

const soon = { timeout: 20_000, interval: 50 };
const answersOf = { by: '@sarah-pm', via: 'slack' };

async function post(slack: ReturnType<SlackWorld['open']>, notice: Notice) {
  const outcome = await slack.channel.deliver(
    { id: 'd-1', notice, isInDoubt: false },
    new AbortController().signal,
  );
  if (!outcome.ok) throw new Error(outcome.message);
  const [channel = '', ts = ''] = outcome.ref.split('/');
  return { channel, ts, threadTs: ts };
}

function listening() {
  const slack = world.open();
  slack.listen(door);
  return slack;
}

describe('by Socket Mode', () => {
  it('a reply in the thread is heard, and whoever replied is told what came of it', async () => {
    const place = await post(listening(), question);
    await world.front.send(
      'events_api',
      await world.front.say('sarah', { ...place, text: '2, but UTC &amp; local' }),
    );
    await vi.waitFor(() => expect(door.heard.length).toBe(1), soon);
    expect(door.heard).toEqual([
      { ...answersOf, ask: 'Q-7', saying: { does: 'text', text: '2, but UTC & local', hash: null } },
    ]);
    await vi.waitFor(() => expect(world.front.calls).toContain('chat.postEphemeral'), soon);
  });

  it('the same event again, and the same message in another event, have one effect', async () => {
    const place = await post(listening(), question);
    const event = await world.front.say('sarah', { ...place, text: '1' });
    await world.front.send('events_api', event);
    await world.front.send('events_api', event);
    await world.front.send('events_api', { ...event, event_id: 'EvAnother' });
    await world.front.send('events_api', await world.front.say('sarah', { ...place, text: 'the last' }));
    await vi.waitFor(() => expect(JSON.stringify(door.heard)).toContain('the last'), soon);
    expect(door.heard.map(({ saying }) => ('text' in saying ? saying.text : ''))).toEqual(['1', 'the last']);
  });

  it.each([
    ['an option', { does: 'answer', ask: 'Q-7', option: 2, hash: null }],
    ['Acknowledge', { does: 'acknowledge', ask: 'Q-7' }],
    ['another kind in the menu', { does: 'reroute', ask: 'Q-7', kind: 'compliance_question' }],
  ])('pressing %s is heard once, and acknowledged', async (_, press) => {
    const place = await post(listening(), question);
    const action = {
      action_id: 'meshwright.x',
      block_id: 'meshwright/test/answers',
      type: 'button',
      value: JSON.stringify(press),
    };
    const pressed = await world.front.press('sarah', { ...place, action });
    await world.front.send('interactive', pressed);
    await world.front.send('interactive', pressed);
    const { ask, ...saying } = press;
    expect(door.heard).toEqual([{ ...answersOf, ask, saying }]);
  });

  it('pressing Not mine brings a menu of kinds', async () => {
    const place = await post(listening(), question);
    const value = JSON.stringify({ does: 'not_mine', ask: 'Q-7' });
    const action = {
      action_id: 'meshwright.not_mine',
      block_id: 'meshwright/test/answers',
      type: 'button',
      value,
    };
    await world.front.send('interactive', await world.front.press('sarah', { ...place, action }));
    expect(door.heard).toMatchObject([{ saying: { does: 'not_mine' } }]);
    await vi.waitFor(() => expect(world.front.calls).toContain('chat.postEphemeral'), soon);
  });

  it('a button that was tampered with does nothing', async () => {
    const place = await post(listening(), question);
    for (const value of [
      '',
      'Q-7',
      '{"does":"answer","ask":"Q-7","option":99,"hash":null}',
      '{"does":"drop"}',
    ]) {
      const action = {
        action_id: 'meshwright.answer.1',
        block_id: 'meshwright/test/answers',
        type: 'button',
        value,
      };
      await world.front.send('interactive', await world.front.press('sarah', { ...place, action }));
    }
    expect(door.heard).toEqual([]);
  });

  it('a reply about an approval carries the hash of the action that was shown', async () => {
    const place = await post(listening(), { ...approval, place: '#product-questions' });
    await world.front.send('events_api', await world.front.say('sarah', { ...place, text: '1' }));
    await vi.waitFor(() => expect(door.heard.length).toBe(1), soon);
    expect(door.heard).toMatchObject([{ ask: 'A-2', saying: { hash: approval.actionHash } }]);
  });

  it('somebody who is not listed is not heard, and told how to be', async () => {
    const place = await post(listening(), question);
    await world.front.send('events_api', await world.front.say('mallory', { ...place, text: '1' }));
    await vi.waitFor(() => expect(world.front.calls).toContain('chat.postEphemeral'), soon);
    expect(door.heard).toEqual([]);
  });

  it('what bots say, edits, and threads of others are left alone', async () => {
    const place = await post(listening(), question);
    const user = await world.emulator.memberId('sarah');
    const { channel, threadTs: thread_ts } = place;
    const plain = { channel, user, text: '1', thread_ts };
    const others = await world.emulator.call('chat.postMessage', { channel, text: 'lunch?' }, 'mallory');
    for (const event of [
      { ...plain, ts: '1.1', subtype: 'message_changed' },
      { ...plain, ts: '1.2', bot_id: 'B1' },
      { ...plain, ts: '1.3', thread_ts: undefined },
      { ...plain, ts: '1.4', thread_ts: others.ts },
      { ...plain, ts: '1.5', user: await world.emulator.memberId('meshwright') },
    ]) {
      await world.front.send('events_api', messageEvent(event));
    }
    await world.front.send('events_api', await world.front.say('sarah', { ...place, text: 'this one' }));
    await vi.waitFor(() => expect(door.heard.length).toBe(1), soon);
    expect(door.heard).toMatchObject([{ saying: { text: 'this one' } }]);
  });

  it('what could not be written is tried again here: nobody sends it a second time', async () => {
    const place = await post(listening(), question);
    const { hear } = door;
    let failures = 0;
    door.hear = async (incoming) => {
      failures += 1;
      if (failures < 3) throw new Error('the database is away');
      return hear(incoming);
    };
    await world.front.send('events_api', await world.front.say('sarah', { ...place, text: '1' }));
    await vi.waitFor(() => expect(door.heard.length).toBe(1), soon);
    expect(failures).toBe(3);
  });

  it('Slack that is away when the worker starts is tried again, and questions are posted meanwhile', async () => {
    world.front.refuse = (method) => (method === 'apps.connections.open' ? { status: 503 } : null);
    const place = await post(listening(), question);
    await vi.waitFor(() => expect(world.front.calls).toContain('apps.connections.open'), soon);
    world.front.refuse = () => null;
    await world.front.send('events_api', await world.front.say('sarah', { ...place, text: '1' }));
    await vi.waitFor(() => expect(door.heard.length).toBe(1), soon);
  }, 60_000);
});

describe('by signed HTTP', () => {
  const signingSecret = 'a-signing-secret-of-the-tests';

  async function listeningByHttp() {
    const port = await freePort();
    const slack = world.open({ mode: 'http', signingSecret, port });
    slack.listen(door);
    const url = `http://127.0.0.1:${port}/slack/events`;
    await vi.waitFor(async () => expect((await fetch(url)).status).toBe(404), soon);
    return { url, place: await post(slack, question) };
  }

  async function send(
    url: string,
    body: string,
    signed: { secret?: string; ageSeconds?: number; type?: string } = {},
  ) {
    const { secret = signingSecret, ageSeconds = 0, type = 'application/json' } = signed;
    const timestamp = String(Math.floor(Date.now() / 1_000) - ageSeconds);
    const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
    const headers = {
      'content-type': type,
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    };
    return (await fetch(url, { method: 'POST', headers, body })).status;
  }

  it('a reply and a button are heard, and answered once they are written', async () => {
    const { url, place } = await listeningByHttp();
    const event = JSON.stringify(await world.front.say('sarah', { ...place, text: '1' }));
    expect(await send(url, event)).toBe(200);
    expect(door.heard.length).toBe(1);
    const value = JSON.stringify({ does: 'acknowledge', ask: 'Q-7' });
    const action = {
      action_id: 'meshwright.acknowledge',
      block_id: 'meshwright/test/answers',
      type: 'button',
      value,
    };
    const payload = JSON.stringify(await world.front.press('sarah', { ...place, action }));
    const form = new URLSearchParams({ payload }).toString();
    expect(await send(url, form, { type: 'application/x-www-form-urlencoded' })).toBe(200);
    expect(door.heard.map(({ saying }) => saying.does)).toEqual(['text', 'acknowledge']);
  });

  it.each([
    ['with another secret', { secret: 'not-the-signing-secret' }],
    ['ten minutes old', { ageSeconds: 600 }],
  ])('a request signed %s is refused with 401, and nothing is heard', async (_, signed) => {
    const { url, place } = await listeningByHttp();
    const event = JSON.stringify(await world.front.say('sarah', { ...place, text: '1' }));
    expect(await send(url, event, signed)).toBe(401);
    expect((await fetch(url, { method: 'POST', body: event })).status).toBe(401);
    expect(door.heard).toEqual([]);
  });

  it('what could not be written is not answered with 200, and is heard when Slack sends it again', async () => {
    const { url, place } = await listeningByHttp();
    const event = JSON.stringify(await world.front.say('sarah', { ...place, text: '1' }));
    const { hear } = door;
    door.hear = async () => {
      throw new Error('the database is away');
    };
    expect(await send(url, event)).toBe(500);
    door.hear = hear;
    expect(await send(url, event)).toBe(200);
    expect(door.heard.length).toBe(1);
  });
});
