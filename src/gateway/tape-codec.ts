/**
 * How tape events are stored: texts made storable, and large values moved to blobs. Reading gives back what was written.
 * Anything that a model or a tool produced may be large or personal, and retention deletes blobs, never events.
 */
import { MeshwrightError } from '../base/errors.ts';
import { canonicalJson, type Json, type JsonObject, storableJson } from '../base/json.ts';
import type { NewEvent, StoredEvent, StreamId } from '../journal/event.ts';
import type { BlobHash, Journal } from '../journal/journal.ts';
import { schemaOf, upcast } from '../journal/upcast.ts';
import type { TapeEvent, TapeEventKind } from './tape-event.ts';
import { tapeKinds } from './tape-kinds.ts';

type Blobs = Pick<Journal, 'putBlob' | 'getBlob'>;

/** Values whose canonical JSON is longer than this are stored as blobs. */
export const inlineBytes = 16 * 1024;

const packedFields: Readonly<Partial<Record<TapeEventKind, readonly string[]>>> = {
  'model.request_recorded': ['added'],
  'outside.prompted': ['text'],
  'people.asked': ['action'],
  'people.answered': ['text'],
  'model.call_finished': ['reply'],
  'tool.call_intended': ['input'],
  'tool.call_finished': ['output'],
  'tool.call_refused': ['input', 'output'],
};

/** The same value with everything replaced that the journal refuses to store (NUL, lone surrogates). For JSON values only. */
export function makeStorable<T>(value: T): T {
  return storableJson(value as unknown as Json) as T;
}

/** The stored form of an event of this agent; large fields are in blobs when it resolves. */
export async function encodeTapeEvent(event: TapeEvent, actor: StreamId, blobs: Blobs): Promise<NewEvent> {
  const data = { ...event.data } as unknown as JsonObject;
  for (const field of packedFields[event.kind] ?? []) {
    data[field] = await packValue(data[field] ?? null, blobs);
  }
  return { kind: event.kind, schema: schemaOf(tapeKinds, event.kind), actor, data };
}

/** In today's shape, packed fields as they are stored. @throws MeshwrightError `event_unknown`. */
export function readTapeEvent(stored: StoredEvent): TapeEvent {
  return upcast(tapeKinds, stored) as unknown as TapeEvent;
}

/** @throws MeshwrightError `event_unknown`, `blob_missing`: the fold must stop. */
export async function decodeTapeEvent(stored: StoredEvent, blobs: Blobs): Promise<TapeEvent> {
  const { kind, data: packed } = upcast(tapeKinds, stored);
  const data: JsonObject = { ...packed };
  for (const field of packedFields[kind] ?? []) {
    data[field] = await unpackValue(data[field] ?? null, blobs);
  }
  return { kind, data } as unknown as TapeEvent;
}

/** A value, or `{ $blob: hash, bytes }` in its place. A value that looks like a reference becomes a blob, whatever its size. */
export async function packValue(value: Json, blobs: Blobs): Promise<Json> {
  const text = canonicalJson(value);
  const bytes = Buffer.byteLength(text);
  if (bytes <= inlineBytes && !isReference(value)) return value;
  return { $blob: await blobs.putBlob(Buffer.from(text)), bytes };
}

export async function unpackValue(value: Json, blobs: Blobs): Promise<Json> {
  if (!isReference(value)) return value;
  const bytes = await blobs.getBlob(value.$blob as BlobHash);
  if (!bytes) {
    throw new MeshwrightError('blob_missing', `blob ${value.$blob.slice(0, 12)} of the tape is gone`, {
      hint: 'Retention deletes only what ended items held; `meshwright doctor --verify` tells which it was.',
    });
  }
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as Json;
}

function isReference(value: Json): value is { $blob: string } {
  return (
    value !== null && typeof value === 'object' && !Array.isArray(value) && typeof value.$blob === 'string'
  );
}
