/**
 * A double of a model provider: a real HTTP server on loopback that speaks the Anthropic Messages and the OpenAI Chat
 * Completions protocol, whole and streamed, answers what its brain says and fails as it is told. It keeps the bill that
 * a provider would keep, so that tests compare what was charged with what was billed.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeAnswer } from './model-answer.ts';
import {
  type DoubleAnswer,
  type DoubleRequest,
  type DoubleUsage,
  readAnthropicRequest,
  readOpenAiRequest,
} from './model-protocol.ts';
import { createPromptCache } from './prompt-cache.ts';

export type Fault =
  /** This request is answered normally. */
  | { kind: 'none' }
  | { kind: 'rate_limited'; retryAfter?: string; retryAfterMs?: number }
  | { kind: 'overloaded' }
  | { kind: 'status'; status: number; message?: string; type?: string }
  /** The answer stops in the middle of its body; it is billed. */
  | { kind: 'cut_body' }
  /** The connection ends after the request was read, before any answer; it is billed. */
  | { kind: 'hang_up' }
  /** Status 200 with a body that is no JSON; it is billed. */
  | { kind: 'malformed_json' }
  /** Neither text nor tool call; it is billed. */
  | { kind: 'empty' }
  /** The answer does not say its tokens; it is billed. */
  | { kind: 'no_usage' }
  /** No answer until the client goes away. */
  | { kind: 'silence' };

export interface ModelServerOptions {
  brain: (request: DoubleRequest) => DoubleAnswer | Promise<DoubleAnswer>;
  /** The key that is accepted; null: none is asked for. Default `test-key`. */
  apiKey?: string | null;
  /** One per request, in order; after the last one all is well. */
  faults?: Fault[];
  /** Models that exist; default: all. */
  models?: string[];
}

export interface ModelServer {
  /** With `/v1`, for both protocols. */
  baseUrl: string;
  /** Requests that reached the brain or a fault, in order. */
  requests: DoubleRequest[];
  /** How many requests came, refused ones included. */
  servedCount: number;
  /** What a provider would bill, one entry per billed request. */
  billed: { model: string; usage: DoubleUsage }[];
  addFault(fault: Fault): void;
  close(): Promise<void>;
}

export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const faults = [...(options.faults ?? [])];
  const cache = createPromptCache();
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      sendError(response, 500, 'api_error', error instanceof Error ? error.message : String(error));
    });
  });
  const double: ModelServer = {
    baseUrl: '',
    requests: [],
    servedCount: 0,
    billed: [],
    addFault: (fault) => faults.push(fault),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse(await readBody(request)) as Record<string, unknown>;
    double.servedCount += 1;
    const isAnthropic = request.url?.startsWith('/v1/messages') ?? false;
    if (!isAnthropic && !request.url?.startsWith('/v1/chat/completions')) {
      return sendError(response, 404, 'not_found', `no such path: ${request.url}`);
    }
    const asked = isAnthropic ? readAnthropicRequest(body) : readOpenAiRequest(body);
    const key = options.apiKey === undefined ? 'test-key' : options.apiKey;
    const given = isAnthropic
      ? request.headers['x-api-key']
      : request.headers.authorization?.replace(/^Bearer /, '');
    if (key !== null && given !== key) {
      return sendError(response, 401, 'authentication_error', `invalid x-api-key: ${String(given)}`);
    }
    if (options.models && !options.models.includes(asked.model)) {
      const type = isAnthropic ? 'not_found_error' : 'model_not_found';
      return sendError(response, 404, type, `model: ${asked.model}`);
    }
    double.requests.push(asked);
    await answer(asked, response, faults.shift() ?? { kind: 'none' });
  }

  async function answer(asked: DoubleRequest, response: ServerResponse, fault: Fault): Promise<void> {
    if (failBeforeWork(response, fault)) return;
    const made = fault.kind === 'empty' ? { text: '' } : await options.brain(asked);
    const usage = made.usage ?? cache.meter(asked, made);
    double.billed.push({ model: asked.model, usage });
    if (fault.kind === 'hang_up') {
      response.socket?.destroy();
      return;
    }
    const spoken: DoubleAnswer = { ...made };
    if (fault.kind === 'empty') delete spoken.text;
    const wire = writeAnswer(asked, spoken, usage, String(double.billed.length));
    response.writeHead(200, { 'content-type': wire.contentType });
    if (fault.kind === 'cut_body') {
      response.write(wire.body.slice(0, Math.floor(wire.body.length / 2)), () => response.socket?.destroy());
      return;
    }
    if (fault.kind === 'malformed_json') {
      response.end(wire.body.slice(0, Math.floor(wire.body.length / 2)));
      return;
    }
    response.end(fault.kind === 'no_usage' ? withoutUsage(wire.body) : wire.body);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  double.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return double;
}

/** True when the fault has answered (or will never answer) and nothing is billed. */
function failBeforeWork(response: ServerResponse, fault: Fault): boolean {
  switch (fault.kind) {
    case 'rate_limited':
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
      if (fault.retryAfterMs !== undefined) response.setHeader('retry-after-ms', String(fault.retryAfterMs));
      sendError(response, 429, 'rate_limit_error', 'too many requests');
      return true;
    case 'overloaded':
      sendError(response, 529, 'overloaded_error', 'Overloaded');
      return true;
    case 'status':
      sendError(response, fault.status, fault.type ?? 'error', fault.message ?? `status ${fault.status}`);
      return true;
    case 'silence':
      return true;
    default:
      return false;
  }
}

/** Both protocols put their errors into a shape that both clients read. */
function sendError(response: ServerResponse, status: number, type: string, message: string): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ type: 'error', error: { type, code: type, message } }));
}

function withoutUsage(body: string): string {
  const message = JSON.parse(body) as Record<string, unknown>;
  delete message.usage;
  return JSON.stringify(message);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
