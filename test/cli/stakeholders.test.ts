/** The stakeholder map on the command line: what `init` proposes, what `check` tells, and who is turned away. */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { packageDir } from '../harness/project.ts';
import { type CliWorld, git, openCliWorld, transcript } from './run-cli.ts';
import { smallProject } from './small-project.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.remove());

const map = '.mesh/stakeholders.yaml';
const reference = path.join(packageDir, 'test/fixtures/stakeholders/reference-map', map);

function as(person: string, dir: string) {
  return (...args: string[]) =>
    world.run(args, { cwd: dir, env: { MESHWRIGHT_PERSON: person }, timeoutMs: 100_000 });
}

test('init proposes a map from CODEOWNERS and git history, says that it is guessed, and never writes over one', {
  timeout: 120_000,
}, async () => {
  const dir = world.makeRepository('owned', {
    ...smallProject({ project: 'owned' }),
    '.github/CODEOWNERS': '* @alex-engineering-lead\n',
  });
  git(
    dir,
    '-c',
    'user.name=Sarah',
    '-c',
    'user.email=1+sarah-pm@users.noreply.github.com',
    'commit',
    '-q',
    '--allow-empty',
    '-m',
    'More',
  );
  const init = await as('marketing-ops', dir)('init');
  expect(init.code, transcript(init)).toBe(0);
  expect(init.out).toMatch(/^wrote +\.mesh\/stakeholders\.yaml$/m);
  expect(init.out).toMatch(/@marketing-ops \(you\) and, GUESSED .*@alex-engineering-lead, @sarah-pm/);
  expect(readFileSync(path.join(dir, map), 'utf8')).toContain('"@alex-engineering-lead" # GUESS');

  const check = await as('marketing-ops', dir)('check', '--explain');
  expect(check.code, transcript(check)).toBe(0);
  expect(check.out).toMatch(/^requirement_ambiguity +@marketing-ops, then @alex-engineering-lead +- +1 h/m);

  writeFileSync(path.join(dir, map), 'engineering_lead: "@marketing-ops"\n');
  const again = await as('marketing-ops', dir)('--json', 'init', '--no-baseline');
  expect(JSON.parse(again.out)).toMatchObject({ wrote: null, wroteStakeholders: null });
  expect(readFileSync(path.join(dir, map), 'utf8')).toBe('engineering_lead: "@marketing-ops"\n');
});

test('in a repository of nobody else the proposed map names whoever asks, who may then start work', {
  timeout: 120_000,
}, async () => {
  const dir = world.makeRepository('alone', smallProject({ project: 'alone' }));
  const init = await as('sarah-pm', dir)('init');
  expect(init.code, transcript(init)).toBe(0);
  expect(existsSync(path.join(dir, map))).toBe(true);
  expect((await as('sarah-pm', dir)('add', 'Add b.txt to the repository')).code).toBe(0);
});

test('check tells the mistakes of the map beside those of the policy', async () => {
  const files = smallProject({ project: 'mistaken' });
  const dir = world.makeRepository('mistaken', {
    ...files,
    '.mesh/mesh.yaml': `${files['.mesh/mesh.yaml']}ceilings: { item_usd: -1 }\n`,
    [map]: 'engineering_leed: "@sarah-pm"\n',
  });
  const check = await as('sarah-pm', dir)('check');
  expect(check.code).toBe(2);
  expect(check.out).toContain('.mesh/mesh.yaml:');
  expect(check.out).toContain(
    '.mesh/stakeholders.yaml:1:1 unknown key `engineering_leed`; did you mean `engineering_lead`?',
  );
  expect(check.out).toContain('2 errors.');
});

