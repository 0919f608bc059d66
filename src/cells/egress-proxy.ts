/**
 * The only way out of a cell: an HTTP proxy (CONNECT and plain requests) on the host that lets listed hosts through and
 * refuses the rest with a sentence. It resolves names itself and connects to what it resolved. Reads no content.
 */
import { lookup } from 'node:dns/promises';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { messageOf } from '../base/errors.ts';
import { isPrivateAddress, judgeTarget, parseAuthority, type Target } from './allow-hosts.ts';
import { connectThrough } from './upstream-proxy.ts';

export interface EgressOptions {
  allowedHosts: readonly string[];
  upstreamProxy: string | null;
  /** Resolves when one more connection to the host may be made. */
  waitForHost: (host: string) => Promise<void>;
  /** Unix socket to listen on; null: a free loopback port. */
  socketPath: string | null;
  /** All addresses of a name; the system's resolver where not given. */
  resolve?: (host: string) => Promise<{ address: string }[]>;
}

export interface EgressProxy {
  /** Null when it listens on a socket. */
  port: number | null;
  /** Ends all connections. */
  close(): Promise<void>;
}

const connectTimeoutMs = 15_000;
const idleTimeoutMs = 300_000;

export async function startEgressProxy(options: EgressOptions): Promise<EgressProxy> {
  const open = new Set<Duplex>();
  const track = <T extends Duplex>(stream: T): T => {
    open.add(stream);
    stream.once('close', () => open.delete(stream));
    stream.on('error', () => stream.destroy());
    return stream;
  };
  const server = createServer((request, response) => {
    void forward(options, request, response).catch((error) => refuse(response, 502, messageOf(error)));
  });
  server.on('connection', track);
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    void tunnel(options, request, track)
      .then((outer) => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        if (head.length > 0) outer.write(head);
        outer.once('close', () => client.destroy());
        client.once('close', () => outer.destroy());
        outer.pipe(client);
        client.pipe(outer);
      })
      .catch((error) => refuseTunnel(client, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (options.socketPath === null) server.listen(0, '127.0.0.1', resolve);
    else server.listen(options.socketPath, resolve);
  });
  const address = server.address();
  return {
    port: address === null || typeof address === 'string' ? null : address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const stream of open) stream.destroy();
        server.closeAllConnections();
      }),
  };
}

class Refusal extends Error {}

async function tunnel(
  options: EgressOptions,
  request: IncomingMessage,
  track: <T extends Duplex>(stream: T) => T,
): Promise<Socket> {
  const target = parseAuthority(request.url ?? '', 443);
  if (target === null) throw new Refusal(`cannot read the address ${request.url}`);
  return track(await connectTo(options, target));
}

async function forward(
  options: EgressOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = URL.canParse(request.url ?? '') ? new URL(request.url ?? '') : null;
  if (url === null || url.protocol !== 'http:') {
    return refuse(response, 400, 'this is a proxy: send the whole http:// address, or CONNECT');
  }
  const target = parseAuthority(url.host, 80);
  if (target === null) return refuse(response, 400, `cannot read the address ${url.host}`);
  let socket: Socket;
  try {
    socket = await connectTo(options, target);
  } catch (error) {
    return refuse(response, error instanceof Refusal ? 403 : 502, messageOf(error));
  }
  const outer = httpRequest({
    createConnection: () => socket,
    method: request.method ?? 'GET',
    path: `${url.pathname}${url.search}`,
    headers: { ...passedHeaders(request), host: url.host, connection: 'close' },
  });
  outer.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, passedHeaders(answer));
    answer.pipe(response);
  });
  outer.on('error', (error) => refuse(response, 502, error.message));
  response.once('close', () => socket.destroy());
  request.pipe(outer);
}

/** A connected socket to an allowed target. @throws Refusal when it is not allowed. */
async function connectTo(options: EgressOptions, target: Target): Promise<Socket> {
  const verdict = judgeTarget(options.allowedHosts, target);
  if (!verdict.ok) throw new Refusal(verdict.reason);
  await options.waitForHost(target.host);
  const isLocal = target.host === 'localhost' || (isIP(target.host) !== 0 && isPrivateAddress(target.host));
  if (options.upstreamProxy !== null && !isLocal) {
    // Behind a proxy names often resolve only there; what it may reach is its own business.
    return connectThrough(options.upstreamProxy, target, connectTimeoutMs);
  }
  const resolve = options.resolve ?? ((host: string) => lookup(host, { all: true }));
  const addresses = await resolve(target.host);
  const usable = addresses.filter(({ address }) => verdict.isPrivateAllowed || !isPrivateAddress(address));
  if (usable.length === 0) {
    throw new Refusal(
      `${target.host} resolves to a private address; list it as ${target.host}:${target.port} if that is meant`,
    );
  }
  let failure: unknown;
  for (const { address } of usable) {
    try {
      return await connectSocket(address, target.port);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function connectSocket(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.setTimeout(connectTimeoutMs, () =>
      socket.destroy(new Error(`no connection to ${host}:${port} in time`)),
    );
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => {});
      socket.setTimeout(idleTimeoutMs);
      resolve(socket);
    });
  });
}

const hopByHop = new Set([
  'connection',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

function passedHeaders(message: IncomingMessage): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined && !hopByHop.has(name)) headers[name] = value;
  }
  return headers;
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(`meshwright: ${reason}\n`);
}

function refuseTunnel(client: Duplex, error: unknown): void {
  const status = error instanceof Refusal ? '403 Forbidden' : '502 Bad Gateway';
  const body = `meshwright: ${messageOf(error)}\n`;
  client.on('error', () => {});
  client.end(
    `HTTP/1.1 ${status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
