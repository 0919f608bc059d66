/**
 * What the Slack emulator lacks, in front of it: Socket Mode (`apps.connections.open`, envelopes, acknowledgements), and answers
 * that are refused or lost on demand.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SlackEmulator } from './slack-emulator.ts';

interface Refusal {
  status: number;
  body?: object;
  headers?: Record<string, string>;
}

export class SlackFront {
  /** Methods as they were called, in order. */
  readonly calls: string[] = [];
  /** What they were called with. */
  readonly requests: { method: string; body: Record<string, unknown> }[] = [];
  /** Answers instead of Slack when it returns something; `method`: `chat.postMessage`. */
  refuse: (method: string) => Refusal | null = () => null;
  /** After Slack has done it, before its answer goes back; rejecting cuts the connection. */
  beforeAnswer: (method: string) => Promise<void> = async () => {};
  readonly #emulator: SlackEmulator;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #webSockets = new WebSocketServer({ server: this.#server });
  readonly #sockets = new Set<WebSocket>();
  readonly #acks = new Map<string, () => void>();

  private constructor(emulator: SlackEmulator) {
    this.#emulator = emulator;
    this.#webSockets.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('message', (data) =>
        this.#acks.get((JSON.parse(String(data)) as { envelope_id: string }).envelope_id)?.(),
      );
      socket.send(JSON.stringify({ type: 'hello', num_connections: 1, connection_info: { app_id: 'A1' } }));
    });
  }

  static async start(emulator: SlackEmulator): Promise<SlackFront> {
    const front = new SlackFront(emulator);
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    return front;
  }

  /** For `api_url`. */
  get apiUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/`;
  }

  /** Resolves when the app is connected. */
  async connected(): Promise<void> {
    while (this.#sockets.size === 0) await delay(20);
  }

  /** Resolves when no connection is left: what a process that has ended would not hear is not sent to it. */
  async disconnected(): Promise<void> {
    while (this.#sockets.size > 0) await delay(20);
  }

  /** Sends an envelope; resolves when the app acknowledges it. */
  async send(type: 'events_api' | 'interactive', payload: object): Promise<void> {
    await this.connected();
    const id = crypto.randomUUID();
    const acknowledged = new Promise<void>((resolve) => this.#acks.set(id, resolve));
    const [socket] = this.#sockets;
    socket?.send(JSON.stringify({ envelope_id: id, type, payload, accepts_response_payload: false }));
    await acknowledged;
  }

  /** A person says something in a thread. Returns the event, to be sent to the app once or more often. */
  async say(person: string, place: { channel: string; threadTs: string; text: string }): Promise<object> {
    const { channel, threadTs: thread_ts, text } = place;
    const { ts } = await this.#emulator.call('chat.postMessage', { channel, thread_ts, text }, person);
    const user = await this.#emulator.memberId(person);
    return messageEvent({ channel, user, text, ts, thread_ts });
  }

  /** A person presses what stands in a message of ours. Returns what Slack sends of it. */
  async press(person: string, message: { channel: string; ts: string; action: object }): Promise<object> {
    return {
      type: 'block_actions',
      team: { id: 'T000000001' },
      user: { id: await this.#emulator.memberId(person) },
      channel: { id: message.channel },
      message: { ts: message.ts },
      trigger_id: crypto.randomUUID(),
      actions: [message.action],
    };
  }

  /** Every connection of Socket Mode is cut. */
  cut(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  async close(): Promise<void> {
    this.cut();
    this.#webSockets.close();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const method = (request.url ?? '').replace(/^\/api\//, '');
    this.calls.push(method);
    this.requests.push({ method, body: readBody(Buffer.concat(chunks).toString(), request) });
    const send = ({ status, body = {}, headers = {} }: Refusal) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    };
    const refused = this.refuse(method);
    if (refused) return send(refused);
    if (method === 'apps.connections.open')
      return send({ status: 200, body: { ok: true, url: `ws://${request.headers.host}/socket` } });
    try {
      const { authorization = '', 'content-type': type = '' } = request.headers;
      const headers = { authorization, 'content-type': type };
      const target = `${this.#emulator.url}/api/${method}`;
      const answer = await fetch(target, { method: 'POST', headers, body: Buffer.concat(chunks) });
      const body = (await answer.json()) as object;
      await this.beforeAnswer(method);
      send({ status: answer.status, body });
    } catch {
      request.socket.destroy();
    }
  }
}

/** An `event_callback` of the Events API. */
export function messageEvent(event: Record<string, unknown>): object {
  return {
    type: 'event_callback',
    team_id: 'T000000001',
    api_app_id: 'A1',
    event_time: 1_800_000_000,
    event_id: `Ev${event.ts}`,
    event: { type: 'message', channel_type: 'channel', ...event },
  };
}

/** As the client sent it: JSON, or a form whose values may be JSON. */
function readBody(text: string, { headers }: IncomingMessage): Record<string, unknown> {
  return headers['content-type']?.includes('json')
    ? (JSON.parse(text) as Record<string, unknown>)
    : Object.fromEntries(new URLSearchParams(text));
}
