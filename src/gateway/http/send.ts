/** Whole answers of the HTTP face. No header of it lets a page of another origin read one. */
import type { ServerResponse } from 'node:http';
import type { JsonObject } from '../../base/json.ts';
import { type FaceError, faceErrors, headersOf } from './face-error.ts';
import type { FaceProtocol } from './face-protocol.ts';

export function sendJson(
  response: ServerResponse,
  status: number,
  body: JsonObject,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(body));
}

/** Whatever of the request was not read is not read any more. */
export function sendError(
  response: ServerResponse,
  protocol: Pick<FaceProtocol, 'writeError'>,
  error: FaceError,
): void {
  const connection: Record<string, string> = response.req.complete ? {} : { connection: 'close' };
  sendJson(response, faceErrors[error.kind].status, protocol.writeError(error), {
    ...headersOf(error),
    ...connection,
  });
}
