import { expect, test } from 'vitest';
import { formatDiagnostic } from '../../yaml/diagnostic.ts';
import { loadScenario } from './load-scenario.ts';

async function problemsOf(text: string): Promise<string[]> {
  const { value, diagnostics } = await loadScenario({ text, file: 's.yaml' });
  expect(value).toBeUndefined();
  return diagnostics.map(formatDiagnostic);
}

test('a scenario in the right shape is loaded without a word', async () => {
  const text = `
name: small
scripts:
  - name: look
    for: { role: developer, round: 2+ }
    moves:
      - call: { tool: read, input: { path: a.txt }, capture: { word: '(\\w+)' } }
      - done: 'I saw \${word}'
`;
  const { value, diagnostics } = await loadScenario({ text });
  expect(diagnostics).toEqual([]);
  expect(value?.scripts[0]?.moves).toHaveLength(2);
});

test('every problem is reported at once, at its place', async () => {
  const text = `name: broken
scripts:
  - name: one
    for: { role: developer, item: '/(/' }
    moves:
      - label: start
        say: hello
        done: bye
      - call: { tool: run, input: { argv: [ls, '\${fiel}'] }, as: file, else: strat }
      - look: { in: file, expect: '[' }
      - set: { next: { from: nothing, replace: a, with: b } }
`;
  expect(await problemsOf(text)).toEqual([
    expect.stringMatching(/^s\.yaml:4:35 Invalid regular expression/),
    's.yaml:7:14 `say` goes with `call`; to end the turn use `done`',
    's.yaml:9:35 nothing in this script gives `fiel` a value; did you mean `file`?',
    's.yaml:9:78 there is no label `strat` in this script; did you mean `start`?',
    expect.stringMatching(/^s\.yaml:10:35 Invalid regular expression/),
    's.yaml:11:9 a script ends with `done`, `give_up` or `goto`',
    's.yaml:11:22 nothing in this script gives `nothing` a value',
  ]);
});

test('an unknown key comes with a suggestion', async () => {
  const text = `name: x
scripts:
  - name: one
    for: { role: developer }
    moves:
      - call: { tool: run, input: {}, exepct: x }
      - done: bye
`;
  expect(await problemsOf(text)).toEqual(['s.yaml:6:39 unknown key `exepct`; did you mean `expect`?']);
});

test('a move that does two things is refused', async () => {
  const text = `name: x
scripts:
  - name: one
    for: { role: developer }
    moves:
      - { goto: one, done: bye, label: one }
      - { label: one, done: bye }
`;
  expect(await problemsOf(text)).toEqual([
    's.yaml:6:9 a move has exactly one of call, look, set, goto, done, give_up; this one has goto and done',
    's.yaml:7:18 the label `one` appears twice',
  ]);
});

test('a file that is not there is a diagnostic, not an exception', async () => {
  const { value, diagnostics } = await loadScenario({ path: '/nowhere/at/all.yaml' });
  expect(value).toBeUndefined();
  expect(diagnostics.map(formatDiagnostic)).toEqual([
    'all.yaml:1:1 the scenario cannot be read: there is no such file',
  ]);
});

test('broken YAML is reported where it breaks', async () => {
  expect(await problemsOf('name: "x\nscripts: []')).toEqual([
    expect.stringMatching(/^s\.yaml:\d+:\d+ not valid YAML/),
  ]);
});
