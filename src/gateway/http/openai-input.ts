/** What Chat Completions and Responses have in common on the way in. Pure. */
import { z } from 'zod';
import type { JsonObject } from '../../base/json.ts';
import type { ToolSpec } from '../model.ts';
import { parseBoundedJson } from './bounded-json.ts';
import { leftOut } from './face-messages.ts';

export const jsonObject = z.record(z.string(), z.json()) as unknown as z.ZodType<JsonObject>;

/** Arguments of a call: a text that holds an object; no text at all stands for none. */
export const callArguments = z.string().transform((text, context): JsonObject => {
  if (text.trim() === '') return {};
  const parsed = parseBoundedJson(text);
  const { value } = parsed.ok ? parsed : { value: null };
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  context.addIssue({ code: 'custom', message: parsed.ok ? 'is no JSON object' : parsed.message });
  return z.NEVER;
});

const part = z.object({ type: z.string(), text: z.string().optional(), refusal: z.string().optional() });

/** Text, or parts of which those without text are named in their place. */
export const textContent = z
  .union([z.string(), z.array(part)])
  .nullish()
  .transform((content) => {
    if (content === null || content === undefined) return '';
    if (typeof content === 'string') return content;
    return content.map(({ type, text, refusal }) => text ?? refusal ?? leftOut(type)).join('\n');
  });

export const functionShape = z.object({
  name: z.string().min(1),
  description: z.string().nullish(),
  parameters: jsonObject.nullish(),
});

export function readTool({ name, description, parameters }: z.infer<typeof functionShape>): ToolSpec {
  const inputSchema = parameters ?? { type: 'object', properties: {} };
  return { name, description: description ?? '', inputSchema };
}

/** A model cannot be forced: `none` offers no tool, one named tool is the only one offered, `required` is taken as `auto`. */
export function chooseTools(tools: readonly ToolSpec[], choice: string | { named: string }): ToolSpec[] {
  if (choice === 'none') return [];
  return tools.filter(({ name }) => typeof choice === 'string' || choice.named === name);
}

/** A tool that is not run by the client cannot be offered: nobody would have checked what it does. */
export function refuseTool(kind: string): string {
  return `tools: ${kind} would run at the provider, past this gateway; leave it out`;
}
