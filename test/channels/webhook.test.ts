import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { silentLog } from '../../src/base/log.ts';
import type { OpenChannel } from '../../src/channels/open-channel.ts';
import { openWebhook } from '../../src/channels/webhook/open-webhook.ts';
import type { Notice } from '../../src/questions/channel.ts';
import { freePort } from '../doubles/slack-emulator.ts';
import { approval, question } from './notices.ts';
import { recordingDoor } from './slack-world.ts';

const secret = `whsec_${Buffer.from('a key of the tests, 32 bytes long').toString('base64')}`;
const signer = new Webhook(secret);
const notices: string[] = [];
const surroundings = {
  project: 'orders',
  log: silentLog,
  nowMs: Date.now,
  onNotice: (line: string) => notices.push(line),
};
const noAbort = new AbortController().signal;

interface Got {
  headers: Record<string, string>;
  body: string;
}

let receiver: Server;
let url: string;
let got: Got[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let webhook: OpenChannel | null;

beforeEach(async () => {
  got = [];
  webhook = null;
  answer = (_request, response) => response.end();
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({
        headers: request.headers as Record<string, string>,
        body: Buffer.concat(chunks).toString(),
      });
      answer(request, response);
    });
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});
afterEach(async () => {
  await webhook?.close();
  receiver.closeAllConnections();
  receiver.close();
});

function open(port: number | null = null): OpenChannel {
  webhook = openWebhook({ url, secret, port }, surroundings);
  return webhook;
}

function deliver(notice: Notice, id = newId(), signal = noAbort) {
  return open().channel.deliver({ id, notice, isInDoubt: false }, signal);
}

