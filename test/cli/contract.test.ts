/** The command line as a contract: the keys of `--json` are those that docs/cli.md lists, and every exit code means what it says. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documented, documentedCommands, expectDocumented } from './documented-keys.ts';
import { type CliWorld, commitAll, git, openCliWorld, transcript, writeFiles } from './run-cli.ts';
import { smallProject } from './small-project.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.remove());

async function run(dir: string, args: readonly string[], code: number): Promise<string> {
  const result = await world.run(args, { cwd: dir });
  expect(result.code, `${args.join(' ')}: ${transcript(result)}`).toBe(code);
  return result.out;
}

async function runJson<T = Record<string, unknown>>(
  dir: string,
  args: readonly string[],
  code = 0,
): Promise<T> {
  return JSON.parse(await run(dir, ['--json', ...args], code)) as T;
}

async function addAndRun(dir: string, title: string): Promise<void> {
  await run(dir, ['add', title], 0);
  await run(dir, ['run', '--until-idle'], 3);
}

function mirrorOf(project: string): string {
  return path.join(world.home, 'mirrors', `${project}.git`);
}

describe.concurrent('--json', { timeout: 240_000 }, () => {
  test('prints what docs/cli.md says, before there is any work', async () => {
    const dir = world.makeRepository('fresh', smallProject({ project: 'fresh' }));
    expectDocumented('check --explain', await runJson(dir, ['check', '--explain']));
    expectDocumented('doctor', await runJson(dir, ['doctor', '--verify']));
    expectDocumented(
      'add --dry-run',
      await runJson(dir, ['add', 'Add b.txt to the repository', '--dry-run']),
    );
    const status = await runJson(dir, ['status']);
    expect(status).toMatchObject({ items: [], spentMicroUsd: 0, project: { repository: null } });
    writeFiles(dir, { '.mesh/mesh.yaml': 'version: 2\n' });
    expectDocumented('check', await runJson(dir, ['check'], 2));
  });

  test('prints what docs/cli.md says of an item on its way from add to accept', async () => {
    const dir = world.makeRepository('whole', smallProject({ project: 'whole' }));
    expectDocumented('init', await runJson(dir, ['init']));
    commitAll(dir, 'Set up');
    const added = await runJson(dir, ['add', 'Add b.txt to the repository']);
    expectDocumented('add', added);
    expect(added).toEqual({ number: 1, title: 'Add b.txt to the repository' });
    const lines = (await run(dir, ['--json', 'run', '--until-idle'], 3)).trimEnd().split('\n');
    for (const line of lines)
      expect(Object.keys(JSON.parse(line)).sort()).toEqual(documented.get('run')?.get('a line'));
    const status = await runJson(dir, ['status']);
    expectDocumented('status', status);
    expect(status).toMatchObject({
      items: [{ number: 1, status: 'ready', readyCommit: expect.stringMatching(/^[0-9a-f]{40}$/) }],
    });
    expectDocumented('show', await runJson(dir, ['show', '1']), ['asks[]', 'decisions[]']);
    const cost = await runJson<{ total: { costMicroUsd: number }; isReal: boolean }>(dir, [
      'cost',
      '--by',
      'model',
    ]);
    expectDocumented('cost', cost);
    expect(cost).toMatchObject({ isReal: false, total: { costMicroUsd: status.spentMicroUsd } });
    const diff = await runJson<{ diff: string }>(dir, ['diff', '1']);
    expectDocumented('diff', diff);
    expect(diff.diff).toContain('+++ b/b.txt');
    const log = (await run(dir, ['--json', 'log', '1', '--all'], 0)).trimEnd().split('\n');
    expect(log.map((line) => (JSON.parse(line) as { kind: string }).kind)).toContain('item.ready');
    const accepted = await runJson(dir, ['accept', '1']);
    expectDocumented('accept', accepted);
    expect(accepted).toEqual({ number: 1, status: 'landed', commit: git(dir, 'rev-parse', 'main') });
    expect(git(dir, 'log', '-1', '--format=%s')).toBe('Add b.txt to the repository');
    expect(git(dir, 'status', '--porcelain')).toBe('');
  });
});

test.concurrent('takeover and handback print what docs/cli.md says, with what an interrupted agent had begun', {
  timeout: 240_000,
}, async ({ expect }) => {
  const dawdle = 'echo half > half.txt; sleep 150';
  const dir = world.makeRepository('hands', smallProject({ project: 'hands', dawdle }));
  await run(dir, ['add', 'Add b.txt to the repository'], 0);
  const running = world.start(['run', '-v'], { cwd: dir, timeoutMs: 120_000 });
  // The call is shown before it is made: what it writes is the sign that it is on its way.
  const workspaces = path.join(world.home, 'workspaces');
  const isThere = () =>
    existsSync(workspaces) &&
    readdirSync(workspaces, { recursive: true }).some((file) => `${file}`.endsWith('/half.txt'));
  await expect.poll(isThere, { timeout: 100_000 }).toBe(true);
  running.signal('SIGINT');
  expect((await running.ended).code).toBe(5);
  const taken = await runJson<{ folder: string }>(dir, ['takeover', '1']);
  expectDocumented('takeover', taken);
  expect(taken).toMatchObject({ status: 'taken_over', unfinished: [{ step: 'build/developer' }] });
  expect(git(taken.folder, 'show', 'unfinished/build/developer:half.txt')).toBe('half');
  const back = await runJson(dir, ['handback', '1', '--note', 'less waiting']);
  expectDocumented('handback', back);
  expect(back).toEqual({ number: 1, status: 'running', commit: null });
});

test.concurrent('check --explain names every setting with its value and the line or the default it comes from', {
  timeout: 240_000,
}, async () => {
  const dir = world.makeRepository('explain', smallProject({ project: 'explain' }));
  const out = await run(dir, ['check', '--explain'], 0);
  expect(out).toMatch(/^project +explain +\.mesh\/mesh\.yaml:2$/m);
  expect(out).toMatch(/^ceilings\.item_usd +\$2\.00 +default$/m);
  expect(out).toMatch(/^All good: project explain, flow solo \(developer\), lands on main\.$/m);
});

test.concurrent('docs/cli.md lists every command of the program, and none besides', {
  timeout: 240_000,
}, async () => {
  const dir = world.makeRepository('help', smallProject({ project: 'help' }));
  const help = /^Commands:$(.*?)^$/ms.exec(`${await run(dir, ['--help'], 0)}\n`)?.[1] ?? '';
  const commands = [...help.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name);
  expect(commands.filter((name) => name !== 'help').sort()).toEqual(documentedCommands());
});

describe.concurrent('exit codes', { timeout: 240_000 }, () => {
  test('4: a ceiling stops it with the work kept; with a higher one it goes on and gets ready', async () => {
    const dir = world.makeRepository('ceiling', smallProject({ project: 'ceiling' }));
    const brief = '---\nceiling_usd: 0.001\n---\nAdd b.txt to the repository\n';
    await world.run(['add', '-'], { cwd: dir, stdin: brief });
    expect(await run(dir, ['run', '--until-idle'], 4)).toMatch(/PAUSED: .*\$0\.001/);
    expect(await runJson(dir, ['status'])).toMatchObject({
      items: [{ status: 'paused', pauseReason: 'ceiling', ceilingMicroUsd: 1000, spentMicroUsd: 0 }],
    });
    expect(await run(dir, ['run', '--until-idle'], 4)).not.toContain('developer starts');
    const refused = await world.run(['resume', '1', '--ceiling-usd', '0.0005'], { cwd: dir });
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(
      /^error: item 1 is paused: a new ceiling must be above the old one and what is spent, \$0\.0010; .*\n$/,
    );
    await run(dir, ['resume', '1', '--ceiling-usd', '2'], 0);
    await run(dir, ['run', '--until-idle'], 3);
    const [item] = (await runJson<{ items: { spentMicroUsd: number }[] }>(dir, ['status'])).items;
    expect(item).toMatchObject({ status: 'ready', ceilingMicroUsd: 2_000_000 });
    expect(item?.spentMicroUsd).toBeGreaterThan(0);
  });

  test('5: Ctrl-C puts the work down, and a second run goes on and finishes it', async () => {
    const dir = world.makeRepository('signal', smallProject({ project: 'signal', dawdle: 'sleep 3' }));
    await run(dir, ['add', 'Add b.txt to the repository'], 0);
    const running = world.start(['run', '--until-idle', '-v'], { cwd: dir });
    await running.waitFor(/sleep 3/);
    running.signal('SIGINT');
    const stopped = await running.ended;
    expect(stopped.code, transcript(stopped)).toBe(5);
    expect(stopped.err).toBe('Stopping…\nStopped. Nothing is lost; the same command goes on.\n');
    const out = await run(dir, ['run', '--until-idle'], 3);
    expect(out).toMatch(/^#1 +! READY/m);
  });

  test('3 then 0: a rejected item keeps its branch in the mirror and leaves the target alone', async () => {
    const dir = world.makeRepository('reject', smallProject({ project: 'reject' }));
    const head = git(dir, 'rev-parse', 'main');
    await addAndRun(dir, 'Add b.txt to the repository');
    const { state } = await runJson<{ state: { head: string; branch: string } }>(dir, ['show', '1']);
    expectDocumented('reject', await runJson(dir, ['reject', '1', '--reason', 'not now']));
    expect(await run(dir, ['run', '--until-idle'], 0)).toContain('Nothing left to do.');
    expect(await runJson(dir, ['status'])).toMatchObject({ items: [{ status: 'rejected' }] });
    expect(git(mirrorOf('reject'), 'rev-parse', `refs/heads/${state.branch}`)).toBe(state.head);
    expect([git(dir, 'rev-parse', 'main'), git(dir, 'status', '--porcelain')]).toEqual([head, '']);
    expect(existsSync(path.join(dir, 'b.txt'))).toBe(false);
    const again = await world.run(['accept', '1'], { cwd: dir });
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/^error: .*rejected/);
  });

  test('1: work that stays red waits for a person, and its acceptance is refused', async () => {
    const files = smallProject({ project: 'red' });
    files['.mesh/scenario.yaml'] = (files['.mesh/scenario.yaml'] ?? '').replace('"b\\n"', '"BROKEN\\n"');
    const dir = world.makeRepository('red', files);
    await addAndRun(dir, 'Add b.txt to the repository');
    expect(await runJson(dir, ['status'])).toMatchObject({
      items: [{ status: 'paused', pauseReason: 'attempts' }],
    });
    const refused = await world.run(['accept', '1'], { cwd: dir });
    expect([refused.code, git(dir, 'rev-list', '--count', 'main')]).toEqual([1, '1']);
    expect(refused.err.split('\n')).toHaveLength(2);
  });
});

test.concurrent('log --follow shows what happens meanwhile and ends on Ctrl-C', {
  timeout: 240_000,
}, async () => {
  const dir = world.makeRepository('follow', smallProject({ project: 'follow' }));
  await run(dir, ['add', 'Add b.txt to the repository'], 0);
  const following = world.start(['log', '1', '--follow'], { cwd: dir });
  await following.waitFor(/Add b\.txt/);
  await run(dir, ['run', '--until-idle'], 3);
  await following.waitFor(/READY/);
  following.signal('SIGINT');
  const ended = await following.ended;
  expect([ended.code, ended.err]).toEqual([0, '']);
});
