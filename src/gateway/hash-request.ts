/**
 * One hash over everything that a model is sent, so that a replay tells whether it would send the same. A conversation grows by
 * its end and so does the chain (h_n = sha256(h_{n-1} ‖ message n)): a step costs the same early and late in a long run.
 */
import { canonicalJson, sha256Hex } from '../base/json.ts';
import type { ModelMessage, ModelRequest } from './model.ts';

/** Hex characters; it stands in every call's intent. */
const length = 32;

/** For the calls of one agent. Messages and tool lists are recognised by identity and must not be changed. Who asks is not part of it. */
export function createRequestHash(): (request: Omit<ModelRequest, 'seat'>) => string {
  const links = new WeakMap<ModelMessage, { before: string; after: string }>();
  const headHash = createHeadHash();
  return ({ messages, ...head }) => {
    let chain = headHash(head);
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

type RequestHead = Omit<ModelRequest, 'seat' | 'messages'>;

/** What stands before the messages is mostly the same from call to call, and long. */
function createHeadHash(): (head: RequestHead) => string {
  let known: { head: RequestHead; tools: string; hash: string } | null = null;
  return (head) => {
    if (known && isSameHead(known.head, head)) return known.hash;
    const { model, system, tools, maxOutputTokens, effort } = head;
    const text = known?.head.tools === tools ? known.tools : canonicalJson(tools);
    const hash = sha256Hex(canonicalJson([model, maxOutputTokens, effort, system, text]));
    known = { head, tools: text, hash };
    return hash;
  };
}

function isSameHead(one: RequestHead, other: RequestHead): boolean {
  return (
    one.tools === other.tools &&
    one.system === other.system &&
    one.model === other.model &&
    one.maxOutputTokens === other.maxOutputTokens &&
    one.effort === other.effort
  );
}
