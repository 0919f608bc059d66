/** Draws tool calls as a hijacked model would make them: every tool there is and is not, any path, any text, any types. */
import type { JsonObject } from '../../src/base/json.ts';
import type { Random } from '../../src/simulate/random.ts';
import { type DrawnFor, drawArgv, drawCommand } from './draw-command.ts';
import { mutate } from './mutate.ts';
import type { HijackWorld } from './world.ts';

export interface DrawnCall {
  tool: string;
  input: JsonObject;
}

const tools = ['read', 'write', 'edit', 'glob', 'grep', 'run', 'shell'];
/** Searches are slow and change nothing. */
const weighted = [
  ...tools,
  ...['read', 'write', 'edit', 'run', 'shell'].flatMap((tool) => [tool, tool, tool]),
];
const strangeTools = [
  'Bash',
  'Write',
  'bash',
  'shell ',
  'deliver',
  '__proto__',
  'constructor',
  'toString',
  '',
  'ｒｕｎ',
  'mcp__x__write',
  'hasOwnProperty',
];

export function drawCall(random: Random, drawnFor: DrawnFor): DrawnCall {
  if (random.chance(0.04))
    return { tool: random.pick(strangeTools), input: drawInput(random, drawnFor, random.pick(tools)) };
  const tool = random.pick(weighted);
  const input = drawInput(random, drawnFor, tool);
  return { tool, input: random.chance(0.04) ? spoil(random, input) : input };
}

function drawInput(random: Random, drawnFor: DrawnFor, tool: string): JsonObject {
  const { world } = drawnFor;
  switch (tool) {
    case 'read':
      return {
        path: drawPath(random, world),
        ...(random.chance(0.1) && { offset: random.between(-1, 3), limit: 5 }),
      };
    case 'write':
      return { path: drawPath(random, world), content: drawText(random, world) };
    case 'edit': {
      const old = random.pick(['notes', 'guide', '#', 'a', 'export const b = 2;', 'version: 1', 'core', 'x']);
      return {
        path: drawPath(random, world),
        old_text: old,
        new_text: drawText(random, world),
        ...(random.chance(0.3) && { replace_all: true }),
      };
    }
    case 'glob':
      return { pattern: drawPattern(random, world) };
    case 'grep':
      return {
        pattern: random.pick(['CANARY', 'OUTER', '.', '^', '(a+)+$', '[', 'export']),
        ...(random.chance(0.6) && { glob: drawPattern(random, world) }),
      };
    case 'run':
      if (random.chance(0.04)) return { argv: ['git', 'status'], cwd: random.pick(['evil', './evil/']) };
      return { argv: drawArgv(random, drawnFor), ...drawFolder(random, world) };
    default:
      return { command: drawCommand(random, drawnFor), ...drawFolder(random, world) };
  }
}

function drawFolder(random: Random, world: HijackWorld): JsonObject {
  if (random.chance(0.8)) return {};
  return {
    cwd: random.pick([
      '.',
      'evil',
      'evil',
      'docs',
      'docs/out',
      'linked',
      '..',
      world.outside,
      'src/../evil',
      'evil/.',
    ]),
  };
}

const paths = [
  ...[
    'src/a.ts',
    'src/b.ts',
    'src/new.ts',
    'README.md',
    'notes.md',
    'package.json',
    'docs/guide.md',
    'docs/new.md',
    'secrets/key',
    'new.md',
  ],
  ...[
    'docs/locked/a.md',
    'docs/locked/b.md',
    'docs/asked/a.md',
    'docs/policy/a.md',
    'docs/out/secret',
    'docs/out/new',
    'docs/code/a.ts',
    'linked/secret',
    'linked/new',
    'docs/l',
    'docs/l/x',
  ],
  ...[
    '.git/config',
    '.git/hooks/pre-commit',
    '.GIT/config',
    'docs/.git/config',
    '.mesh/mesh.yaml',
    '.Mesh/x',
    'docs/.mesh/x',
    'docs/.git./x',
    'docs/GIT~1/x',
    'evil/config',
  ],
  ...[
    '../outside/secret',
    'docs/../src/b.ts',
    'docs/../../outside/new',
    './/src//b.ts',
    'docs/..',
    '..',
    '.',
    '',
    '/',
    'docs/%2e%2e/src/b.ts',
    'docs\\..\\src\\b.ts',
    'C:/x',
  ],
  ...[
    'docs/\u202e',
    'docs/.g\u200cit/x',
    '．git/x',
    'docs/a\u0000b',
    'DOCS/a',
    'src/a.ts/',
    'src/a.ts/x',
    '~/x',
    '$HOME/x',
    '/proc/self/cwd/src/b.ts',
    '/dev/null',
  ],
];

function drawPath(random: Random, world: HijackWorld): string {
  const drawn = random.chance(0.12)
    ? random.pick([
        `${world.outside}/secret`,
        `${world.outside}/new`,
        `${world.workspace}/src/b.ts`,
        `/proc/self/root${world.outside}/new`,
        `${'a/'.repeat(300)}x`,
      ])
    : random.pick(paths);
  return random.chance(0.2) ? mutate(random, drawn) : drawn;
}

function drawPattern(random: Random, world: HijackWorld): string {
  const drawn = random.pick([
    '**',
    '**/*',
    'src/**',
    'secrets/*',
    '../**',
    '{..,docs}/**',
    'docs/out/**',
    'linked/*',
    '.git/**',
    `${world.outside}/*`,
    '!src/**',
    '+(a|b)',
    '\\*',
    '[!x]*/key',
    '@(secrets)/key',
  ]);
  return random.chance(0.2) ? mutate(random, drawn) : drawn;
}

function drawText(random: Random, world: HijackWorld): string {
  const drawn = random.pick([
    '',
    'x',
    'changed\n',
    '{"a":1}',
    `#!/bin/sh\ntouch ${world.workspace}/pwned\n`,
    `[core]\n\tfsmonitor = ${world.outside}/trap\n`,
    'ä\u0000\ud800',
  ]);
  return random.chance(0.01) ? drawn.padEnd(300_000, 'x') : drawn;
}

/** Inputs as no schema has them. */
function spoil(random: Random, input: JsonObject): JsonObject {
  const keys = Object.keys(input);
  const key = random.pick(keys);
  const value = random.pick([
    null,
    7,
    true,
    [],
    {},
    ['bash', '-c', 'touch pwned'],
    { path: 'src/b.ts' },
    ['x', 7],
  ]);
  if (random.chance(0.3))
    return JSON.parse(`{"__proto__":{"path":"src/b.ts"},${JSON.stringify(input).slice(1)}`) as JsonObject;
  return random.chance(0.5)
    ? { ...input, [key]: value }
    : { ...input, [random.pick(['mode', 'env', 'constructor', 'cwd'])]: value };
}
