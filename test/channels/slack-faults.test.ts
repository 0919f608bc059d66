/** Slack that is away, slow, limits calls, refuses the token, loses answers, or has its messages deleted: nothing is lost, nothing said twice. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { expect, it, onTestFinished, vi } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { silentLog } from '../../src/base/log.ts';
import { openPersonDoor } from '../../src/channels/inbound-requests.ts';
import { openWebhook } from '../../src/channels/webhook/open-webhook.ts';
import { connectClient } from '../../src/postgres/connect.ts';
import { botToken, freePort } from '../doubles/slack-emulator.ts';
import { signingSecret } from '../doubles/slack-signed.ts';
import { minuteMs } from '../questions/desk-world.ts';
import { appToken, openSlackDesk, type SlackDesk, soon } from './slack-desk-world.ts';

const timeoutMs = 120_000;
const restarting = { 'the worker goes on': false, 'another worker takes over': true };

it.each(Object.entries(restarting))(
  'Slack down while three are asked, its answers lost, then %s: each is said once, in order',
  async (_, isRestarted) => {
    const desk = await openSlackDesk('socket');
    let calls = 0;
    // Every other call is refused; of the rest Slack does what was asked, and its answer is lost.
    desk.front.refuse = () => {
      calls += 1;
      return calls % 2 === 0 ? { status: 503 } : null;
    };
    desk.front.beforeAnswer = async () => {
      throw new Error('the connection is cut');
    };
    for (const topic of ['export.one', 'export.two', 'export.three'])
      await desk.ask('requirement_ambiguity', { topic });
    await vi.waitFor(() => expect(desk.front.calls.length).toBeGreaterThan(10), soon);
    // Two run into their default meanwhile, without anybody having been able to see them; the third is answered elsewhere.
    await desk.say('@sarah-pm', 'Q-3', '2');
    desk.advance(61 * minuteMs);
    expect(await desk.recorded(1)).toMatchObject({ status: 'defaulted' });
    if (isRestarted) await desk.restart();
    desk.front.refuse = () => null;
    desk.front.beforeAnswer = async () => {};
    await desk.until('everything is said', async () => {
      const said = (await desk.messages()).map(({ metadata }) => metadata?.event_payload.delivery);
      return said.includes('Q-1/settled/@sarah-pm/slack') && said.includes('Q-2/settled/@sarah-pm/slack');
    });
    const messages = await desk.messages();
    const said = messages.map(({ metadata }) => String(metadata?.event_payload.delivery));
    expect(new Set(said).size).toBe(said.length);
    for (const name of ['Q-1', 'Q-2']) {
      const about = messages.filter(({ metadata }) => metadata?.event_payload.ask === name);
      expect(about[0]?.metadata?.event_payload.delivery).toBe(`${name}/0/@sarah-pm/slack`);
      expect(about.slice(1).every(({ thread_ts }) => thread_ts === about[0]?.ts)).toBe(true);
    }
  },
  timeoutMs,
);

it(
  'Slack limits calls: none is made before the time that it names, and then each is said once',
  async () => {
    const desk = await openSlackDesk('socket');
    desk.front.refuse = (method) =>
      method === 'chat.postMessage' ? { status: 429, headers: { 'retry-after': '120' } } : null;
    await desk.ask('requirement_ambiguity', { topic: 'export.one' });
    await desk.until('the limit is known', async () => (await failures(desk)).length === 1);
    await desk.ask('requirement_ambiguity', { topic: 'export.two' });
    await desk.until('the second is ordered', async () => (await queued(desk)) === 2);
    const [failed] = await failures(desk);
    const waitMs = Date.parse(String(failed?.data.heldUntil)) - Date.parse(String(failed?.at));
    expect(waitMs).toBeGreaterThan(100_000);
    expect(postsOf(desk)).toBe(1);
    desk.front.refuse = () => null;
    desk.advance(121_000);
    await vi.waitFor(async () => expect((await desk.messages()).length).toBe(2), soon);
    expect(desk.notices).toEqual([]);
  },
  timeoutMs,
);

it(
  'a token that is revoked: whoever runs the worker reads one line, deliveries are kept, and no token is written anywhere',
  async () => {
    const desk = await openSlackDesk('http');
    desk.front.refuse = () => ({ status: 200, body: { ok: false, error: 'token_revoked' } });
    await desk.ask('requirement_ambiguity', { topic: 'export.one' });
    await desk.ask('requirement_ambiguity', { topic: 'export.two' });
    await vi.waitFor(() => expect(desk.notices.length).toBe(1), soon);
    expect(desk.notices).toEqual([
      expect.stringMatching(
        /^slack did not take Q-[12]: Slack: token_revoked \(the bot token is not valid \(any more\): install the app again, see docs\/channels.md\); 2 waiting there, each kept and tried again for a day$/,
      ),
    ]);
    desk.front.refuse = () => null;
    desk.advance(5 * minuteMs);
    await vi.waitFor(async () => expect((await desk.messages()).length).toBe(2), soon);
    await vi.waitFor(() => expect(desk.notices[1] ?? '').toContain('slack is back'), soon);
    expect(desk.notices.length).toBe(2);

    // What was wrong with the call that carried it, on the way in too.
    await desk.send(
      { type: 'event_callback', event_id: 'Ev1', event: { type: 'message' } },
      { secret: 'wrong' },
    );
    const written = [...desk.logged, ...desk.notices, await everythingIn(desk.databaseUrl)].join('\n');
    expect(written).toContain('token_revoked');
    for (const token of [botToken, appToken, signingSecret]) expect(written).not.toContain(token);
  },
  timeoutMs,
);

it(
  'a message that somebody deleted is followed by a new one, with buttons',
  async () => {
    const desk = await openSlackDesk('socket');
    await desk.ask('gtm_dependency');
    const place = await desk.posted('gtm-dependencies');
    await desk.until('it is known where', async () => (await desk.questionEvents(1)).includes('delivered'));
    await desk.emulator.call('chat.delete', { channel: place.channel, ts: place.ts });
    desk.advance(241 * minuteMs);
    const again = await desk.posted('gtm-dependencies');
    await desk.press('marketing', again, 'answer.2');
    expect(await desk.recorded(1)).toMatchObject({ answer: { by: '@marketing-ops', answer: { option: 2 } } });
  },
  timeoutMs,
);

it(
  'a connection that is cut while Slack is away ends no worker, and is made again; what was said then is heard',
  async () => {
    const desk = await openSlackDesk('socket');
    await desk.ask('requirement_ambiguity');
    const place = await desk.posted();
    desk.front.refuse = () => ({ status: 503 });
    desk.front.cut();
    const opens = () => desk.front.calls.filter((method) => method === 'apps.connections.open').length;
    const before = opens();
    await vi.waitFor(() => expect(opens()).toBeGreaterThan(before + 2), soon);
    expect(desk.notices).toEqual([expect.stringContaining('slack: no answer is heard there')]);
    desk.front.refuse = () => null;
    await desk.reply('sarah', place, '2');
    expect(await desk.recorded(1)).toMatchObject({ answer: { by: '@sarah-pm' } });
    expect(desk.notices.at(-1)).toBe('slack is back: answers are heard again');
  },
  timeoutMs,
);

it.each(['socket', 'http'] as const)(
  'Slack that cannot be asked whose thread it is when a reply comes: the reply counts all the same (%s)',
  async (mode) => {
    const desk = await openSlackDesk(mode);
    await desk.ask('requirement_ambiguity');
    const place = await desk.posted();
    desk.front.refuse = () => ({ status: 503 });
    const event = await desk.front.say('sarah', { ...place, text: '2' });
    const status = await desk.send(event);
    desk.front.refuse = () => null;
    if (mode === 'http') {
      expect(status).toBe(500);
      expect(await desk.send(event)).toBe(200);
    }
    expect(await desk.recorded(1)).toMatchObject({ answer: { by: '@sarah-pm' } });
  },
  timeoutMs,
);

it(
  'a channel that hangs delays no other one: asked and answered through the webhook, then Slack catches up',
  async () => {
    const key = `whsec_${Buffer.from('a key of the tests, 32 bytes long').toString('base64')}`;
    const received: Record<string, unknown>[] = [];
    const receiver = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      received.push(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>);
      response.end();
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    onTestFinished(() => void receiver.close());
    const port = await freePort();
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    const surroundings = { project: 'test', log: silentLog, nowMs: Date.now, onNotice: () => {} };
    const webhook = openWebhook({ url, secret: key, port }, surroundings);
    onTestFinished(webhook.close);
    const desk = await openSlackDesk('socket', (context) => ({
      ...context,
      channels: [...context.channels, webhook.channel],
    }));
    const { journal, map } = desk;
    const stakeholders = async () => map;
    webhook.listen(openPersonDoor({ journal, newId, project: 'test', nowMs: Date.now, stakeholders }));
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    onTestFinished(letGo);
    desk.front.beforeAnswer = () => held;
    await desk.ask('requirement_ambiguity');
    await vi.waitFor(() => expect(received.length).toBe(1), soon);
    expect(received).toMatchObject([{ type: 'meshwright.ask', about: 'Q-1', notice: { to: '@sarah-pm' } }]);
    const body = JSON.stringify({ question: 'Q-1', by: '@sarah-pm', answer: '2' });
    const at = new Date();
    const response = await fetch(`http://127.0.0.1:${port}/answers`, {
      method: 'POST',
      body,
      headers: {
        'webhook-id': 'answer-1',
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': new Webhook(key).sign('answer-1', at, body),
      },
    });
    expect(await response.json()).toMatchObject({ isAccepted: true });
    expect(await desk.recorded(1)).toMatchObject({ answer: { via: 'webhook' } });
    await vi.waitFor(() => expect(received.length).toBe(2), soon);
    letGo();
    await vi.waitFor(async () => {
      const [message] = await desk.messages();
      expect(JSON.stringify(message?.blocks)).toContain('Q-1 is answered by @sarah-pm');
    }, soon);
    expect((await desk.messages()).length).toBe(1);
  },
  timeoutMs,
);

function postsOf({ front }: SlackDesk): number {
  return front.calls.filter((method) => method === 'chat.postMessage').length;
}

async function failures({ events }: SlackDesk) {
  return events('outbox:test/slack' as Parameters<SlackDesk['events']>[0], 'delivery.failed');
}

async function queued({ events }: SlackDesk): Promise<number> {
  return (await events('outbox:test/slack' as Parameters<SlackDesk['events']>[0], 'delivery.queued')).length;
}

/** Every row of every table, blobs as text. */
async function everythingIn(databaseUrl: string): Promise<string> {
  const client = await connectClient(databaseUrl, { applicationName: 'meshwright test' });
  try {
    const { rows: tables } = await client.query(
      "select table_name as name from information_schema.tables where table_schema = 'meshwright'",
    );
    const texts: string[] = [];
    for (const { name } of tables as { name: string }[]) {
      const { rows } = await client.query(`select * from meshwright.${name}`);
      texts.push(JSON.stringify(rows, (_key, value: unknown) => bytesAsText(value)));
    }
    return texts.join('\n');
  } finally {
    await client.end();
  }
}

/** As JSON has a buffer. */
function bytesAsText(value: unknown): unknown {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown };
  return type === 'Buffer' && Array.isArray(data) ? Buffer.from(data as number[]).toString('latin1') : value;
}
