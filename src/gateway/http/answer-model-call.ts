/**
 * One model call over HTTP: read in the client's protocol, made through the agent's gateway, answered in the protocol. A stream
 * begins when the reply is there and paid for; until then the client is kept waiting with signs of life.
 */
import type { ServerResponse } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../../base/json.ts';
import type { ModelReply, ToolSpec } from '../model.ts';
import { openEventStream } from './event-stream.ts';
import { errorOfOutcome, errorOfStop, type FaceError, faceError } from './face-error.ts';
import type { FaceProtocol, FaceRequest } from './face-protocol.ts';
import type { FaceSeat } from './face-seat.ts';
import { sendError, sendJson } from './send.ts';

export interface ModelCall {
  protocol: FaceProtocol;
  seat: FaceSeat;
  /** Of the agent's last request: the same list again is the same object. */
  tools: { latest: ToolSpec[] };
  body: Json;
  response: ServerResponse;
  /** Aborts when the client is gone or the key is taken back. */
  signal: AbortSignal;
  keepAliveMs: number;
  newId: () => string;
}

/** @throws what storage throws; the answer is then still to be sent. */
export async function answerModelCall(call: ModelCall): Promise<void> {
  const { protocol, response, body } = call;
  const read = protocol.read(body);
  if (!read.ok) return sendError(response, protocol, faceError('invalid_request', read.message));
  const { request } = read;
  const stream = request.isStream ? openEventStream(response, protocol, call.keepAliveMs) : null;
  try {
    const made = await makeCall(call, request);
    if (response.destroyed) return;
    if (!made.ok) return stream ? stream.fail(made.error) : sendError(response, protocol, made.error);
    const facts = { id: call.newId(), model: call.seat.model, nowMs: Date.now() };
    if (stream) stream.send(protocol.streamReply(made.reply, facts, request));
    else sendJson(response, 200, protocol.writeReply(made.reply, facts));
  } finally {
    stream?.stopWaiting();
  }
}

type Made = { ok: true; reply: ModelReply } | { ok: false; error: FaceError };

async function makeCall(call: ModelCall, request: FaceRequest): Promise<Made> {
  const { seat, signal, tools } = call;
  if (!isDeepStrictEqual(tools.latest, request.tools)) tools.latest = request.tools;
  try {
    const outcome = await seat.gateway.callModelFor({
      system: request.system,
      messages: request.messages,
      tools: tools.latest,
      maxOutputTokens: Math.min(request.maxOutputTokens ?? seat.maxOutputTokens, seat.maxOutputTokens),
      effort: seat.effort,
      signal,
    });
    return outcome.kind === 'reply'
      ? { ok: true, reply: outcome.reply }
      : { ok: false, error: errorOfOutcome(outcome, Date.now()) };
  } catch (error) {
    const held = errorOfStop(error, [signal, seat.signal]);
    if (held === null) throw error;
    return { ok: false, error: held };
  }
}
