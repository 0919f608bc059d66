/**
 * One hash over everything that a model is sent, so that a replay tells whether it would send the same. A conversation grows by
 * its end and so does the chain (h_n = sha256(h_{n-1} ‖ message n)): a step costs the same early and late in a long run.
 */
import { canonicalJson, sha256Hex } from '../base/json.ts';
import type { ModelMessage, ModelRequest, ToolSpec } from './model.ts';

/** Hex characters; it stands in every call's intent. */
const length = 32;

/** For the calls of one agent. Messages and tool lists are recognised by identity and must not be changed. Who asks is not part of it. */
export function createRequestHash(): (request: Omit<ModelRequest, 'seat'>) => string {
  const links = new WeakMap<ModelMessage, { before: string; after: string }>();
  let known: { tools: readonly ToolSpec[]; text: string } | null = null;
  return ({ model, system, tools, messages, maxOutputTokens, effort }) => {
    if (known?.tools !== tools) known = { tools, text: canonicalJson(tools) };
    let chain = sha256Hex(canonicalJson([model, maxOutputTokens, effort, system, known.text]));
    for (const message of messages) {
      let link = links.get(message);
      if (link?.before !== chain) {
        link = { before: chain, after: sha256Hex(chain + canonicalJson(message)) };
        links.set(message, link);
      }
      chain = link.after;
    }
    return chain.slice(0, length);
  };
}
