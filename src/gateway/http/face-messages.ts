/** What the protocols' messages have in common once they are in our words. Pure. */
import type { ModelMessage } from '../model.ts';
import type { FaceRequest, ReadOutcome } from './face-protocol.ts';

/** Stands in the place of what our model port cannot carry, so that a client that sent it once is not stuck with it. */
export function leftOut(kind: string): string {
  return `(${kind} left out: this gateway carries text only)`;
}

/** A request as it was read, its messages as providers want them. Where nobody says anything there is nothing to answer. */
export function completeRequest(request: FaceRequest): ReadOutcome {
  const messages = nameTools(joinMessages(request.messages));
  return messages.length > 0
    ? { ok: true, request: { ...request, messages } }
    : { ok: false, message: 'the conversation is empty: there is no message with a word in it' };
}

/** Messages of one side in a row become one, and what says nothing is dropped: providers want it so. */
function joinMessages(messages: readonly ModelMessage[]): ModelMessage[] {
  const joined: ModelMessage[] = [];
  for (const message of messages) {
    const content = message.content.filter((part) => part.type !== 'text' || part.text !== '');
    if (content.length === 0) continue;
    const last = joined.at(-1);
    if (last?.role === message.role) (last.content as unknown[]).push(...content);
    else joined.push({ role: message.role, content } as ModelMessage);
  }
  return joined;
}

/** Protocols name a result's call only; we name its tool too. */
function nameTools(messages: readonly ModelMessage[]): ModelMessage[] {
  const tools = new Map<string, string>();
  return messages.map((message): ModelMessage => {
    if (message.role === 'assistant') {
      for (const part of message.content) if (part.type === 'tool_call') tools.set(part.id, part.tool);
      return message;
    }
    const content = message.content.map((part) =>
      part.type === 'tool_result' ? { ...part, tool: tools.get(part.id) ?? 'unknown' } : part,
    );
    return { role: 'user', content };
  });
}
