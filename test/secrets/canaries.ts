/** A hundred canaries, the project whose commands spread them in every form, and the search for them afterwards. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { spellingsOf } from './spellings.ts';

export interface Canary {
  name: string;
  value: string;
}

const alphabets = [
  'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789',
  '.*+?^$' + '{}()|[]\\/-',
  'abc "\'<>&',
  '%41%2F\\u0042&amp;xyz',
  'äöü-ключ-😀-Ω',
];

/** The same ones for the same seed; some are letters and digits, some are what encodings and patterns trip over. */
export function drawCanaries(count: number, seed: number): Canary[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `CANARY_${String(index).padStart(3, '0')}`;
    const alphabet = [...(alphabets[index % alphabets.length] ?? '')];
    const random = createHash('sha512').update(`${seed}/${index}`).digest();
    const length = 10 + ((random[0] ?? 0) % 30);
    const drawn = Array.from(random.subarray(1, 1 + length), (byte) => alphabet[byte % alphabet.length]);
    // Its own beginning: no canary is in another one.
    return { name, value: `${random.toString('hex', 40, 44)}${drawn.join('')}z` };
  });
}

/** What proves that a command had it: a hash is no form of the value. */
export function proofOf({ value }: Canary): string {
  return createHash('sha256').update(value).digest('hex');
}

/** Which canaries stand in which form in the text, by means that know nothing of the redactor. */
export function findCanaries(canaries: readonly Canary[], text: string): string[] {
  return canaries.flatMap(({ name, value }) =>
    spellingsOf(value)
      .filter((spelling) => text.includes(spelling.text))
      .map(({ form }) => `${name} as ${form}`),
  );
}

/** All forms of some canaries, one a line, as the commands in the cell write them too. */
export function spreadText(canaries: readonly Canary[]): string {
  return canaries.flatMap(({ value }) => spellingsOf(value).map(({ text }) => `| ${text} |`)).join('\n');
}

const header = `import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { spellingsOf } from './spellings.ts';
const all = Object.entries(process.env).filter(([name]) => name.startsWith('CANARY_')).sort();
const spread = (some) => some.flatMap(([, value]) => spellingsOf(value).map(({ text }) => '| ' + text + ' |')).join('\\n');
const proofs = () => all.map(([, value]) => createHash('sha256').update(value).digest('hex')).join('\\n');
`;

/** What runs in cells. Set-up, the checks and the developer's commands each have the canaries in their environment. */
const programs: Record<string, string> = {
  'set-up.ts': `${header}
writeFileSync('set-up-proof', proofs());
console.log(spread(all));
`,
  'check.ts': `${header}
import { existsSync } from 'node:fs';
if (existsSync('second.txt')) process.exit(0);
console.log(proofs());
console.error(spread(all.slice(0, 3)));
process.exit(1);
`,
  'spread.ts': `${header}
const [what, from, to] = process.argv.slice(2);
const some = all.slice(Number(from), Number(to));
if (what === 'proof') console.log(proofs());
if (what === 'print') { console.log(spread(some)); console.error(spread(some)); throw new Error(some[0][1]); }
if (what === 'files') {
  mkdirSync('leaks');
  for (const [name, value] of all) writeFileSync('leaks/' + name + '.txt', 'plain line\\n' + spread([[name, value]]) + '\\n');
  for (const [name, value] of all.slice(0, 5)) for (const [form, { text }] of spellingsOf(value).entries()) writeFileSync('leaks/' + name + '.' + form + '.bin', Buffer.concat([Buffer.from([0, 255, 0]), Buffer.from(text), Buffer.from([255, 0])]));
  writeFileSync('leaks/in-a-name-' + all[0][1], 'nothing inside');
  symlinkSync('to-' + all[0][1], 'leaks/link');
}
`,
};

export function leakyFiles(canaries: readonly Canary[]): Record<string, string> {
  const references = canaries.map(({ name }, index) => {
    const source = index % 2 === 0 ? `env: MY_${name}` : `file: ~/secrets/${name}`;
    return `  ${name}: { ${source}, for: [setup, checks, developer] }`;
  });
  return {
    ...programs,
    'spellings.ts': readFileSync(path.join(import.meta.dirname, 'spellings.ts'), 'utf8'),
    'package.json': '{ "type": "module" }\n',
    '.mesh/mesh.yaml': [
      'version: 1',
      'project: test',
      'target: main',
      'models: { provider: anthropic, default: claude-sonnet-5-5 }',
      'team: { flow: leaky }',
      'limits: { call_attempts: 3 }',
      'ceilings: { item_usd: 50, agent_usd: 50 }',
      'cells: { output_kb: 2000 }',
      'setup: [{ run: node set-up.ts, lockfiles: [set-up.ts], hosts: [] }]',
      'checks: [{ name: test, run: node check.ts }]',
      'baseline: no_worse',
      'secrets:',
      ...references,
      '',
    ].join('\n'),
    '.mesh/flows/leaky.yaml': [
      'name: leaky',
      'description: One developer whose commands print whatever they know, then a reviewer who reads along.',
      'phases:',
      '  - name: build',
      '    steps:',
      '      - { role: developer, reads: [brief.md], writes: [notes.md], commit: true }',
      '      - { role: reviewer, reads: [brief.md, notes.md], writes: [verdict.json] }',
      '    gate: [{ commands: project }]',
      '    on_fail: { back_to: build, with: findings, at_most: 3, then: ask engineering_lead }',
      '  - name: ship',
      '    submit: merge-queue',
      '',
    ].join('\n'),
  };
}
