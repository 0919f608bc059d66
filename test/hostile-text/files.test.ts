/**
 * Files of the repository and of the command line that would exhaust, hang or fool their reader, given to the real
 * process with little memory. Seen from outside: that it ends in time, with exit code 2 and one line that says where.
 */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliWorld, mainFile, openCliWorld, transcript } from '../cli/run-cli.ts';
import { smallProject } from '../cli/small-project.ts';

let world: CliWorld;
let limited: { env: Record<string, string>; timeoutMs: number };
beforeAll(async () => {
  world = await openCliWorld();
  const bin = path.join(world.dir, 'bin');
  mkdirSync(bin);
  for (const name of ['git', 'sh'])
    symlinkSync(execFileSync('which', [name], { encoding: 'utf8' }).trim(), path.join(bin, name));
  limited = {
    // A fifth of what the bombs would take; and no package managers, which every command would ask for their registries.
    env: { NODE_OPTIONS: '--max-old-space-size=256', PATH: bin },
    timeoutMs: 60_000,
  };
});
afterAll(() => world.remove());

let count = 0;
function makeProject(): string {
  count += 1;
  return world.makeRepository(`files-${count}`, smallProject({ project: `files-${count}` }));
}

/** The only line of error of `check`, with a file of the project replaced. */
async function checkWith(
  file: string,
  content: string | Buffer | ((absolute: string) => void),
): Promise<string> {
  const dir = makeProject();
  const absolute = path.join(dir, file);
  mkdirSync(path.dirname(absolute), { recursive: true });
  if (typeof content === 'function') content(absolute);
  else writeFileSync(absolute, content);
  const result = await world.run(['check'], { cwd: dir, ...limited });
  expect(result.code, transcript(result).slice(0, 2_000)).toBe(2);
  expect(result.err, transcript(result).slice(0, 2_000)).toBe('');
  const lines = result.out.trimEnd().split('\n');
  expect(lines.at(-1)).toMatch(/^\d+ errors?\.$/);
  expect(lines.length).toBeLessThanOrEqual(103);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(400);
  return lines[0] ?? '';
}

const mesh = '.mesh/mesh.yaml';
const levels = 'abcdefghi'.split('');
const laughs = levels
  .map(
    (name, at) =>
      `${name}: &${name} [${Array(9)
        .fill(at === 0 ? 'lol' : `*${levels[at - 1]}`)
        .join(', ')}]`,
  )
  .join('\n');
const chain = Array.from({ length: 5_000 }, (_, n) => `a${n}: &a${n} [${n === 0 ? 1 : `*a${n - 1}`}]`).join(
  '\n',
);

