/**
 * What every protocol of the HTTP face translates between: a client's request and our own, our reply and what the client
 * reads. Pure; knows nothing of sockets, keys or gateways.
 */
import type { z } from 'zod';
import type { Json, JsonObject } from '../../base/json.ts';
import type { ModelMessage, ModelReply, ToolSpec } from '../model.ts';
import type { FaceError } from './face-error.ts';

export interface FaceRequest {
  system: string;
  messages: ModelMessage[];
  /** The client's own. */
  tools: ToolSpec[];
  /** Null: the client states none. */
  maxOutputTokens: number | null;
  isStream: boolean;
  /** Chat Completions streams say their tokens only when asked. */
  wantsStreamedUsage: boolean;
}

export type ReadOutcome =
  | { ok: true; request: FaceRequest }
  /** One sentence that names the place. */
  | { ok: false; message: string };

export interface ServerSentEvent {
  /** Null: the protocol does not name its events. */
  event: string | null;
  data: string;
}

export interface AnswerFacts {
  /** Unique; the protocol puts its own prefix before it. */
  id: string;
  model: string;
  nowMs: number;
}

export interface FaceProtocol {
  read(body: Json): ReadOutcome;
  writeReply(reply: ModelReply, facts: AnswerFacts): JsonObject;
  /** The same reply as the events of a stream, in the protocol's order. */
  streamReply(reply: ModelReply, facts: AnswerFacts, request: FaceRequest): ServerSentEvent[];
  writeError(error: FaceError): JsonObject;
  /** For a stream that has begun already. */
  streamError(error: FaceError): ServerSentEvent;
  /** Sent while a client waits, as it stands on the wire. */
  keepAlive: string;
}

/** `messages[2].content: expected string`: the first thing that does not fit. */
export function describeMisfit(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return 'the request cannot be read';
  const place = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return `${place.replace(/^\./, '') || 'the body'}: ${issue.message}`;
}
