/** Keeps what a replay needs beside the tape: the system text, the tools and the first message of an agent's calls. */
import { canonicalJson, sha256Hex } from '../base/json.ts';
import { readJsonBlob } from '../journal/blob-text.ts';
import type { Journal } from '../journal/journal.ts';
import type { ModelMessage, ModelRequest } from './model.ts';
import { makeStorable } from './tape-codec.ts';

export interface PromptStore {
  /** Blob hash; the same for every call of an agent, so it is stored once. */
  store(request: ModelRequest): Promise<string>;
}

/** The prompt as it was stored, so that an agent that goes on later says the same to its model. */
export async function readPrompt(
  journal: Journal,
  hash: string,
): Promise<{ system: string; firstMessage: string }> {
  const { system, firstMessage } = await readJsonBlob<{ system: string; firstMessage: ModelMessage | null }>(
    journal,
    hash,
  );
  const parts = firstMessage?.content ?? [];
  return { system, firstMessage: parts.map((part) => (part.type === 'text' ? part.text : '')).join('') };
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