describe('what goes out', () => {
  it('is the notice, its text and an id, signed', async () => {
    expect(await deliver(question, 'delivery-1')).toEqual({ ok: true, ref: 'delivery-1' });
    const [{ headers, body }] = got as [Got];
    const said = signer.verify(body, headers) as Record<string, unknown>;
    expect(said).toMatchObject({
      type: 'meshwright.ask',
      id: 'delivery-1',
      project: 'orders',
      about: 'Q-7',
      notice: question,
    });
    expect(String(said.text)).toContain('Decision needed: time zone of');
    expect(headers['webhook-id']).toBe('delivery-1');
    expect(() => signer.verify(`${body} `, headers)).toThrow();
  });

  it('has a bounded size: what is longer comes as its text alone', async () => {
    await deliver({ ...approval, details: 'x'.repeat(400_000) });
    expect(got[0]?.body.length).toBeLessThan(10_000);
    expect(JSON.parse(got[0]?.body ?? '')).toMatchObject({ notice: null, about: 'A-2' });
  });

  it.each([
    [503, {}, { isFinal: false, retryAfterMs: null }],
    [429, { 'retry-after': '12' }, { isFinal: false, retryAfterMs: 12_000 }],
    [404, {}, { isFinal: false }],
    [410, {}, { isFinal: true }],
  ])('answered with %i it is tried again, or not', async (status, headers, outcome) => {
    answer = (_request, response) => response.writeHead(status, headers).end();
    expect(await deliver(question)).toMatchObject({ ok: false, ...outcome });
  });

  it('does not follow a redirect', async () => {
    let followed = 0;
    const other = createServer((_request, response) => {
      followed += 1;
      response.end();
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    answer = (_request, response) => response.writeHead(307, { location }).end();
    expect(await deliver(question)).toMatchObject({ ok: false, message: expect.stringContaining('307') });
    expect(followed).toBe(0);
    other.close();
  });

  it('is given up when nobody answers and the worker stops, and when nobody is there', async () => {
    answer = () => {};
    const leaving = new AbortController();
    const asked = deliver(question, newId(), leaving.signal);
    await vi.waitFor(() => expect(got.length).toBe(1));
    leaving.abort();
    expect(await asked).toMatchObject({ ok: false, isFinal: false });
    receiver.closeAllConnections();
    receiver.close();
    expect(await deliver(question)).toMatchObject({ ok: false, isFinal: false });
  });
});

describe('what comes in', () => {
  const body = JSON.stringify({ question: 'Q-7', by: '@sarah-pm', answer: '1' });

  async function listening() {
    const port = await freePort();
    const door = recordingDoor({ U1: '@sarah-pm' });
    open(port).listen(door);
    const target = `http://127.0.0.1:${port}/answers`;
    await vi.waitFor(async () => expect((await fetch(target)).status).toBe(404));
    return { door, target };
  }

  async function send(
    target: string,
    text: string,
    signed: { id?: string; key?: Webhook; ageSeconds?: number } = {},
  ) {
    const { id = newId(), key = signer, ageSeconds = 0 } = signed;
    const at = new Date(Date.now() - ageSeconds * 1_000);
    const response = await fetch(target, {
      method: 'POST',
      body: text,
      headers: {
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': key.sign(id, at, text),
      },
    });
    return {
      status: response.status,
      said: (await response.json()) as { isAccepted: boolean; line: string },
    };
  }

  it('is heard as what that person says, and answered with what came of it', async () => {
    const { door, target } = await listening();
    expect(await send(target, body)).toEqual({ status: 200, said: { isAccepted: true, line: 'Q-7 taken' } });
    const { actionHash: hash } = approval;
    await send(target, JSON.stringify({ approval: 'A-2', by: '@sarah-pm', answer: 'approve', hash }));
    expect(door.heard).toEqual([
      { ask: 'Q-7', by: '@sarah-pm', via: 'webhook', saying: { does: 'text', text: '1', hash: null } },
      { ask: 'A-2', by: '@sarah-pm', via: 'webhook', saying: { does: 'text', text: 'approve', hash } },
    ]);
  });

  it.each([
    ['with another key', { key: new Webhook(Buffer.from('another key').toString('base64')) }],
    ['six minutes ago', { ageSeconds: 360 }],
    ['for six minutes from now', { ageSeconds: -360 }],
  ])('signed %s it is refused with 401', async (_, signed) => {
    const { door, target } = await listening();
    expect((await send(target, body, signed)).status).toBe(401);
    expect((await fetch(target, { method: 'POST', body })).status).toBe(401);
    expect(door.heard).toEqual([]);
  });

  it('an id is taken once, however often it is sent', async () => {
    const { door, target } = await listening();
    const statuses = await Promise.all([1, 2, 3].map(() => send(target, body, { id: 'same' })));
    expect(statuses.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(door.heard.length).toBe(1);
  });

  it('what could not be written may be sent again', async () => {
    const { door, target } = await listening();
    const { hear } = door;
    door.hear = async () => {
      throw new Error('the database is away');
    };
    expect((await send(target, body, { id: 'again' })).status).toBe(503);
    door.hear = hear;
    expect((await send(target, body, { id: 'again' })).status).toBe(200);
  });

  it.each([
    ['somebody who is not listed', { question: 'Q-7', by: '@marketing-ops', answer: '1' }, 403],
    ['neither question nor approval', { by: '@sarah-pm', answer: '1' }, 400],
    ['an approval as a question', { question: 'A-2', by: '@sarah-pm', answer: '1' }, 400],
    ['more than is known', { question: 'Q-7', by: '@sarah-pm', answer: '1', route: 'x' }, 400],
    ['no JSON', 'approve', 400],
    ['too much', { question: 'Q-7', by: '@sarah-pm', answer: 'x'.repeat(70_000) }, 413],
  ])('%s is refused', async (_, said, status) => {
    const { door, target } = await listening();
    expect((await send(target, JSON.stringify(said))).status).toBe(status);
    expect(door.heard).toEqual([]);
  });
});

it('a port that somebody else has is told in one line, and taken when it is free', async () => {
  const port = await freePort();
  const other = createServer();
  other.listen(port, '127.0.0.1');
  await once(other, 'listening');
  const { channel, ...rest } = open(port);
  expect(channel.name).toBe('webhook');
  rest.listen(recordingDoor({}));
  await vi.waitFor(() => expect(notices.length).toBe(1), { timeout: 10_000 });
  expect(notices[0]).toMatch(/^webhook: no answer is heard there \(.*EADDRINUSE/);
  other.close();
  await vi.waitFor(() => expect(notices[1]).toBe('webhook is back: answers are heard again'), {
    timeout: 15_000,
  });
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
}, 30_000);

it('a key that is none is said before anything begins', () => {
  expect(() => openWebhook({ url, secret: 'not base64!', port: null }, surroundings)).toThrow(
    'is no key for signatures',
  );
});
