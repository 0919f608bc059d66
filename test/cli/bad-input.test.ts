/** What a person gets wrong: exit code 2 and one line that names what, where and what to do. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliOptions, type CliWorld, git, openCliWorld, transcript, writeFiles } from './run-cli.ts';
import { smallProject } from './small-project.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.remove());

let count = 0;
function makeProject(change: (files: Record<string, string>) => void = () => {}): string {
  count += 1;
  const files = smallProject({ project: `bad-${count}` });
  change(files);
  return world.makeRepository(`bad-${count}`, files);
}

function replaceIn(file: string, from: string, to: string) {
  return (files: Record<string, string>) => {
    const text = files[file] ?? '';
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    files[file] = text.replace(from, to);
  };
}

/** Runs it and returns the one line of error, without `error: `; a hint follows after ` | `. */
async function errorOf(cwd: string, args: readonly string[], options: CliOptions = {}): Promise<string> {
  const result = await world.run(args, { cwd, ...options });
  expect(result.code, transcript(result)).toBe(2);
  expect(result.out, transcript(result)).toBe('');
  const lines = result.err.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^error: \S/);
  expect(lines.length, transcript(result)).toBeLessThanOrEqual(2);
  if (lines.length === 2) expect(lines[1]).toMatch(/^ {2}\S/);
  expect(result.err).not.toMatch(/^\s+at |node:internal|ENOENT|EISDIR|Error:/m);
  return lines.map((line) => line.replace(/^error: /, '').trim()).join(' | ');
}

/** `check` reports on standard output: one `file:line:col message` and the count. */
async function checkOf(cwd: string): Promise<string> {
  const result = await world.run(['check'], { cwd });
  expect(result.code, transcript(result)).toBe(2);
  expect(result.err).toBe('');
  const [line = '', ...rest] = result.out.trimEnd().split('\n');
  expect(rest, transcript(result)).toEqual(['1 error.']);
  return line;
}

describe.concurrent('a repository that cannot be worked on', () => {
  test('no git repository', async () => {
    const dir = path.join(world.dir, 'plain');
    mkdirSync(dir);
    for (const command of ['init', 'check', 'status']) {
      expect(await errorOf(dir, [command])).toBe(
        `${dir} is not in a git repository | Run git init there, and commit something.`,
      );
    }
    expect(await errorOf(dir, ['-C', 'nowhere', 'status'])).toBe(
      `there is no folder ${dir}/nowhere | Name the folder of a git repository.`,
    );
  });

  test('an empty repository', async () => {
    const dir = path.join(world.dir, 'empty');
    mkdirSync(dir);
    git(dir, 'init', '-q');
    expect(await errorOf(dir, ['init'])).toBe(
      `${dir} has no commit yet | Commit something first: git add -A && git commit -m "Start".`,
    );
  });

  test('a dirty repository is refused by init, and nothing is written', async () => {
    const dir = world.makeRepository('dirty', { 'a.txt': 'a\n' });
    writeFiles(dir, { 'a.txt': 'changed\n', 'new.txt': 'new\n' });
    expect(await errorOf(dir, ['init'])).toBe(
      `${dir} has uncommitted changes: a.txt, new.txt | Commit or stash them; agents start from what is committed.`,
    );
    expect(git(dir, 'status', '--porcelain').split('\n')).toHaveLength(2);
  });

  test('no .mesh/mesh.yaml', async () => {
    const dir = world.makeRepository('no-mesh', { 'a.txt': 'a\n' });
    const line =
      '.mesh/mesh.yaml:1:1 there is no such file; run `meshwright init` to make one for this project';
    expect(await checkOf(dir)).toBe(line);
    for (const args of [['status'], ['add', 'Do it now'], ['run', '--until-idle']]) {
      expect(await errorOf(dir, args)).toBe(line);
    }
  });

  test('a target branch that is not there', async () => {
    const dir = makeProject(replaceIn('.mesh/mesh.yaml', 'target: main', 'target: maim'));
    const line =
      '.mesh/mesh.yaml:3:9 there is no branch `maim` to land on; create it (git branch maim) or name another one as `target`';
    expect(await checkOf(dir)).toBe(line);
    expect(await errorOf(dir, ['add', 'Do it now'])).toBe(line);
  });
});

