/** pause, stop, kill and resume as a person types them: one plain line, who did it, and what `run` makes of it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliWorld, openCliWorld, transcript } from './run-cli.ts';
import { smallProject } from './small-project.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.remove());

async function run(dir: string, args: string[], code: number): Promise<string> {
  const result = await world.run(args, { cwd: dir, env: { MESHWRIGHT_PERSON: 'sarah-pm' } });
  expect(result.code, transcript(result)).toBe(code);
  return code === 0 || code > 2 ? result.out : result.err;
}

test('an item is paused, stopped and killed with one word each, and goes on with another', {
  timeout: 180_000,
}, async () => {
  const dir = world.makeRepository('held', smallProject({ project: 'held' }));
  await run(dir, ['add', 'Add b.txt to the repository'], 0);

  expect(await run(dir, ['pause', '#1'], 0)).toBe(
    'Item 1 is paused. A call under way ends first; then nothing goes on. `meshwright resume 1` goes on.\n',
  );
  expect(await run(dir, ['status'], 0)).toMatch(/^#1 +paused .*\n#1 paused by sarah-pm on .* \(item 1\)$/m);
  expect(await run(dir, ['run', '--until-idle'], 3)).toMatch(/Waits for a person/);

  const killed = JSON.parse(await run(dir, ['kill', 'mesh', '--json'], 0));
  expect(killed).toEqual({ scope: 'mesh', state: 'killed', unconfirmed: [], number: null, status: null });
  expect(await run(dir, ['run', '--until-idle'], 5)).toMatch(/Killed by a person/);
  expect(await run(dir, ['show', '1'], 0)).toMatch(/· killed\nkilled by sarah-pm on .* \(the mesh\)$/m);

  expect(await run(dir, ['resume', '1'], 0)).toBe(
    'Item 1 goes on. But the mesh is killed by sarah-pm; `meshwright resume mesh` undoes it.\n',
  );
  expect(await run(dir, ['resume', '1'], 1)).toBe(
    'error: item 1 has no control of its own: the mesh is killed by sarah-pm\n  `meshwright resume mesh` undoes it.\n',
  );
  expect(await run(dir, ['resume', 'mesh'], 0)).toBe('The mesh goes on.\n');
  expect(await run(dir, ['run', '--until-idle'], 3)).toMatch(/^#1 +! READY/m);
});

test('what is not there, or is over, is named as such', { timeout: 120_000 }, async () => {
  const dir = world.makeRepository('nothing', smallProject({ project: 'nothing' }));
  await run(dir, ['add', 'Add b.txt to the repository'], 0);
  expect(await run(dir, ['kill', 'cluster:other'], 2)).toMatch(
    /^error: there is no cluster other in nothing\n/,
  );
  expect(await run(dir, ['pause', 'agent:1/build/developer'], 2)).toMatch(
    /^error: there is no agent 1\/build/,
  );
  expect(await run(dir, ['stop', 'everything'], 2)).toMatch(/^error: neither the mesh nor a cluster/);
  expect(await run(dir, ['resume', 'mesh'], 1)).toMatch(
    /^error: the mesh is not paused, stopped or killed\n/,
  );
  await run(dir, ['cancel', '1'], 0);
  expect(await run(dir, ['kill', '1'], 1)).toBe('error: item 1 is canceled; nothing of it runs\n');
});