test('only people whom the map names have anything done; everybody may look', {
  timeout: 240_000,
}, async () => {
  const dir = world.makeRepository('trust', smallProject({ project: 'trust' }));
  copyFileSync(reference, path.join(dir, map));
  const sarah = as('@sarah-pm', dir);
  const mallory = as('mallory', dir);
  const added = await sarah('add', 'Add b.txt to the repository');
  expect(added.code, transcript(added)).toBe(0);
  const run = await mallory('run', '--until-idle');
  expect(run.code, transcript(run)).toBe(3);

  for (const args of [
    ['add', 'Add c.txt to the repository'],
    ['accept', '1'],
    ['reject', '1'],
    ['cancel', '1'],
    ['pause', 'mesh'],
    ['stop', '1'],
    ['kill', '1'],
    ['resume', '1'],
    ['resume', 'mesh', '--ceiling-usd', '9'],
    ['takeover', '1'],
    ['handback', '1', '--note', 'x'],
    ['fork', '1', '--at', '1'],
    ['retain', '--older-than', '90d'],
    ['init', '--no-baseline'],
  ]) {
    const refused = await mallory(...args);
    expect(refused.code, args.join(' ')).toBe(1);
    expect(refused.err, args.join(' ')).toMatch(
      /^error: @mallory may not have anything done here: \.mesh\/stakeholders\.yaml names @sarah-pm, .*\n.*`people: \{ "@mallory": \{\} \}`.*MESHWRIGHT_PERSON/,
    );
  }
  for (const args of [['status'], ['show', '1'], ['log', '1'], ['diff', '1'], ['cost'], ['check']])
    expect((await mallory(...args)).code, args.join(' ')).toBe(0);
  const handed = await sarah('takeover', '1', '--to', 'mallory');
  expect(handed.err).toMatch(/^error: @mallory may not/);

  writeFileSync(path.join(dir, map), `${readFileSync(reference, 'utf8')}people: { "@mallory": {} }\n`);
  const accepted = await mallory('accept', '1');
  expect(accepted.code, transcript(accepted)).toBe(0);
});

test('with a broken map nothing is asked for, and everything can be read', { timeout: 120_000 }, async () => {
  const dir = world.makeRepository('broken', {
    ...smallProject({ project: 'broken' }),
    [map]: 'people: [\n',
  });
  const refused = await as('sarah-pm', dir)('add', 'Add b.txt to the repository');
  expect(refused).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^error: \.mesh\/stakeholders\.yaml:\d+:\d+ not valid YAML/),
  });
  for (const read of ['status', 'questions', 'digest'])
    expect((await as('sarah-pm', dir)(read)).code, read).toBe(0);
  const answer = await as('sarah-pm', dir)('answer', 'Q-1', '1');
  expect(answer.err, transcript(answer)).toMatch(/^error: \.mesh\/stakeholders\.yaml:\d+:\d+ not valid YAML/);
});

test('a worker goes on with the map that it had when the file is broken, and says so once', {
  timeout: 120_000,
}, async () => {
  const dir = world.makeRepository('live', smallProject({ project: 'live' }));
  copyFileSync(reference, path.join(dir, map));
  expect((await as('sarah-pm', dir)('add', 'Add b.txt to the repository')).code).toBe(0);
  const worker = world.start(['run'], {
    cwd: dir,
    env: { MESHWRIGHT_PERSON: 'sarah-pm' },
    timeoutMs: 100_000,
  });
  const complaints = () =>
    readFileSync(path.join(world.home, 'logs/meshwright.log'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('the stakeholder map cannot be used'));
  await vi.waitFor(
    async () => {
      const { items } = JSON.parse((await as('sarah-pm', dir)('--json', 'status')).out) as {
        items: { status: string }[];
      };
      expect(items[0]?.status).toBe('ready');
    },
    { timeout: 60_000, interval: 500 },
  );
  writeFileSync(path.join(dir, map), 'engineering_lead: @sarah-pm\n');
  await vi.waitFor(() => expect(complaints()).toHaveLength(1), { timeout: 20_000, interval: 100 });
  expect(complaints()[0]).toContain('stakeholders.yaml:1:19 not valid YAML');
  worker.signal('SIGTERM');
  await worker.ended;
  expect(complaints()).toHaveLength(1);
});
