/** Taking an item over and handing it back, as a person at a terminal does it. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliWorld, commitAll, git, openCliWorld, transcript } from './run-cli.ts';
import { smallProject } from './small-project.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.remove());

async function run(dir: string, args: readonly string[], code: number): Promise<string> {
  const result = await world.run(args, { cwd: dir });
  expect(result.code, `${args.join(' ')}: ${transcript(result)}`).toBe(code);
  return code === 0 || code === 3 ? result.out : result.err;
}

/** The agents only ever write what the check refuses: attempts are used up and a person is asked. */
function stuckProject(project: string): Record<string, string> {
  const files = smallProject({ project });
  files['.mesh/scenario.yaml'] = (files['.mesh/scenario.yaml'] ?? '').replace('"b\\n"', '"BROKEN\\n"');
  return files;
}

test('a stuck item is taken over, repaired by hand, handed back, checked, accepted, and has landed', {
  timeout: 180_000,
}, async () => {
  const dir = world.makeRepository('stuck', stuckProject('stuck'));
  await run(dir, ['add', 'Add b.txt to the repository', '--criteria', 'b.txt says b'], 0);
  await run(dir, ['run', '--until-idle'], 3);
  expect(await run(dir, ['handback', '1'], 1)).toMatch(
    /^error: item 1 is paused: cannot handback it; possible now: /,
  );

  const clone = path.join(world.dir, 'stuck-item-1');
  const said = await run(dir, ['takeover', '1'], 0);
  expect(said).toContain(`TAKEN OVER by tess at`);
  expect(said).toMatch(/^# Item 1: Add b\.txt to the repository$/m);
  for (const part of ['b.txt says b', 'sent back 2 of 2 times', 'build gate:', 'test: `sh check.sh`'])
    expect(said).toContain(part);
  expect(said).toContain(`meshwright -C ${dir} handback 1`);
  const note = readFileSync(path.join(clone, '.git/TAKEOVER.md'), 'utf8');
  expect(said).toContain(note.trimEnd());
  expect(git(clone, 'status', '--porcelain')).toBe('');
  expect([git(clone, 'branch', '--show-current'), readFileSync(path.join(clone, 'b.txt'), 'utf8')]).toEqual([
    'mesh/1',
    'BROKEN\n',
  ]);
  expect(await run(dir, ['status'], 0)).toContain(`#1 tess has it in ${clone}; meshwright handback 1`);
  expect(await run(dir, ['run', '--until-idle'], 3)).not.toContain('starts');
  expect(await run(dir, ['takeover', '1', '--to', 'grace', '--into', '../elsewhere'], 1)).toMatch(
    /^error: item 1 is taken over by tess: cannot takeover it; possible now: handback, cancel\n/,
  );
  expect(existsSync(path.join(world.dir, 'elsewhere'))).toBe(false);
  expect(await run(dir, ['accept', '1'], 1)).toMatch(/cannot accept it/);

  expect(await run(dir, ['handback', '1'], 2)).toMatch(
    /^error: nothing was committed on mesh\/1 in .*\n {2}Commit/,
  );
  writeFileSync(path.join(clone, 'b.txt'), 'b\n');
  expect(await run(dir, ['handback', '1'], 2)).toBe(
    `error: ${clone} has changes that are not committed: b.txt\n  Commit them: git -C ${clone} add -A && git -C ${clone} commit\n`,
  );
  const commit = commitAll(clone, 'Repair b.txt');
  git(clone, 'switch', '-q', '--detach');
  expect(await run(dir, ['handback', '1'], 2)).toMatch(/no branch checked out; what counts is mesh\/1\n/);
  git(clone, 'switch', '-q', 'mesh/1');
  expect(await run(dir, ['handback', '1'], 0)).toContain('`meshwright run --until-idle` goes on with it.');
  expect(await run(dir, ['run', '--until-idle'], 3)).toMatch(/✓ build gate: .*\n#1 +! READY/);
  await run(dir, ['accept', '1'], 0);
  expect(git(dir, 'show', 'main:b.txt')).toBe('b');

  const log = (await run(dir, ['log', '1'], 0))
    .split('\n')
    .map((line) => line.replace(/ \d\d:\d\d:\d\d/, '').replace(/^(#1 +\S) +\d+ /, '$1 '));
  const story = log.filter((line) => /PAUSED|TAKEN|handed|goes on|gate|READY|LANDED/.test(line));
  expect(story.slice(-7)).toEqual([
    expect.stringMatching(/^#1 +! PAUSED: build was sent back 2 of 2 times/),
    expect.stringMatching(/^#1 +! TAKEN OVER by tess at [0-9a-f]{7}, in .*stuck-item-1$/),
    `#1  – handed back by tess with commit ${commit.slice(0, 7)}`,
    '#1  – build goes on with what was handed back; done by it: build developer',
    expect.stringMatching(/^#1 +✓ build gate: /),
    expect.stringMatching(/^#1 +! READY/),
    expect.stringMatching(/^#1 +✓ LANDED/),
  ]);
});

test('while a worker works in another process, it lets go, waits, and goes on with what comes back', {
  timeout: 180_000,
}, async () => {
  const dir = world.makeRepository('busy', smallProject({ project: 'busy', dawdle: 'sleep 60' }));
  await run(dir, ['add', 'Add b.txt to the repository'], 0);
  const working = world.start(['run', '-v'], { cwd: dir, timeoutMs: 120_000 });
  await working.waitFor(/sleep 60/);
  const taken = JSON.parse(await run(dir, ['--json', 'takeover', '1', '--into', '../mine'], 0));
  const folder = path.join(world.dir, 'mine');
  expect(taken).toMatchObject({ number: 1, status: 'taken_over', to: 'tess', folder, unfinished: [] });
  await working.waitFor(/build developer failed: tess took the item over/);
  writeFileSync(path.join(folder, 'b.txt'), 'b\n');
  commitAll(folder, 'By hand');
  const back = JSON.parse(await run(dir, ['--json', 'handback', '1'], 0));
  expect(back).toMatchObject({ number: 1, commit: git(folder, 'rev-parse', 'HEAD') });
  await working.waitFor(/READY/);
  working.signal('SIGINT');
  expect((await working.ended).code).toBe(5);
});

test('a clone that was lost is made again; abandoned, the item is what it was', {
  timeout: 120_000,
}, async () => {
  const dir = world.makeRepository('lost', stuckProject('lost'));
  await run(dir, ['add', 'Add b.txt to the repository'], 0);
  await run(dir, ['run', '--until-idle'], 3);
  const first = await run(dir, ['takeover', '1', '--into', '../full'], 0).then(() =>
    path.join(world.dir, 'full'),
  );
  expect(await run(dir, ['takeover', '1'], 2)).toContain(`${first} exists and is not an empty folder`);
  rmSync(first, { recursive: true });
  expect(await run(dir, ['handback', '1'], 2)).toMatch(
    /not the top folder of a git clone\n.*--from <folder>/,
  );
  await run(dir, ['takeover', '1'], 0);
  expect(git(first, 'branch', '--show-current')).toBe('mesh/1');
  await run(dir, ['handback', '1', '--abandon'], 0);
  expect(await run(dir, ['status'], 0)).toMatch(/^#1 +paused/m);
});
