/** Events: one fact each about one stream, hash-chained within it. Shapes only; storage is behind the Journal port. */
import type { Brand } from '../base/brand.ts';
import type { JsonObject } from '../base/json.ts';

/** `kind:project/rest`, e.g. `item:orders-api/3`, `agent:orders-api/3/build/T1/developer/1`, `mesh:orders-api`. */
export type StreamId = Brand<string, 'StreamId'>;

export interface NewEvent {
  /** Dotted, past tense: `item.added`, `model.call_intended`. */
  kind: string;
  /** Version of this kind's data shape, from 1. */
  schema: number;
  /** Who did it: `person:ada`, `agent:…` (a stream id), `worker:…`, `mesh`. */
  actor: string;
  data: JsonObject;
}

export interface StoredEvent extends NewEvent {
  stream: StreamId;
  /** 1-based, contiguous within the stream. */
  version: number;
  /** 1-based, gapless over the whole journal. */
  position: number;
  /** Database time, ISO 8601 UTC with milliseconds; never decreases within a stream. */
  at: string;
  /** Id of the unit that it was appended in. */
  unit: string;
  /** Lower-case hex sha256(previous hash bytes ‖ canonical envelope); the first event's previous hash is 32 zero bytes. */
  hash: string;
}

export function streamId(kind: string, project: string, ...rest: (string | number)[]): StreamId {
  return `${kind}:${[project, ...rest].join('/')}` as StreamId;
}
