/** Bodies of requests, from right ones to nonsense, made of the words of all three protocols. */
import fc from 'fast-check';
import type { Json } from '../../src/base/json.ts';

/** Words of all three protocols, so that what is made up comes close to what is meant. */
const words = fc.constantFrom(
  ...['user', 'assistant', 'system', 'developer', 'tool', 'text', 'tool_use', 'tool_result', 'thinking'],
  ...['redacted_thinking', 'function', 'function_call', 'function_call_output', 'message', 'reasoning'],
  ...['input_text', 'image', 'auto', 'none', '{}', '{"a":1}', '[', '__proto__', '\0', '\ud800', ''],
);
const keys = fc.constantFrom(
  ...['role', 'content', 'type', 'text', 'id', 'name', 'input', 'tool_use_id', 'is_error', 'thinking'],
  ...['signature', 'data', 'tool_calls', 'tool_call_id', 'function', 'arguments', 'call_id', 'output'],
  ...[
    'summary',
    'encrypted_content',
    'input_schema',
    'parameters',
    'description',
    '__proto__',
    'constructor',
  ],
);
const { node } = fc.letrec<{ node: Json }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    words,
    fc.constantFrom(null, true, 0, -1, 1e308),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(keys, tie('node'), { maxKeys: 6 }),
  ),
}));
const body = fc.record(
  {
    messages: fc.array(node, { maxLength: 4 }),
    input: fc.oneof(node, fc.array(node, { maxLength: 4 })),
    system: node,
    instructions: node,
    tools: fc.array(node, { maxLength: 3 }),
    tool_choice: node,
    max_tokens: fc.oneof(fc.integer(), node),
    stream: fc.oneof(fc.boolean(), node),
  },
  { requiredKeys: [] },
);

/** A body of each protocol in which every part is right; one part is then replaced by anything. */
export const sound: Json[] = [
  {
    max_tokens: 10,
    system: [{ type: 'text', text: 's' }],
    messages: [
      { role: 'user', content: 'q' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 't', signature: 's' },
          { type: 'tool_use', id: 'c', name: 'look', input: { a: [1] } },
        ],
      },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'c', content: [{ type: 'text', text: 'r' }] }],
      },
    ],
    tools: [{ name: 'look', input_schema: { type: 'object' } }],
    tool_choice: { type: 'auto' },
  },
  {
    messages: [
      { role: 'system', content: 's' },
      { role: 'user', content: [{ type: 'text', text: 'q' }] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'look', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c', content: 'r' },
    ],
    tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }],
    tool_choice: { type: 'function', function: { name: 'look' } },
  },
  {
    input: [
      { role: 'user', content: [{ type: 'input_text', text: 'q' }] },
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 't' }], encrypted_content: 'e' },
      { type: 'function_call', call_id: 'c', name: 'look', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: 'r' },
    ],
    tools: [{ type: 'function', name: 'look', parameters: null }],
    tool_choice: 'auto',
  },
];

/** One place of a value, by walking down it. */
function replaceAt(value: Json, steps: number[], replacement: Json): Json {
  const [step, ...rest] = steps;
  if (step === undefined || value === null || typeof value !== 'object') return replacement;
  const all = Object.keys(value);
  const key = all[step % Math.max(all.length, 1)];
  if (key === undefined) return replacement;
  const changed = structuredClone(value) as Record<string, Json>;
  changed[key] = replaceAt(changed[key] ?? null, rest, replacement);
  return changed as Json;
}

const mutated = fc
  .tuple(fc.constantFrom(...sound), fc.array(fc.nat(7), { maxLength: 6 }), node)
  .map(([value, steps, replacement]) => replaceAt(value, steps, replacement));

export const anyBody: fc.Arbitrary<unknown> = fc.oneof(body, mutated, node);
