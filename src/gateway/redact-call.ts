/**
 * Takes secrets out of what goes to a model and what comes back, before either is recorded: the tape, the model and a replay
 * see the same placeholders. Knows no secrets itself.
 */
import type { Redactor } from '../secrets/redactor.ts';
import type { AssistantPart, ModelMessage, ModelReply, ToolSpec } from './model.ts';

interface Redactable {
  system: string;
  messages: ModelMessage[];
  tools?: ToolSpec[];
}

/** Messages of a conversation stay the same objects from call to call: each is looked through once. */
export function createRequestRedaction(redactor: Redactor): <T extends Redactable>(request: T) => T {
  const known = new WeakMap<object, object>();
  const clean = <T extends object>(value: T): T => {
    const before = known.get(value) ?? redactor.redactJson(value);
    known.set(value, before);
    return before as T;
  };
  return (request) => ({
    ...request,
    system: redactor.redact(request.system),
    messages: request.messages.map(clean),
    ...(request.tools && { tools: clean(request.tools) }),
  });
}

export function redactReply(reply: ModelReply, redactor: Redactor): ModelReply {
  const content = reply.content.map((part): AssistantPart => {
    const clean = redactor.redactJson(part);
    // Providers want reasoning back unchanged, so it is whole or it is not there.
    return part.type === 'reasoning' && clean !== part
      ? { type: 'text', text: '(reasoning left out: there was a secret in it)' }
      : clean;
  });
  return { ...reply, content };
}
