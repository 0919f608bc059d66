/** A request's body as JSON, bounded in size: it is text of others. */
import type { IncomingMessage } from 'node:http';
import type { Json } from '../../base/json.ts';
import { parseBoundedJson } from './bounded-json.ts';
import { type FaceError, faceError } from './face-error.ts';

export type ReadBody = { ok: true; body: Json } | { ok: false; error: FaceError };

export async function readBody(request: IncomingMessage, mostBytes: number): Promise<ReadBody> {
  const tooLarge = faceError(
    'too_large',
    `a request may have at most ${mostBytes.toLocaleString('en')} bytes`,
  );
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostBytes) return { ok: false, error: tooLarge };
      chunks.push(chunk);
    }
  } catch {
    return { ok: false, error: faceError('invalid_request', 'the request broke off') };
  }
  const parsed = parseBoundedJson(Buffer.concat(chunks).toString('utf8'));
  return parsed.ok
    ? { ok: true, body: parsed.value }
    : { ok: false, error: faceError('invalid_request', `the body ${parsed.message}`) };
}
