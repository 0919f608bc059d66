import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { HttpError } from './http-error.ts';
import type { ApiReply, Router } from './router.ts';

const maxBodyBytes = 100_000;

/** An HTTP server over a router. The caller listens and closes. */
export function createHttpServer(router: Router): Server {
  return createServer((request, response) => {
    answer(router, request)
      .catch(replyToError)
      .then((reply) => send(response, reply));
  });
}

async function answer(router: Router, request: IncomingMessage): Promise<ApiReply> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const match = router.match(request.method ?? 'GET', url.pathname);
  if (match.kind === 'unknown') throw new HttpError(404, 'not_found', `there is nothing at ${url.pathname}`);
  if (match.kind === 'other_method') {
    throw new HttpError(405, 'method_not_allowed', `use ${match.allowed.join(' or ')} at ${url.pathname}`);
  }
  const body = await readJson(request);
  return await match.handler({ params: match.params, query: url.searchParams, body });
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new HttpError(413, 'too_large', `a body may have ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new HttpError(400, 'bad_json', 'the body is not JSON');
  }
}

function replyToError(error: unknown): ApiReply {
  if (!(error instanceof HttpError)) {
    console.error(error);
    return { status: 500, body: { error: 'internal', message: 'something went wrong' } };
  }
  const { status, code, message, problems } = error;
  return { status, body: { error: code, message, ...(problems.length > 0 ? { problems } : {}) } };
}

function send(response: ServerResponse, reply: ApiReply): void {
  const isText = typeof reply.body === 'string';
  const contentType = isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  response.writeHead(reply.status, { 'content-type': contentType, ...reply.headers });
  response.end(isText ? reply.body : JSON.stringify(reply.body));
}
