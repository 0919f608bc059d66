/** `count_tokens`: the estimate from above that the ledger reserves by. Nothing is called and nothing is charged. */
import type { ServerResponse } from 'node:http';
import type { Json } from '../../base/json.ts';
import { createRequestEstimate } from '../estimate-request.ts';
import { faceError } from './face-error.ts';
import type { FaceProtocol } from './face-protocol.ts';
import { sendError, sendJson } from './send.ts';

export function countTokens(response: ServerResponse, protocol: FaceProtocol, body: Json): void {
  const read = protocol.read(body);
  if (read.ok) sendJson(response, 200, { input_tokens: createRequestEstimate()(read.request) });
  else sendError(response, protocol, faceError('invalid_request', read.message));
}
