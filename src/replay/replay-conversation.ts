/**
 * Plays an agent's conversation again from its tape: what the model said comes from there, and every request is made anew and
 * compared byte for byte with what was sent. Where the first one differs it stops: what a model would have said to
 * another request, no tape knows. Pure; it calls nobody.
 */
import type { Prompt } from '../agents/assemble-prompt.ts';
import { conversation, openingOf } from '../agents/run-agent.ts';
import { canonicalJson } from '../base/json.ts';
import { createRequestHash } from '../gateway/hash-request.ts';
import type { ModelMessage, ModelRequest, ToolSpec } from '../gateway/model.ts';
import { applyTapeEvent, emptyTape, type TapeState } from '../gateway/tape.ts';
import { makeStorable } from '../gateway/tape-codec.ts';
import type { TapeEvent } from '../gateway/tape-event.ts';
import { firstDifference, type TextDifference } from './first-difference.ts';

/** What calls were made of, as it was stored. */
export interface StoredPrompt {
  system: string;
  tools: ToolSpec[];
  firstMessage: ModelMessage | null;
}

export interface Materials {
  /** By the name that calls give it. */
  stored: ReadonlyMap<string, StoredPrompt>;
  /** Assembled anew; null: the tape does not say of what, so it is taken as stored. */
  remade: Prompt | null;
  /** As the role has them. */
  tools: ToolSpec[];
  deliverables: readonly string[];
  /** What the policy chooses now; null: as it was. */
  chosen: Pick<ModelRequest, 'model' | 'effort' | 'maxOutputTokens'> | null;
}

export interface Divergence {
  /** Which model call of the agent, from 1; its attempts count once. */
  call: number;
  /** `model`, `effort`, `output limit`, `system text`, `tools`, `first message`, `message 4`, or `request`. */
  part: string;
  /** In one line, where texts do not say it. */
  about: string | null;
  difference: TextDifference | null;
}

export interface ConversationReplay {
  /** Model calls that were compared, the diverging one included. */
  calls: number;
  divergence: Divergence | null;
  /** Calls of which only parts were recorded, by an earlier version. */
  comparedInParts: number;
}

type Intent = Extract<TapeEvent, { kind: 'model.call_intended' }>['data'];

export function replayConversation(events: readonly TapeEvent[], materials: Materials): ConversationReplay {
  const replay: ConversationReplay = { calls: 0, divergence: null, comparedInParts: 0 };
  const compare = createComparison(materials);
  let tape = emptyTape;
  for (const event of events) {
    if (event.kind === 'model.call_intended') {
      if (event.data.attempt === 1) replay.calls += 1;
      if (event.data.request === null) replay.comparedInParts += 1;
      const found = compare(tape, event.data);
      if (found) return { ...replay, divergence: { call: replay.calls, ...found } };
    }
    tape = applyTapeEvent(tape, event);
  }
  return replay;
}

type Found = Omit<Divergence, 'call'>;

/** Of one agent's calls, in order. */
function createComparison(materials: Materials): (tape: TapeState, intent: Intent) => Found | null {
  const hashRequest = createRequestHash();
  const openings = new Map<string, ModelMessage>();
  /** Messages of requests that were found to be the same. */
  let matched = 0;
  let isFirst = true;
  return (tape, intent) => {
    const stored = materials.stored.get(intent.prompt);
    if (!stored) return { part: 'request', about: 'the tape does not hold its prompt', difference: null };
    const isOutside = tape.threads.length > 0;
    const differing = isOutside ? null : comparePrompt(materials, stored, isFirst ? intent : null);
    isFirst = false;
    if (differing) return differing;

    const opening = openings.get(intent.prompt) ?? openingFrom(materials, stored);
    openings.set(intent.prompt, opening);
    const messages = isOutside
      ? [...tape.messages]
      : conversation(opening, tape.messages, materials.deliverables);
    const request = {
      model: intent.model,
      effort: intent.effort as ModelRequest['effort'],
      maxOutputTokens: intent.maxOutputTokens,
      system: isOutside ? stored.system : (materials.remade?.system ?? stored.system),
      tools: isOutside ? stored.tools : materials.tools,
      messages,
    };
    const isSame =
      intent.messageCount === messages.length &&
      (intent.request === null || intent.request === hashRequest(request));
    if (!isSame) return differingMessage(tape, messages, { from: matched, intent });
    matched = messages.length;
    return null;
  };
}

function openingFrom({ remade }: Materials, stored: StoredPrompt): ModelMessage {
  return remade ? openingOf(remade) : (stored.firstMessage ?? { role: 'user', content: [] });
}

/** `first`: the agent's first call; what is chosen later (a cheaper model, another one's turn) is a matter of that moment. */
function comparePrompt(materials: Materials, stored: StoredPrompt, first: Intent | null): Found | null {
  const { remade, tools, chosen } = materials;
  if (first && chosen) {
    const pairs: [string, unknown, unknown][] = [
      ['model', first.model, chosen.model],
      ['effort', first.effort, chosen.effort],
      ['output limit', first.maxOutputTokens, chosen.maxOutputTokens],
    ];
    const found = pairs.find(([, was, is]) => was !== is);
    if (found)
      return { part: found[0], about: null, difference: firstDifference(`${found[1]}`, `${found[2]}`) };
  }
  const texts: [string, string, string][] = [
    ['system text', stored.system, makeStorable(remade?.system ?? stored.system)],
    ['tools', readable(stored.tools), readable(makeStorable(tools))],
    [
      'first message',
      textOf(stored.firstMessage),
      makeStorable(remade?.firstMessage ?? textOf(stored.firstMessage)),
    ],
  ];
  for (const [part, was, is] of texts) {
    if (was !== is) return { part, about: null, difference: firstDifference(was, is) };
  }
  return null;
}

/** What is on the tape is the same by itself; what differs is what the program puts between, and of that there is a hash only. */
function differingMessage(
  tape: TapeState,
  messages: readonly ModelMessage[],
  { from, intent }: { from: number; intent: Intent },
): Found {
  const taped = new Set(tape.messages);
  const index = messages.findIndex((message, at) => at >= Math.max(1, from) && !taped.has(message));
  const own = messages[index];
  const about =
    intent.messageCount === messages.length
      ? 'what was sent then was recorded as a hash only'
      : `${intent.messageCount} messages were sent then, ${messages.length} would be now`;
  if (!own) return { part: 'request', about, difference: null };
  return {
    part: `message ${index + 1}`,
    about,
    difference: { line: 1, was: [], is: textOf(own).split('\n').slice(0, 3) },
  };
}

function textOf(message: ModelMessage | null): string {
  return (message?.content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** Keys sorted, one value a line. */
function readable(tools: readonly ToolSpec[]): string {
  return JSON.stringify(JSON.parse(canonicalJson(tools)), null, 1);
}
