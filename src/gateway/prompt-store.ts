/** Keeps what a replay needs beside the tape: the system text, the tools and the first message of an agent's calls. */
import { canonicalJson, sha256Hex } from '../base/json.ts';
import { readJsonBlob } from '../journal/blob-text.ts';
import type { Journal } from '../journal/journal.ts';
import type { ModelMessage, ModelRequest } from './model.ts';
import { makeStorable } from './tape-codec.ts';
import type { RecordedPrompt, TapeEvent } from './tape-event.ts';

export interface PromptStore {
  /** Its name (a hash over its parts), and the event that must come before the first call that names it; null: was there. */
  store(
    request: ModelRequest,
    madeFrom: string | null,
  ): Promise<{ prompt: string; recorded: TapeEvent | null }>;
}

/** The prompt as it was stored, so that an agent that goes on later says the same to its model. */
export async function readPrompt(
  journal: Journal,
  stored: RecordedPrompt | { whole: string },
): Promise<{ system: string; firstMessage: string; madeFrom: string | null }> {
  const { system, firstMessage } =
    'whole' in stored
      ? await readJsonBlob<{ system: string; firstMessage: ModelMessage | null }>(journal, stored.whole)
      : {
          system: await readJsonBlob<string>(journal, stored.system),
          firstMessage: await readJsonBlob<ModelMessage | null>(journal, stored.firstMessage),
        };
  const parts = firstMessage?.content ?? [];
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  return { system, firstMessage: text, madeFrom: 'whole' in stored ? null : stored.madeFrom };
}

/** The parts of one agent's calls hardly ever change: they are compared by identity before they are hashed. */
export function createPromptStore(blobs: Pick<Journal, 'putBlob'>): PromptStore {
  const named = new Set<string>();
  let last: { system: string; tools: unknown; first: ModelMessage | undefined; prompt: string } | null = null;
  const put = (value: unknown) => blobs.putBlob(Buffer.from(canonicalJson(makeStorable(value))));
  return {
    async store({ system, tools, messages }, madeFrom) {
      const first = messages[0];
      if (last && last.system === system && last.tools === tools && last.first === first) {
        return { prompt: last.prompt, recorded: null };
      }
      const parts = {
        system: await put(system),
        tools: await put(tools),
        firstMessage: await put(first ?? null),
      };
      // A name within one agent's stream: it stands in every call's intent, and need not be a whole hash.
      const prompt = sha256Hex(canonicalJson(parts)).slice(0, 16);
      last = { system, tools, first, prompt };
      if (named.has(prompt)) return { prompt, recorded: null };
      named.add(prompt);
      return { prompt, recorded: { kind: 'prompt.recorded', data: { prompt, ...parts, madeFrom } } };
    },
  };
}
