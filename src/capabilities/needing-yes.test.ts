import { expect, it } from 'vitest';
import { makeRole } from '../../test/doubles/make-role.ts';
import { withTier } from '../permissions/ask-entry.ts';
import { parseRule } from '../permissions/parse-rule.ts';
import { judgeToolCall } from './judge-tool-call.ts';
import { rulesAskingFor, toolsNeedingYes } from './needing-yes.ts';

function roleAsking(...rules: string[]) {
  const ask = rules.map((text) => {
    const parsed = parseRule(text, 'policy');
    if (!parsed.ok) throw new Error(parsed.problem);
    return withTier(parsed.rule, text);
  });
  return makeRole({ permissions: { allow: [], ask, deny: [] } });
}

const inputs = {
  read: { path: 'migrations/1.sql' },
  write: { path: 'migrations/1.sql', content: '' },
  edit: { path: 'migrations/1.sql', old_text: 'a', new_text: 'b' },
  glob: { pattern: '**' },
  grep: { pattern: 'a' },
  run: { argv: ['npm', 'publish'] },
  shell: { command: 'npm publish' },
};

it.each([
  ['Edit(migrations/**)', ['write', 'edit']],
  ['Write(migrations/**)', ['write', 'edit']],
  ['Read(migrations/**)', ['read']],
  ['Bash(npm publish:*)', ['run', 'shell']],
  ['Write', ['write']],
  ['Grep', ['grep']],
])('%s is asked for with exactly the tools whose calls it holds up', (rule, expected) => {
  const role = roleAsking(rule);
  expect(toolsNeedingYes(role)).toEqual(expected);
  const heldUp = Object.entries(inputs).filter(
    ([tool, input]) => judgeToolCall({ role, tool, input, deliverables: [] }).decision === 'ask',
  );
  expect(heldUp.map(([tool]) => tool)).toEqual(expected);
});

it('names the rules that ask before given tools are used, and no others', () => {
  const role = roleAsking('Edit(migrations/**)', 'Bash(npm publish:*)', 'Grep');
  const texts = (tools: Parameters<typeof rulesAskingFor>[1]) =>
    rulesAskingFor(role, tools).map(({ text }) => text);
  expect(texts(['write'])).toEqual(['Edit(migrations/**)']);
  expect(texts(['shell', 'grep'])).toEqual(['Bash(npm publish:*)', 'Grep']);
  expect(texts([])).toEqual([]);
});
