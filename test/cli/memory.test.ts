/** Memory by the command line: what a person records holds, what they may not change is refused, and everything says who and why. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageDir } from '../harness/project.ts';
import { type CliResult, type CliWorld, openCliWorld, transcript } from './run-cli.ts';
import { smallProject } from './small-project.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.remove());

/** Of the table below `## JSON` in docs/cli.md. */
function documentedKeys(command: string, place: string): string[] {
  const docs = readFileSync(path.join(packageDir, 'docs/cli.md'), 'utf8');
  const row = docs.split('\n').find((line) => line.startsWith(`| ${command} | ${place}`));
  return [...(row?.split('|')[3] ?? '').matchAll(/`([^`]+)`/g)].map(([, key]) => key ?? '').sort();
}

function openProject(name: string, more = '') {
  const files = smallProject({ project: name });
  files['.mesh/mesh.yaml'] += more;
  const dir = world.makeRepository(name, files);
  const run = async (args: readonly string[], code = 0, person = 'sarah-pm'): Promise<CliResult> => {
    const result = await world.run(args, { cwd: dir, env: { MESHWRIGHT_PERSON: person } });
    expect(result.code, `${args.join(' ')}: ${transcript(result)}`).toBe(code);
    return result;
  };
  const json = async <T = Record<string, unknown>>(args: readonly string[], code = 0): Promise<T> =>
    JSON.parse((await run(['--json', ...args], code)).out) as T;
  const record = (statement: string, topic = 'export.timezone') =>
    json([
      'memory',
      'record',
      statement,
      '--topic',
      topic,
      '--answers',
      'requirement_ambiguity',
      '--reason',
      'so said',
    ]);
  return { dir, run, json, record };
}

interface Listed {
  records: { id: string; status: string }[];
}

const ids = ({ records }: Listed) => records.map(({ id, status }) => `${id} ${status}`);

describe('memory', { timeout: 120_000 }, () => {
  test('records, finds, shows, supersedes, contests and retires, and says who and why', async () => {
    const { run, json, record } = openProject('remembering');
    const recorded = await record('Exports are in UTC.');
    expect(recorded).toMatchObject({
      id: 'D-1',
      status: 'active',
      source: { from: 'person', by: '@sarah-pm' },
    });
    expect(Object.keys(recorded).sort()).toEqual(documentedKeys('`memory show`', ''));
    expect(await record('Exports are in UTC.')).toMatchObject({ id: 'D-1' });
    await record('Menus are blue.', 'menu.colour');
    const listed = await json<Listed>(['memory', 'list']);
    expect(ids(listed)).toEqual(['D-1 active', 'D-2 active']);
    expect(Object.keys(listed.records[0] ?? {}).sort()).toEqual(
      documentedKeys('`memory list`, `memory search`', '`records[]`'),
    );
    expect(ids(await json<Listed>(['memory', 'search', 'which timezone for exports']))).toEqual([
      'D-1 active',
    ]);

    const replaced = await json([
      'memory',
      'supersede',
      'D-1',
      'Exports are local.',
      '--reason',
      'customers asked',
    ]);
    expect(replaced).toMatchObject({ id: 'D-3', replaced: ['D-1'], rejected: ['Exports are in UTC.'] });
    const { out } = await run(['show', 'D-1']);
    for (const line of [
      'D-1  decision, superseded',
      'by @sarah-pm, D-3: customers asked',
      'replaced by  D-3',
    ])
      expect(out).toContain(line);

    await run(['memory', 'contest', 'D-2', 'D-3', '--reason', 'a test']);
    expect(ids(await json<Listed>(['memory', 'list']))).toEqual(['D-2 contested', 'D-3 contested']);
    await run(['memory', 'retire', 'D-2', '--reason', 'nobody likes it']);
    expect(ids(await json<Listed>(['memory', 'list', '--all']))).toEqual([
      'D-1 superseded',
      'D-2 retired',
      'D-3 active',
    ]);
  });

  test('refuses what is over, what it does not have, and what is no decision', async () => {
    const { json, record } = openProject('refusing');
    await record('Exports are in UTC.');
    await json(['memory', 'retire', 'D-1']);
    const refused = async (args: readonly string[], code: number) =>
      (await json<{ error: { code: string } }>(['memory', ...args], code)).error.code;
    expect(await refused(['retire', 'D-1'], 1)).toBe('request_refused');
    expect(await refused(['supersede', 'D-1', 'x y', '--reason', 'z'], 1)).toBe('request_refused');
    expect(await refused(['contest', 'D-1', 'D-1'], 1)).toBe('request_refused');
    expect(await refused(['show', 'D-9'], 2)).toBe('no_such_record');
    expect(await refused(['record', 'x y', '--topic', 'one'], 2)).toBe('usage');
    expect(await refused(['record', 'x y', '--topic', 'one.two', '--scope', 'here'], 2)).toBe('usage');
    expect(await refused(['record', 'x y', '--topic', 'one.two', '--until', '2001-01-01'], 2)).toBe('usage');
    expect(await refused(['record', ' ', '--topic', 'one.two'], 2)).toBe('usage');
  });

  test('has the rules of packs, which nobody supersedes by a command', async () => {
    const { run, json } = openProject('ruled', 'packs: [phi]\n');
    expect(ids(await json<Listed>(['memory', 'list']))[1]).toBe('phi/PHI-2 active');
    const { out } = await run(['memory', 'show', 'phi/PHI-2']);
    expect(out).toMatch(/from {9}pack phi, sha256 [0-9a-f]{12}/);
    const refusal = await json<{ error: { message: string } }>(['memory', 'retire', 'phi/PHI-2'], 1);
    expect(refusal.error.message).toBe('phi/PHI-2 is a rule of a pack');
  });

  test('shows which items saw a record', async () => {
    const { run, json, record } = openProject('seen');
    await record('Files end with a newline.', 'file.endings');
    await run(['add', 'Add b.txt to the repository']);
    await run(['run', '--until-idle'], 3);
    const { uses } = await json<{ uses: { item: number; how: string }[] }>(['memory', 'show', 'D-1']);
    expect(uses).toMatchObject([{ item: 1, how: 'shown' }]);
    expect((await run(['memory', 'show', 'D-1'])).out).toContain('shown        #1 1/build/developer/1/1');
  });
});
