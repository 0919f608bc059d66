/**
 * The hash chain of a stream: hash = sha256(previous hash ‖ canonical JSON of the envelope). Owns the spelling of
 * the envelope; knows nothing of where events are stored.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../base/json.ts';
import type { NewEvent, StoredEvent } from './event.ts';

/** Previous hash of a stream's first event: 32 zero bytes, lower-case hex. */
export const ZERO_HASH = '0'.repeat(64);

/**
 * The envelope with holes where the database puts `at` and `position`:
 * head + at + `","data":` + data + middle + position + tail. Keys are sorted, so that it is RFC 8785 text.
 */
export interface EnvelopePieces {
  head: string;
  data: string;
  middle: string;
  tail: string;
}

/** JSON.stringify spells well-formed strings and safe integers as RFC 8785 does; only `data` needs the full rules. */
export function envelopePieces(
  event: NewEvent,
  stream: string,
  unit: string,
  version: number,
): EnvelopePieces {
  return {
    head: `{"actor":${JSON.stringify(event.actor)},"at":"`,
    data: canonicalJson(event.data),
    middle: `,"kind":${JSON.stringify(event.kind)},"position":`,
    tail: `,"schema":${event.schema},"stream":${JSON.stringify(stream)},"unit":"${unit}","version":${version}}`,
  };
}

export function joinEnvelope(pieces: EnvelopePieces, at: string, position: number): string {
  return `${pieces.head}${at}","data":${pieces.data}${pieces.middle}${position}${pieces.tail}`;
}

/** Lower-case hex of sha256(previous ‖ envelope). */
export function chainHash(previousHash: string, envelope: string): string {
  return createHash('sha256').update(Buffer.from(previousHash, 'hex')).update(envelope, 'utf8').digest('hex');
}

/** What a stored event's hash must be, from its own content. */
export function expectedHash(event: StoredEvent, previousHash: string): string {
  const { actor, at, data, kind, position, schema, stream, unit, version } = event;
  const envelope = canonicalJson({ actor, at, data, kind, position, schema, stream, unit, version });
  return chainHash(previousHash, envelope);
}

export type ChainVerdict = { isIntact: true } | { isIntact: false; brokenVersion: number; reason: string };

/**
 * Checks contiguous events of one stream, from its first event or from the one after `previous`. Finds a changed,
 * missing, inserted or reordered event; a cut-off end it cannot see (the stream's head must be known for that).
 */
export function verifyChain(
  events: readonly StoredEvent[],
  previous: { hash: string; version: number } = { hash: ZERO_HASH, version: 0 },
): ChainVerdict {
  let { hash, version } = previous;
  for (const event of events) {
    version += 1;
    if (event.version !== version) {
      return { isIntact: false, brokenVersion: version, reason: `found version ${event.version} instead` };
    }
    if (expectedHash(event, hash) !== event.hash) {
      return { isIntact: false, brokenVersion: version, reason: 'content does not match its hash' };
    }
    hash = event.hash;
  }
  return { isIntact: true };
}
