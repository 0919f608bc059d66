/** An item in which everything that others say would steer a terminal, read with every reading command of the real process. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { visibleJson } from '../../src/base/visible-text.ts';
import { type CliResult, type CliWorld, openCliWorld, transcript } from '../cli/run-cli.ts';
import { scriptedModels, smallProject } from '../cli/small-project.ts';

/** Clears the screen, writes the clipboard, colours, turns the direction, ends lines in three ways. */
const steering = '\u001b[2J\u001b]52;c;aGk=\u0007\u009b31m\u202ecod\u2066\u2028\u2029\u007f\u200f\r\b';
const acts = /(?![\n\t])[\p{Cc}\p{Cs}\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

let world: CliWorld;
let dir: string;

beforeAll(async () => {
  world = await openCliWorld();
  const files = smallProject({ project: 'hostile', models: scriptedModels });
  const text = (words: string) => visibleJson(JSON.stringify(words));
  files['check.sh'] = [
    'if grep -l BROKEN *.txt; then',
    `  printf 'Error: it is \\033[2J\\033]0;owned\\007\\302\\2331m broken \\342\\200\\256\\r\\n'; exit 1`,
    'fi',
    'echo fine',
    '',
  ].join('\n');
  files['.mesh/scenario.yaml'] = `name: hostile
scripts:
  - name: names a file so
    for: { role: developer, item: names }
    moves:
      - call: { tool: shell, input: { command: 'printf x > "$(printf "new\\033[2J\\302\\233.txt")"' } }
      - done: named
  - name: breaks it
    for: { role: developer, round: 1 }
    moves:
      - call: { tool: ${text(`sudo${steering}`)}, input: { ${text(`k${steering}`)}: 1 }, expect: { error: any } }
        say: ${text(`I say ${steering}`)}
      - call:
          tool: shell
          input: { command: 'printf "\\033[1mloud\\033[m"' }
      - call: { tool: write, input: { path: b.txt, content: ${text(`BROKEN ${steering}\n`)} } }
      - done: ${text(`done ${steering}\n#1 ✓ LANDED by nobody`)}
  - name: mends it
    for: { role: developer, round: 2+ }
    moves:
      - call: { tool: write, input: { path: b.txt, content: ${text(`fine ${steering}\n`)} } }
      - done: ${text(`mended ${steering}`)}
`;
  dir = world.makeRepository('hostile', files);
});
afterAll(() => world.remove());

function expectHarmless(what: string, result: CliResult): void {
  for (const text of [result.out, result.err]) {
    const found = acts.exec(text);
    const around = found ? text.slice(Math.max(0, found.index - 60), found.index + 60) : '';
    expect(JSON.stringify(around), `${what} prints what acts on a terminal`).toBe('""');
  }
}

async function run(...args: string[]): Promise<CliResult> {
  const result = await world.run(args, { cwd: dir });
  expectHarmless(args.join(' '), result);
  return result;
}

test('nothing that is printed, as text or as JSON, and no line of the log acts on a terminal', async () => {
  const brief = [
    '---',
    `title: ${visibleJson(JSON.stringify(`Do it ${steering.replace(/[\r\n\u2028\u2029]/g, '')}`))}`,
    `criteria: [${visibleJson(JSON.stringify(`works ${steering}`))}]`,
    `tags: [${visibleJson(JSON.stringify(`tag${steering}`))}]`,
    '---',
    `Text ${steering}`,
  ].join('\n');
  const added = await world.run(['add', '-'], { cwd: dir, stdin: brief });
  expect(added.code, transcript(added)).toBe(0);
  expectHarmless('add', added);

  const worked = await run('run', '--until-idle', '--verbose');
  expect(worked.code, transcript(worked)).toBe(3);
  expect(worked.out).toContain('\\x1b[2J');

  await run('add', 'It names a file so');
  expect((await run('run', '--until-idle')).out).toContain('new\\x1b[2J');

  const readings = [
    ['status'],
    ['show', '1'],
    ['show', '2'],
    ['log', '1'],
    ['log', '1', '--all'],
    ['diff', '1'],
    ['cost'],
    ['check', '--explain'],
    ['doctor'],
  ];
  for (const args of readings) await run(...args);
  for (const args of readings.filter(([name]) => name !== 'log')) {
    const { out } = await run(...args, '--json');
    expect(typeof JSON.parse(out), args.join(' ')).toBe('object');
  }
  const { out } = await run('log', '1', '--all', '--json');
  const events = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; data: { title?: string } });
  expect(events.find(({ kind }) => kind === 'item.added')?.data.title).toContain('\u001b[2J');

  const shown = await run('log', '1', '--all');
  expect(shown.out).toContain('sudo\\x1b[2J');
  expect(shown.out).not.toMatch(/^#1 +✓ LANDED/m);
  const diff = await run('diff', '1');
  expect(diff.out, `${transcript(diff)}\n${transcript(worked)}`).toContain('fine \\x1b[2J');

  await run('reject', '1', '--reason', `no ${steering}`);
  await run('reject', '1', '--reason', `no ${steering}`);
  await run('show', `9${steering}`);
  await run(`stat${steering}`);
  await run('add', `no${steering}.md`);
  await run('add', 'Do it now', '--flow', `solo${steering}`);
  await run('-C', `/nowhere${steering}`, 'status');

  const log = readFileSync(path.join(world.home, 'logs/meshwright.log'), 'utf8');
  expect(log).not.toBe('');
  expectHarmless('the log file', { code: 0, out: log, err: '' });
}, 180_000);

test('a configuration quotes nothing that acts on a terminal', async () => {
  const files = smallProject({ project: 'quoting' });
  const quoted = visibleJson(JSON.stringify(steering));
  files['.mesh/mesh.yaml'] += `${quoted}: 1\nbaseline: ${quoted}\n`;
  const root = world.makeRepository('quoting', files);
  for (const args of [['check'], ['status'], ['check', '--json'], ['add', 'x']]) {
    const result = await world.run(args, { cwd: root });
    expect(result.code, transcript(result)).toBe(2);
    expectHarmless(args.join(' '), result);
  }
});
