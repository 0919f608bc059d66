/**
 * The gateway's HTTP and MCP faces for agents that are not our own loop: one server a worker process, one key an agent. It
 * identifies, bounds and routes; what is allowed, metered and taped is decided behind it, by the agent's gateway.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Json } from '../../base/json.ts';
import { createMcpFace, type McpFace } from '../mcp/mcp-face.ts';
import type { ToolSpec } from '../model.ts';
import { answerModelCall } from './answer-model-call.ts';
import { countTokens } from './count-tokens.ts';
import { faceError } from './face-error.ts';
import type { FaceSeat } from './face-seat.ts';
import { findByKey, findForeignCaller, hashKey, keyOf } from './identify.ts';
import { listModels } from './list-models.ts';
import { type FaceAddress, type FaceListen, listen } from './listen.ts';
import { readBody } from './read-body.ts';
import { findRoute, protocolOf, type Route } from './routes.ts';
import { sendError, sendJson } from './send.ts';

export interface FaceServerOptions {
  listen: FaceListen;
  /** Default 32 MB, as providers have it. */
  mostBodyBytes?: number;
  /** How often a waiting client of a stream is sent a sign of life. Default 10 s. */
  keepAliveMs?: number;
  /** Faults of ours: the client is told only that there was one. */
  onFault: (error: unknown) => void;
}

export interface FaceServer {
  readonly address: FaceAddress;
  /** A key for this agent, given out once. */
  register(seat: FaceSeat): FaceRegistration;
  /** Ends what is under way; resolves when nothing is left. */
  close(): Promise<void>;
}

export interface FaceRegistration {
  /** For `x-api-key` or `Authorization: Bearer`. */
  key: string;
  /** The key is unknown from now on, and calls under way are aborted. */
  revoke(): void;
}

interface Registered {
  keyHash: Buffer;
  seat: FaceSeat;
  revoked: AbortController;
  tools: { latest: ToolSpec[] };
  mcp: McpFace;
}

export async function openFaceServer(options: FaceServerOptions): Promise<FaceServer> {
  const registered = new Set<Registered>();
  const underWay = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    void serve({ options, registered, underWay, request, response });
  });
  // Clients keep their connections for longer than a model thinks; one that ends under a request looks like a failure.
  server.keepAliveTimeout = 120_000;
  const address = await listen(server, options.listen);
  return {
    address,
    register(seat) {
      const key = `mw-${randomBytes(32).toString('base64url')}`;
      const entry: Registered = {
        keyHash: hashKey(key),
        seat,
        revoked: new AbortController(),
        tools: { latest: [] },
        mcp: createMcpFace(seat, { newId, onFault: options.onFault }),
      };
      registered.add(entry);
      return {
        key,
        revoke() {
          registered.delete(entry);
          endCalls(entry, 'the key was taken back');
        },
      };
    },
    async close() {
      for (const entry of registered) endCalls(entry, 'the gateway closes');
      registered.clear();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.allSettled(underWay);
      // Of those who have not sent the whole of their request nothing is under way.
      server.closeAllConnections();
      await closed;
    },
  };
}

function endCalls({ revoked, mcp }: Registered, reason: string): void {
  revoked.abort(new Error(reason));
  void mcp.close();
}

interface Exchange {
  options: FaceServerOptions;
  registered: ReadonlySet<Registered>;
  /** Whatever may still write to a tape. */
  underWay: Set<Promise<void>>;
  request: IncomingMessage;
  response: ServerResponse;
}

/** Never rejects: whatever goes wrong is an answer, or the end of the connection. */
async function serve(exchange: Exchange): Promise<void> {
  const { options, registered, request, response } = exchange;
  const path = pathOf(request);
  const protocol = protocolOf(path);
  try {
    const foreign = findForeignCaller(request.headers);
    if (foreign !== null) return sendError(response, protocol, faceError('not_permitted', foreign));
    const key = keyOf(request.headers);
    const caller = key === null ? null : findByKey(registered, key);
    if (caller === null) {
      const message = 'no agent has this key; each agent is given its own, and it ends with the agent';
      return sendError(response, protocol, faceError('unknown_key', message));
    }
    const route = findRoute(request.method ?? '', path);
    if (!route.ok) return sendError(response, protocol, route.error);
    await handle(exchange, caller, route.route);
  } catch (error) {
    options.onFault(error);
    if (response.headersSent) response.destroy();
    else
      sendError(response, protocol, faceError('internal', 'the gateway could not answer; its log says why'));
  }
}

async function handle(exchange: Exchange, caller: Registered, route: Route): Promise<void> {
  const { options, underWay, request, response } = exchange;
  const { seat } = caller;
  if (route.kind === 'models') return sendJson(response, 200, listModels(seat.model));
  if (route.kind === 'model_call' && !seat.mayCallModels) {
    const message = `role ${seat.role.name} may not call models through this gateway`;
    return sendError(response, route.protocol, faceError('not_permitted', message));
  }
  if (route.kind === 'mcp' && request.method !== 'POST') return caller.mcp.handle(request, response);
  const read = await readBody(request, options.mostBodyBytes ?? 32 * 1024 * 1024);
  if (!read.ok) return sendError(response, route.protocol, read.error);
  if (caller.revoked.signal.aborted || seat.gateway.tape.ending !== null) {
    return sendError(response, route.protocol, faceError('held', 'this agent has ended'));
  }
  const answered = answer(exchange, caller, { route, body: read.body });
  underWay.add(answered);
  await answered.finally(() => underWay.delete(answered));
}

async function answer(
  { options, request, response }: Exchange,
  { seat, tools, mcp, revoked }: Registered,
  { route, body }: { route: Route; body: Json },
): Promise<void> {
  if (route.kind === 'mcp') return mcp.handle(request, response, body);
  if (route.kind === 'count_tokens') return countTokens(response, route.protocol, body);
  const gone = new AbortController();
  response.on('close', () => gone.abort(new Error('the client went away')));
  await answerModelCall({
    protocol: route.protocol,
    seat,
    tools,
    body,
    response,
    signal: AbortSignal.any([gone.signal, revoked.signal]),
    keepAliveMs: options.keepAliveMs ?? 10_000,
    newId,
  });
}

/** As protocols spell ids. */
function newId(): string {
  return randomUUID().replaceAll('-', '');
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return (url.split('?', 1)[0] ?? '/').replace(/(.)\/+$/, '$1');
}