describe.concurrent('a configuration with a mistake', () => {
  test('a role in a flow that nobody has written', async () => {
    const dir = makeProject((files) => {
      files['.mesh/flows/solo.yaml'] = [
        'name: solo',
        'phases:',
        '  - name: build',
        '    steps: [{ role: develper, commit: true }]',
        '    gate: [{ commands: project }]',
        '  - name: ship',
        '    submit: merge-queue',
        '',
      ].join('\n');
    });
    const line = '.mesh/flows/solo.yaml:4:21 there is no role `develper`; did you mean `developer`?';
    expect(await checkOf(dir)).toBe(line);
    expect(await errorOf(dir, ['run', '--until-idle'])).toBe(line);
  });

  test('an unknown model, where the policy or where a role names it', async () => {
    const unknown = (model: string) =>
      `no price is known for the model \`${model}\`, so it cannot be used; did you mean \`claude-sonnet-5-5\`? (or give its price under \`prices\`)`;
    const policy = makeProject(replaceIn('.mesh/mesh.yaml', 'claude-sonnet-5-5', 'claude-sonet-5-5'));
    expect(await checkOf(policy)).toBe(`.mesh/mesh.yaml:4:71 ${unknown('claude-sonet-5-5')}`);
    expect(await errorOf(policy, ['add', 'Do it now'])).toContain(unknown('claude-sonet-5-5'));
    const alias = makeProject(
      replaceIn('.mesh/mesh.yaml', ' }\nteam', ', aliases: { sonnet: claude-sonnet-55 } }\nteam'),
    );
    expect(await checkOf(alias)).toMatch(
      /^\.mesh\/mesh\.yaml:4:109 no price is known for the model `claude-sonnet-55`/,
    );
    const role = makeProject((files) => {
      files['.mesh/roles/developer.md'] =
        '---\nname: developer\ndescription: Builds.\nmodel: claude-sonnet-6\n---\nBuild.\n';
    });
    expect(await checkOf(role)).toMatch(
      /^\.mesh\/roles\/developer\.md:\d+:\d+ no price is known for the model `claude-sonnet-6`/,
    );
  });

  test('broken YAML', async () => {
    const dir = makeProject(replaceIn('.mesh/mesh.yaml', 'team: { flow: solo }', 'team: { flow: solo'));
    expect(await errorOf(dir, ['status'])).toMatch(/^\.mesh\/mesh\.yaml:6:1 not valid YAML: .*end with a }$/);
    expect(await checkOf(dir)).toMatch(/^\.mesh\/mesh\.yaml:6:1 not valid YAML/);
  });

  test('a missing key, whatever the command', async () => {
    const scripted = 'provider: scripted, scenario: .mesh/scenario.yaml';
    const dir = makeProject(replaceIn('.mesh/mesh.yaml', scripted, 'provider: anthropic'));
    const line = /^\.mesh\/mesh\.yaml:4:21 .*ANTHROPIC_API_KEY is not set; export ANTHROPIC_API_KEY=… and/;
    expect(await checkOf(dir)).toMatch(line);
    expect(await errorOf(dir, ['add', 'Do it now'])).toMatch(line);
    expect(await errorOf(dir, ['run', '--until-idle'])).toMatch(line);
    const withKey = await world.run(['check'], { cwd: dir, env: { ANTHROPIC_API_KEY: 'not-a-real-key' } });
    expect(withKey.code, transcript(withKey)).toBe(0);
  });

  test('a missing scenario and an unknown flow', async () => {
    const scenario = makeProject(replaceIn('.mesh/mesh.yaml', '.mesh/scenario.yaml', '.mesh/scenery.yaml'));
    expect(await checkOf(scenario)).toBe(
      '.mesh/mesh.yaml:4:41 there is no scenario file `.mesh/scenery.yaml`',
    );
    const flow = makeProject(replaceIn('.mesh/mesh.yaml', 'flow: solo', 'flow: soho'));
    expect(await checkOf(flow)).toBe('.mesh/mesh.yaml:5:15 there is no flow `soho`; did you mean `solo`?');
  });
});

