/** `backup`, `restore` and `retain` as a person calls them: what they print, their keys and exit codes. */
import { existsSync, readdirSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../postgres.ts';
import { type CliResult, type CliWorld, openCliWorld, transcript } from './run-cli.ts';
import { smallProject } from './small-project.ts';

let world: CliWorld;
let elsewhere: TestDatabase;
let dir: string;

beforeAll(async () => {
  world = await openCliWorld();
  elsewhere = await openTestDatabase();
  dir = world.makeRepository('keeping', smallProject({ project: 'keeping' }));
  await run(['add', 'Make b.txt']);
  expect((await world.run(['run', '--until-idle'], { cwd: dir })).code).toBe(3);
});
afterAll(async () => {
  await elsewhere.close();
  await world.remove();
});

async function run(args: string[], env: Record<string, string> = {}, code = 0): Promise<CliResult> {
  const result = await world.run(args, { cwd: dir, env });
  expect(result.code, `${args.join(' ')}: ${transcript(result)}`).toBe(code);
  return result;
}

it('backs up, brings back into an empty home, and goes on there as if nothing had been', async () => {
  const folder = path.join(world.dir, 'kept');
  const made = JSON.parse((await run(['--json', 'backup', folder])).out);
  expect(made).toMatchObject({ path: folder, mirrors: 1, events: expect.any(Number) });
  expect(Object.keys(made).sort()).toEqual(['at', 'bytes', 'events', 'mirrors', 'path', 'schema']);

  const there = { MESHWRIGHT_HOME: path.join(world.dir, 'new-home'), DATABASE_URL: elsewhere.url };
  const restored = JSON.parse((await run(['--json', 'restore', folder], there)).out);
  expect(restored).toEqual(made);
  expect((await run(['--json', 'status'], there)).out).toBe((await run(['--json', 'status'])).out);
  expect((await run(['--json', 'diff', '1'], there)).out).toContain('b.txt');
  expect((await run(['doctor', '--verify'], there)).out).toContain('✓');
  await run(['accept', '1'], there);
  expect(JSON.parse((await run(['--json', 'status'])).out).items[0].status).toBe('ready');

  const again = await run(['restore', folder], there, 2);
  expect(again.err).toMatch(/^error: the database is in use: a restore never overwrites one\n {2}/);
  const taken = await run(['--json', 'backup', folder], {}, 2);
  expect(JSON.parse(taken.out).error.code).toBe('backup_exists');
});

it('names a backup after the time when it is given no name, and refuses one that was cut off in one line', async () => {
  await run(['backup']);
  const name = readdirSync(dir).find((each) => each.startsWith('meshwright-backup-')) ?? '';
  expect(name).toMatch(/^meshwright-backup-\d{4}-\d\d-\d\dT\d{6}Z$/);
  truncateSync(path.join(dir, name, 'tables', 'event.jsonl.gz'), 100);
  const there = { MESHWRIGHT_HOME: path.join(world.dir, 'no-home'), DATABASE_URL: elsewhere.url };
  const refused = await run(['restore', name], there, 1);
  expect(refused.err.split('\n')[0]).toBe(
    `error: the backup ${path.join(dir, name)} is damaged: tables/event.jsonl.gz was cut off`,
  );
  expect(existsSync(path.join(world.dir, 'no-home', 'mirrors'))).toBe(false);
});

it('retains by age and by item, says what it would do, and refuses what makes no sense', async () => {
  const keys = ['blobs', 'bytes', 'isDryRun', 'item', 'keptInUse', 'keptYoung', 'olderThanMs'];
  const planned = JSON.parse((await run(['--json', 'retain', '--older-than', '90d', '--dry-run'])).out);
  expect(Object.keys(planned).sort()).toEqual(keys);
  expect(planned).toMatchObject({ isDryRun: true, olderThanMs: 90 * 86_400_000, item: null, blobs: 0 });
  expect((await run(['retain', '--older-than', '12h'])).out).toMatch(/^Deleted 0 blobs/);
  for (const wrong of [[], ['--older-than', '5min'], ['--item', 'x']])
    expect((await run(['--json', 'retain', ...wrong], {}, 2)).out).toContain('"usage"');
  expect(JSON.parse((await run(['--json', 'retain', '--item', '1'], {}, 1)).out).error.code).toBe(
    'request_refused',
  );
});
