/** Keeps what a replay needs beside the tape: the system text, the tools and the first message of an agent's calls. */
import { canonicalJson, sha256Hex } from '../base/json.ts';
import type { Journal } from '../journal/journal.ts';
import type { ModelRequest } from './model.ts';
import { makeStorable } from './tape-codec.ts';

export interface PromptStore {
  /** Blob hash; the same for every call of an agent, so it is stored once. */
  store(request: ModelRequest): Promise<string>;
}

export function createPromptStore(blobs: Pick<Journal, 'putBlob'>): PromptStore {
  const stored = new Set<string>();
  return {
    async store({ system, tools, messages }) {
      const text = canonicalJson(makeStorable({ system, tools, firstMessage: messages[0] ?? null }));
      const hash = sha256Hex(text);
      if (!stored.has(hash)) stored.add(await blobs.putBlob(Buffer.from(text)));
      return hash;
    },
  };
}