describe.concurrent('a command with a mistake', () => {
  let dir: string;
  beforeAll(() => {
    dir = makeProject();
  });

  test('a plan that is cyclic, broken or not there', async () => {
    const task = (id: string, after: string) => ({ id, title: id, instructions: 'x', after: [after] });
    const cyclic = { summary: 'round', tasks: [task('T1', 'T2'), task('T2', 'T1')] };
    const brief = ['add', 'Do it now', '--plan'];
    writeFiles(dir, { '../cyclic.json': JSON.stringify(cyclic, null, 2), '../broken.json': '{ "summary": ' });
    expect(await errorOf(dir, [...brief, '../cyclic.json'])).toMatch(
      /^\.\.\/cyclic\.json:8:\d+ tasks\[0\]\.after: the tasks wait for each other in a circle: T1 → T2 → T1 \| Correct it/,
    );
    expect(await errorOf(dir, [...brief, '../broken.json'])).toMatch(/^\.\.\/broken\.json:1:\d+ not JSON/);
    expect(await errorOf(dir, [...brief, 'no.json'])).toMatch(
      /^cannot read the plan no\.json: there is no such file \| Give a readable JSON file/,
    );
  });

  test('a brief that cannot be read', async () => {
    writeFiles(dir, { '../empty.md': '', '../front.md': '---\ntitel: x\n---\nhello\n' });
    writeFileSync(path.join(world.dir, 'binary.md'), Buffer.concat([Buffer.of(0, 0xff), randomBytes(300)]));
    const give = 'Give a readable markdown file, `-` for standard input, or the brief as quoted text.';
    expect(await errorOf(dir, ['add', 'briefs/no.md'])).toBe(
      `cannot read the brief briefs/no.md: there is no such file | ${give}`,
    );
    expect(await errorOf(dir, ['add', '.mesh'])).toBe(
      `cannot read the brief .mesh: it is a folder | ${give}`,
    );
    expect(await errorOf(dir, ['add', '../binary.md'])).toMatch(
      /^\.\.\/binary\.md:1:1 the brief is not plain text/,
    );
    expect(await errorOf(dir, ['add', '../empty.md'])).toMatch(/^\.\.\/empty\.md:1:1 the brief says nothing/);
    expect(await errorOf(dir, ['add', '-'], { stdin: ' \n' })).toMatch(
      /^\(standard input\):1:1 the brief says nothing/,
    );
    expect(await errorOf(dir, ['add', '../front.md'])).toMatch(
      /^\.\.\/front\.md:2:1 unknown key `titel`; did you mean `title`\? \| /,
    );
    const status = JSON.parse((await world.run(['status', '--json'], { cwd: dir })).out) as {
      items: unknown[];
    };
    expect(status.items).toEqual([]);
  });

  test('unknown commands, options, choices, items and flows', async () => {
    expect(await errorOf(dir, ['stauts'])).toBe(
      "unknown command 'stauts'; did you mean `status`? | `meshwright --help` lists the commands.",
    );
    expect(await errorOf(dir, ['run', '--until-idel'])).toBe(
      "unknown option '--until-idel'; did you mean `--until-idle`? | `meshwright run --help` says what it takes.",
    );
    expect(await errorOf(dir, ['cost', '--by', 'rol'])).toMatch(
      /Allowed choices are role, item, model, day\. \| /,
    );
    expect(await errorOf(dir, ['add'])).toMatch(/^missing required argument 'brief' \| /);
    for (const args of [
      ['show', '9'],
      ['accept', '9'],
    ]) {
      expect(await errorOf(dir, args)).toMatch(
        /^there is no item 9 in bad-\d+ \| `meshwright status` lists the items/,
      );
    }
    expect(await errorOf(dir, ['show', 'abc'])).toBe(
      'not an item: abc | Give an item (2), a question (Q-7), an approval (A-2) or a decision (D-3).',
    );
    expect(await errorOf(dir, ['log', 'abc'])).toBe(
      'not an item: abc | Give an item (2), a question (Q-7) or an approval (A-2).',
    );
    expect(await errorOf(dir, ['diff', 'abc'])).toBe('not an item: abc | Give its number, e.g. 2.');
    expect(await errorOf(dir, ['resume', '1', '--ceiling-usd', 'lots'])).toBe(
      'not an amount: lots | Give dollars, e.g. 3.00.',
    );
    expect(await errorOf(dir, ['add', 'Do it now', '--flow', 'solot'])).toMatch(
      /there is no flow `solot`; did you mean `solo`\?/,
    );
  });

  test('with --json the same comes as JSON on standard output, in the same shape for every mistake', async () => {
    for (const [args, code] of [
      [['--json', 'show', '9'], 'no_such_item'],
      [['stauts', '--json'], 'usage'],
      [['--json', 'add', 'no.md'], 'brief_unreadable'],
    ] as const) {
      const { code: exitCode, out, err } = await world.run(args, { cwd: dir });
      expect([exitCode, err]).toEqual([2, '']);
      expect(JSON.parse(out)).toEqual({
        error: { code, message: expect.stringMatching(/\S/), hint: expect.stringMatching(/\S/) },
      });
    }
  });
});