describe('mesh.yaml', () => {
  test.each<[string, string | Buffer, RegExp]>([
    ['a billion laughs', laughs, /^\.mesh\/mesh\.yaml:2:8 aliases .* expand to too much/],
    ['a chain of aliases', chain, /^\.mesh\/mesh\.yaml:202:\d+ more than 200 aliases/],
    [
      '100,000 levels',
      `x: ${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      /:1:\d+ nested more than 100 levels deep$/,
    ],
    [
      '50,000 keys',
      Array.from({ length: 50_000 }, (_, n) => `k${n}: 1`).join('\n'),
      /:10001:\d+ more than 20,000 keys and values$/,
    ],
    ['5,000 documents', '---\nversion: 1\n'.repeat(5_000), /:3:1 a second document begins here/],
    ['a function', "version: !!js/function 'function () { process.exit(0) }'\n", /:1:10 plain values only: /],
    [
      'bytes that are no UTF-8',
      Buffer.of(0x76, 0xff, 0xfe, 0x3a, 0x20, 0x31),
      /:1:1 .* not plain text in UTF-8$/,
    ],
    [
      '10,000 checks',
      `version: 1\nchecks:\n${'  - npm test\n'.repeat(10_000)}`,
      /:3:3 `checks` must have at most 200/,
    ],
  ])('with %s', async (_, content, expected) => {
    expect(await checkWith(mesh, content)).toMatch(expected);
  });

  test('of 100 MB', async () => {
    const huge = (file: string) => {
      writeFileSync(file, 'version: 1\n');
      truncateSync(file, 100_000_000);
    };
    expect(await checkWith(mesh, huge)).toMatch(/:1:1 the file cannot be used: it is larger than 2 MB$/);
  });

  test('with a byte order mark and other line ends is read as any other', async () => {
    const dir = makeProject();
    const text = smallProject({ project: 'files-bom' })[mesh] ?? '';
    writeFileSync(path.join(dir, mesh), `\uFEFF${text.replaceAll('\n', '\r\n')}`);
    const result = await world.run(['check'], { cwd: dir, ...limited });
    expect(result.code, transcript(result)).toBe(0);
  });
});

describe('other files of the repository', () => {
  const fifo = (file: string) => void execFileSync('mkfifo', [file]);
  const device = (file: string) => symlinkSync('/dev/zero', file);

  test.each<[string, string, Parameters<typeof checkWith>[1], RegExp]>([
    [
      'a role that is a pipe',
      '.mesh/roles/r.md',
      fifo,
      /^\.mesh\/roles\/r\.md:1:1 .*it is a device, pipe or socket/,
    ],
    [
      'a role that is a device',
      '.mesh/roles/r.md',
      device,
      /^\.mesh\/roles\/r\.md:1:1 .*it is a device, pipe/,
    ],
    [
      'a role that is a bomb',
      '.mesh/roles/r.md',
      `---\ntools:\n  ${'['.repeat(50_000)}\n---\nx`,
      /r\.md:3:\d+ nested more/,
    ],
    [
      'a role with a program',
      '.mesh/roles/r.md',
      '---js\nprocess.exit(0)\n---\nx',
      /:1:1 .*nothing is ever executed$/,
    ],
    [
      'a flow that is a pipe',
      '.mesh/flows/solo.yaml',
      fifo,
      /^\.mesh\/flows\/solo\.yaml:1:1 .*it is a device, pipe/,
    ],
    [
      'a scenario that is a bomb',
      '.mesh/scenario.yaml',
      chain,
      /scenario\.yaml:202:\d+ more than 200 aliases/,
    ],
  ])('%s', async (_, file, content, expected) => {
    const replace = typeof content !== 'function' ? content : (absolute: string) => content(absolute);
    expect(await checkWith(file, replace)).toMatch(expected);
  });
});

describe('what the command line names', () => {
  let dir: string;
  beforeAll(() => {
    dir = makeProject();
    execFileSync('mkfifo', [path.join(dir, 'pipe.md')]);
    writeFileSync(path.join(dir, 'big.md'), 'x'.repeat(10_000_000));
    writeFileSync(path.join(dir, 'bomb.md'), `---\n${laughs}\n---\nDo it\n`);
    writeFileSync(path.join(dir, 'nul.md'), '---\ntitle: "a\\0b"\ncriteria: ["\\ud83d"]\n---\nDo it\n');
  });

  async function errorOf(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
    const result = await world.run(args, { cwd: dir, ...limited, env: { ...limited.env, ...env } });
    expect(result.code, transcript(result).slice(0, 2_000)).toBe(2);
    expect(result.err.length).toBeLessThan(600);
    return result.err.split('\n')[0] ?? '';
  }

  const long = 'x'.repeat(100_000);
  test.each<[string, string[], RegExp]>([
    [
      'a device as a brief',
      ['/dev/zero'],
      /^error: cannot read the brief \/dev\/zero: it is a device, pipe or socket/,
    ],
    ['a pipe as a brief', ['pipe.md'], /brief pipe\.md: it is a device, pipe or socket/],
    ['a brief of 10 MB', ['big.md'], /big\.md:1:1 the brief is larger than 256 KB$/],
    ['a brief that is a bomb', ['bomb.md'], /bomb\.md:3:8 aliases .* expand to too much/],
    ['a brief that is no text', ['nul.md'], /nul\.md:2:8 not text: it contains a NUL/],
    ['a device as a plan', ['Do it', '--plan', '/dev/zero'], /plan \/dev\/zero: it is a device/],
    ['a plan of 10 MB', ['Do it', '--plan', 'big.md'], /plan big\.md: it is larger than 1 MB/],
    ['a long criterion', ['Do it', '--criteria', long], /number 1 of the criteria has 100000 characters/],
    ['many criteria', ['Do it', ...Array(150).fill('--criteria=x')], /there are 150 criteria; at most 100/],
  ])('%s is refused', async (_, args, expected) => {
    expect(await errorOf(['add', ...args])).toMatch(expected);
  });

  test('a title that is cut inside a character is stored whole; a reason of 100,000 characters is refused', async () => {
    const added = await world.run(['add', `${'x'.repeat(119)}\u{1f600} and more`], { cwd: dir, ...limited });
    expect(added.code, transcript(added)).toBe(0);
    expect(await errorOf(['cancel', '1', '--reason', long])).toMatch(
      /the reason has 100000 characters; at most 4000/,
    );
  });

  test("a person's name that turns the direction of reading is refused", async () => {
    expect(await errorOf(['status'], { MESHWRIGHT_PERSON: 'tess\u202e' })).toMatch(
      /^error: the person's name cannot be used: tess\\u202e$/,
    );
  });

  /** `add -` with this as its standard input, which nobody closes. */
  function startAdd(stdin: number | 'pipe') {
    const child = spawn(process.execPath, [mainFile, 'add', '-'], {
      cwd: makeProject(),
      env: { ...world.env, ...limited.env },
      stdio: [stdin, 'ignore', 'pipe'],
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    let err = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const ended = new Promise<{ code: unknown; err: string }>((resolve) =>
      child.once('close', (code) => resolve({ code, err })),
    );
    return { child, ended };
  }

  test('an endless standard input is left as soon as it has brought too much', async () => {
    const device = openSync('/dev/zero', 'r');
    const { ended } = startAdd(device);
    expect(await ended).toEqual({ code: 2, err: expect.stringContaining('the brief is larger than 256 KB') });
    closeSync(device);
    const open = startAdd('pipe');
    open.child.stdin?.on('error', () => {}).write('x'.repeat(300_000));
    expect(await open.ended).toEqual({
      code: 2,
      err: expect.stringContaining('the brief is larger than 256 KB'),
    });
  }, 90_000);
});
