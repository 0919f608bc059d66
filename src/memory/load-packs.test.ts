import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../yaml/diagnostic.ts';
import { loadPacks } from './load-packs.ts';

const builtInDir = path.resolve(import.meta.dirname, '../../assets/team');
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function load(files: Record<string, string>, names: string[] = ['house']) {
  const repoDir = mkdtempSync(path.join(tmpdir(), 'mesh-packs-'));
  folders.push(repoDir);
  for (const [file, text] of Object.entries(files)) {
    const target = path.join(repoDir, '.mesh/packs', file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  const at = (index: number) => ({ file: '.mesh/mesh.yaml', line: 7, col: 9 + index });
  const named = names.map((name, index) => ({ name, at: at(index) }));
  const { rules, diagnostics } = await loadPacks({ names: named, repoDir, builtInDir });
  return { rules, problems: diagnostics.map(formatDiagnostic) };
}

const rule = (front: string, body = 'Amounts are whole cents.\n\nRounding differs\nelsewhere.\n') =>
  `---\n${front}\n---\n${body}`;
const plain = 'id: H-1\nkind: rule\ntopic: money.amounts';

describe('a pack', () => {
  it('is a folder of rules: the first paragraph holds, the rest is the reason', async () => {
    const checked = `${plain}\nscope: "paths:src/b/**,src/a/**"\nmust_ask: compliance_question\nwhen:\n  paths: [src/**]\n  matches: 'cents\\b'`;
    const { rules, problems } = await load({
      'house/a.md': rule(checked),
      'house/README.md': '# no rule',
      'house/notes.txt': 'no rule',
    });
    expect(problems).toEqual([]);
    expect(rules).toMatchObject([
      {
        id: 'house/H-1',
        kind: 'rule',
        answers: null,
        topic: 'money.amounts',
        scope: 'paths:src/a/**,src/b/**',
        statement: 'Amounts are whole cents.',
        reasons: 'Rounding differs\nelsewhere.',
        status: 'active',
        recordedAt: null,
        check: { paths: ['src/**'], matches: 'cents\\b', mustAsk: 'compliance_question' },
      },
    ]);
  });

  it('says with every rule the hash of its file', async () => {
    const hashOf = async (text: string) => {
      const { rules } = await load({ 'house/a.md': text });
      const source = rules[0]?.source;
      return source?.from === 'pack' ? source.hash : null;
    };
    expect(await hashOf(rule(plain))).toMatch(/^[0-9a-f]{64}$/);
    expect(await hashOf(rule(plain))).toBe(await hashOf(rule(plain)));
    expect(await hashOf(rule(plain))).not.toBe(await hashOf(rule(plain, 'Amounts are floats.')));
  });

  it('of the project wins over the built-in one of the same name', async () => {
    expect((await load({}, ['phi'])).rules.map(({ id }) => id)).toEqual([
      'phi/PHI-1',
      'phi/PHI-2',
      'phi/PHI-3',
      'phi/PHI-4',
    ]);
    expect((await load({ 'phi/a.md': rule(plain) }, ['phi'])).rules.map(({ id }) => id)).toEqual(['phi/H-1']);
  });

  it.each([
    [
      'that is not there',
      {},
      ['phy'],
      '.mesh/mesh.yaml:7:9 there is no pack `phy` in .mesh/packs; did you mean `phi`?',
    ],
    [
      'without rules',
      { 'house/README.md': '' },
      ['house'],
      '.mesh/mesh.yaml:7:9 the pack `house` has no rules (files `*.md`)',
    ],
    ['with a rule without front matter', { 'house/a.md': 'Hm.' }, ['house'], '.mesh/packs/house/a.md:1:1 '],
    [
      'with an unknown key',
      { 'house/a.md': rule(`${plain}\nscop: mesh`) },
      ['house'],
      '.mesh/packs/house/a.md:5:1 unknown key `scop`; did you mean `scope`?',
    ],
    [
      'with a scope that is none',
      { 'house/a.md': rule(`${plain}\nscope: item:3`) },
      ['house'],
      '.mesh/packs/house/a.md:5:8 `scope` must be `mesh`, `team:<flow>` or `paths:<glob>,<glob>`',
    ],
    [
      'with a topic of one word',
      { 'house/a.md': rule('id: H-1\nkind: rule\ntopic: money') },
      ['house'],
      '.mesh/packs/house/a.md:4:8 `topic` must have at least two words',
    ],
    [
      'with `must_ask` alone',
      { 'house/a.md': rule(`${plain}\nmust_ask: compliance_question`) },
      ['house'],
      '.mesh/packs/house/a.md:5:1 `must_ask` needs `when`',
    ],
    [
      'with `when` alone',
      { 'house/a.md': rule(`${plain}\nwhen: { paths: [src/**], matches: x }`) },
      ['house'],
      '.mesh/packs/house/a.md:5:1 `when` needs `must_ask`',
    ],
    [
      'with a broken pattern',
      { 'house/a.md': rule(`${plain}\nmust_ask: a_b\nwhen: { paths: [src/**], matches: '(' }`) },
      ['house'],
      '.mesh/packs/house/a.md:6:35 no regular expression',
    ],
    [
      'with a rule that says nothing',
      { 'house/a.md': rule(plain, '\n') },
      ['house'],
      '.mesh/packs/house/a.md:1:1 the file says no rule',
    ],
    [
      'with a rule that is a book',
      { 'house/a.md': rule(plain, 'x'.repeat(501)) },
      ['house'],
      '.mesh/packs/house/a.md:1:1 the rule (the first paragraph) has 501 characters; at most 500',
    ],
    [
      'with an id twice',
      { 'house/a.md': rule(plain), 'house/b.md': rule(plain) },
      ['house'],
      '.mesh/packs/house/b.md:1:1 .mesh/packs/house/a.md has the id of this rule too',
    ],
  ])('%s is refused at its place', async (_, files, names, expected) => {
    const { problems } = await load(files, names);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
  });
});
