/**
 * Turns stored events, whatever version wrote them, into the shapes that this one works with. Owns the rule; what the
 * kinds are and how their shapes changed is told by the words that own them (items/item-kinds.ts, gateway/tape-kinds.ts).
 */
import { MeshwrightError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { NewEvent, StoredEvent } from './event.ts';

/**
 * One step of a kind's life: data of one schema into data of the next. Pure, kept for ever, never edited once released:
 * events of that schema are in somebody's journal. Packed fields come as they are stored.
 */
export type Upcast = (data: JsonObject) => JsonObject;

/** Every kind of one sort of stream with its steps, oldest first; a kind's current schema is one more than it has steps. */
export type EventKinds<K extends string> = Readonly<Record<K, readonly Upcast[]>>;

/** The schema in which a new event of this kind is written. */
export function schemaOf<K extends string>(kinds: EventKinds<K>, kind: K): number {
  return kinds[kind].length + 1;
}

/** A fact as it is appended, in its kind's current schema. */
export function toStorable<K extends string>(
  kinds: EventKinds<K>,
  event: { kind: K; data: object },
  actor: string,
): NewEvent {
  const { kind, data } = event;
  return { kind, schema: schemaOf(kinds, kind), actor, data: data as JsonObject };
}

/**
 * The event in its current shape; the stored one is not touched.
 * @throws MeshwrightError `event_unknown` for a kind or a schema that this version does not know: whoever folds must
 *   stop there, since guessing at one fact would make every later one wrong.
 */
export function upcast<K extends string>(
  kinds: EventKinds<K>,
  stored: StoredEvent,
): { kind: K; data: JsonObject } {
  if (!isKnown(kinds, stored)) throw unknownEvent(stored);
  const kind = stored.kind as K;
  const steps = kinds[kind].slice(stored.schema - 1);
  return { kind, data: steps.reduce((data, step) => step(data), stored.data) };
}

export function isKnown<K extends string>(
  kinds: EventKinds<K>,
  stored: Pick<StoredEvent, 'kind' | 'schema'>,
): boolean {
  if (!Object.hasOwn(kinds, stored.kind)) return false;
  const { schema } = stored;
  return Number.isSafeInteger(schema) && schema >= 1 && schema <= schemaOf(kinds, stored.kind as K);
}

/** Somebody's newer version wrote there; the stream is whole and must be left to it. */
export function isUnknownEvent(error: unknown): error is MeshwrightError {
  return error instanceof MeshwrightError && error.code === 'event_unknown';
}

/** Null: a newer version wrote there. @throws whatever else `read` throws. */
export async function unlessNewer<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (isUnknownEvent(error)) return null;
    throw error;
  }
}

function unknownEvent({ stream, version, kind, schema }: StoredEvent): MeshwrightError {
  return new MeshwrightError(
    'event_unknown',
    `${stream} version ${version} is ${kind} of schema ${schema}, which this Meshwright does not know`,
    { hint: 'A newer Meshwright wrote it: update this one. Nothing was changed.' },
  );
}
