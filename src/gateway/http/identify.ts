/** Who is calling: the key of an agent, compared in constant time, and whether the call can come from a page in a browser. Pure. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** 256 bits, given out once; only its hash is kept. */
export function hashKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** `x-api-key`, else `Authorization: Bearer`; null: neither. */
export function keyOf(headers: IncomingHttpHeaders): string | null {
  const apiKey = headers['x-api-key'];
  if (typeof apiKey === 'string' && apiKey !== '') return apiKey;
  return /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

/** Every entry is looked at, whatever matches: how long it takes says nothing. */
export function findByKey<T extends { keyHash: Buffer }>(entries: Iterable<T>, key: string): T | null {
  const hash = hashKey(key);
  let found: T | null = null;
  for (const entry of entries) if (timingSafeEqual(entry.keyHash, hash)) found = entry;
  return found;
}

const localNames: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Why the call is not taken; null: it is. A page whose name was bound anew to this address says that name as its host, and a
 * page of another origin says its origin. Agents are no pages: they send none.
 */
export function findForeignCaller(headers: IncomingHttpHeaders): string | null {
  const { host, origin } = headers;
  if (host === undefined || !localNames.includes(nameOf(`http://${host}`) ?? '')) {
    return 'this gateway answers to localhost only';
  }
  if (origin !== undefined && !localNames.includes(nameOf(origin) ?? '')) {
    return 'this gateway answers no page of another origin';
  }
  return null;
}

function nameOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname : null;
}
