/** A repository of somebody else with a package of the npm registry in its lockfile, from `init` to landed. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { goHome } from './foreign-way.ts';
import { type CliWorld, commitAll, git, openCliWorld, transcript, writeFiles } from './run-cli.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.remove());

const files = {
  'package.json': `${JSON.stringify(
    {
      name: 'measures',
      version: '1.0.0',
      private: true,
      type: 'module',
      scripts: { test: 'node --test' },
      dependencies: { 'is-number': '7.0.0' },
    },
    null,
    2,
  )}\n`,
  '.gitignore': 'node_modules/\n',
  'README.md': '# Measures\n\n- `parseLength(text)`: metres out of "12 m"\n',
  'src/length.js': `import isNumber from 'is-number';

export function parseLength(text) {
  const amount = text.replace(/ *m$/, '');
  if (!isNumber(amount)) throw new TypeError(\`not a length: \${text}\`);
  return Number(amount);
}
`,
  'test/length.test.js': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLength } from '../src/length.js';

test('a length is read', () => assert.equal(parseLength('12 m'), 12));
test('what is no number is refused', () => assert.throws(() => parseLength('long'), TypeError));
`,
};

const scenario = `name: measures
scripts:
  - name: planner
    for: { role: planner }
    moves:
      - call:
          tool: grep
          input: { pattern: '^export function', glob: 'src/*.js' }
          capture: { reader: 'function (\\w+)' }
      - call:
          tool: deliver
          input:
            name: plan.json
            content: |
              { "summary": "Area beside \${reader}.", "tasks": [
                { "id": "T1", "title": "Compute areas", "instructions": "src/area.js with \${reader}", "after": [] },
                { "id": "T2", "title": "Document it", "instructions": "README.md", "after": [] } ] }
      - done: Two tasks.
  - name: code
    for: { role: developer, task: T1 }
    moves:
      - call: { tool: read, input: { path: node_modules/is-number/package.json }, expect: '"name": "is-number"' }
      - call: { tool: read, input: { path: src/length.js }, capture: { reader: 'export function (\\w+)' } }
      - call:
          - tool: write
            input:
              path: src/area.js
              content: |
                import { \${reader} } from './length.js';

                export function areaOf(width, height) {
                  return \${reader}(width) * \${reader}(height);
                }
          - tool: write
            input:
              path: test/area.test.js
              content: |
                import assert from 'node:assert/strict';
                import { test } from 'node:test';
                import { areaOf } from '../src/area.js';

                test('an area is width by height', () => assert.equal(areaOf('2 m', '3 m'), 6));
      - call: { tool: run, input: { argv: [npm, test] }, expect: 'fail 0$' }
      - done: Areas are computed; all tests pass.
  - name: text
    for: { role: developer, task: T2 }
    moves:
      - call: { tool: read, input: { path: README.md }, capture: { line: '^(- .*)$' } }
      - call:
          tool: edit
          input:
            path: README.md
            old_text: '\${line}'
            new_text: |-
              \${line}
              - \`areaOf(width, height)\`: square metres
      - done: It is documented.
  - name: reviewer
    for: { role: reviewer }
    moves:
      - call: { tool: read, input: { path: src/area.js }, expect: 'export function areaOf' }
      - call:
          tool: deliver
          input: { name: verdict.json, content: '{ "verdict": "pass", "summary": "Small and tested.", "findings": [] }' }
      - done: It is good.
`;

function npm(cwd: string, ...args: string[]): string {
  return execFileSync('npm', args, {
    cwd,
    env: { ...world.env, CI: 'true' },
    encoding: 'utf8',
    timeout: 60_000,
  });
}

function makeMeasures(name: string): string {
  const dir = world.makeRepository(name, files);
  npm(dir, 'install', '--package-lock-only', '--no-audit', '--no-fund');
  expect(existsSync(path.join(dir, 'node_modules'))).toBe(false);
  commitAll(dir, 'Lock what is installed');
  return dir;
}

test('an npm repository with a lockfile goes from init to landed, its package installed once', async () => {
  const dir = makeMeasures('measures');
  const way = await goHome({ world, dir, scenario, flow: 'trio', brief: 'Compute areas' });
  expect(way.init).toMatch(/^found +npm/m);
  expect(way.init).toMatch(/^set-up npm ci/m);
  expect(way.init).toMatch(/^check +npm test$/m);
  expect(way.init).toMatch(/✓ +test +green +2 passed, 0 failed/);
  const registry = new URL(npm(world.dir, 'config', 'get', 'registry').trim()).host;
  expect(way.policy).toMatch(/^ {4}lockfiles: \[.*package-lock\.json.*\]$/m);
  expect(/^ {4}hosts: \[(.*?)\]/m.exec(way.policy)?.[1]?.split(', ')).toContain(registry);
  expect(way.run).toMatch(/✓ build gate: .*3 of 3 tests passed/);
  expect(way.run).toMatch(/! READY/);
  expect(way.diff).toContain('+++ b/src/area.js');
  expect(way.diff).not.toContain('node_modules');
  expect(git(dir, 'log', '--format=%s', `${way.before}..main`)).toBe('Compute areas');
  npm(dir, 'ci', '--no-audit', '--no-fund');
  expect(npm(dir, 'test')).toMatch(/pass 3\b/);
});

test('set-up reaches no host but those that the policy names', async ({ skip }) => {
  const doctor = JSON.parse((await world.run(['doctor', '--json'])).out) as {
    examinations: { name: string; result: string }[];
  };
  const isolation = doctor.examinations.find((each) => each.name === 'isolation');
  if (isolation?.result !== 'good') skip('this machine cannot isolate cells');
  const dir = makeMeasures('elsewhere');
  const policy = `version: 1
project: elsewhere
models: { provider: scripted, scenario: .mesh/scenario.yaml }
setup: [{ run: npm ci --fetch-retries=0, lockfiles: [package-lock.json], hosts: [elsewhere.invalid] }]
checks: [npm test]
`;
  writeFiles(dir, { '.mesh/mesh.yaml': policy, '.mesh/scenario.yaml': scenario });
  const result = await world.run(['init'], { cwd: dir });
  expect(result.code, transcript(result)).toBe(1);
  expect(result.out).toMatch(
    /✗ set-up failed on HEAD: set-up `npm ci --fetch-retries=0` ended with exit code \d+/,
  );
});
