/** Translates our messages and tools into the AI SDK's shapes. Tools carry no `execute`: running them is the gateway's. */
import { jsonSchema, type ModelMessage as SdkMessage, type ToolSet, tool } from 'ai';
import type { AssistantPart, ModelMessage, ToolSpec } from '../model.ts';

type SdkAssistantContent = Exclude<Extract<SdkMessage, { role: 'assistant' }>['content'], string>;
export type ProviderOptions = NonNullable<SdkMessage['providerOptions']>;

/** `onLast` is put on the last message: providers that cache by mark cache everything up to it. */
export function toSdkMessages(messages: readonly ModelMessage[], onLast?: ProviderOptions): SdkMessage[] {
  const translated = messages.flatMap(toSdkMessage);
  const last = translated.at(-1);
  if (last && onLast) last.providerOptions = onLast;
  return translated;
}

/** Tool results become a message of their own before the text that follows them. */
function toSdkMessage(message: ModelMessage): SdkMessage[] {
  if (message.role === 'assistant') return [{ role: 'assistant', content: message.content.map(toSdkPart) }];
  const translated: SdkMessage[] = [];
  const results = message.content.filter((part) => part.type === 'tool_result');
  if (results.length > 0) {
    translated.push({
      role: 'tool',
      content: results.map((part) => ({
        type: 'tool-result',
        toolCallId: part.id,
        toolName: part.tool,
        output: { type: part.isError ? 'error-text' : 'text', value: part.output },
      })),
    });
  }
  const texts = message.content.filter((part) => part.type === 'text');
  if (texts.length > 0) {
    translated.push({ role: 'user', content: texts.map(({ text }) => ({ type: 'text', text })) });
  }
  return translated;
}

function toSdkPart(part: AssistantPart): SdkAssistantContent[number] {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'reasoning':
      return { type: 'reasoning', text: part.text, providerOptions: part.providerData as ProviderOptions };
    case 'tool_call':
      return { type: 'tool-call', toolCallId: part.id, toolName: part.tool, input: part.input };
  }
}

export function toSdkTools(specs: readonly ToolSpec[]): ToolSet {
  return Object.fromEntries(
    specs.map((spec) => [
      spec.name,
      tool({ description: spec.description, inputSchema: jsonSchema(spec.inputSchema) }),
    ]),
  );
}
