/** Ceilings of the project and of the machine on the command line: who is stopped, who may raise, what the screens say. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliWorld, openCliWorld } from './run-cli.ts';
import { smallProject } from './small-project.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.remove());

test('the machine’s ceiling and the project’s stop an item; those who may raise them let it go on', {
  timeout: 240_000,
}, async () => {
  const files = smallProject({ project: 'ceilings' });
  const ceilings = 'ceilings: { mesh_day_usd: 0.001, raise_by: ["@sarah-pm"] }\n';
  const dir = world.makeRepository('ceilings', {
    ...files,
    '.mesh/mesh.yaml': `${files['.mesh/mesh.yaml']}${ceilings}`,
  });
  const hostFile = path.join(world.home, 'host.yaml');
  const as = (person: string, ...args: string[]) =>
    world.run(args, { cwd: dir, env: { MESHWRIGHT_PERSON: person }, timeoutMs: 100_000 });
  const sarah = (...args: string[]) => as('sarah-pm', ...args);

  writeFileSync(hostFile, 'ceilings:\n  day_usd: soon\n');
  const broken = await sarah('check');
  expect(broken.code).toBe(2);
  expect(broken.out).toContain(`${hostFile}:2:12`);
  writeFileSync(hostFile, 'ceilings:\n  day_usd: 0.002\n');
  expect((await sarah('check', '--explain')).out).toMatch(
    /^host\.ceilings\.day_usd +\$0\.0020 +.*host\.yaml:2$/m,
  );

  await sarah('add', 'Add b.txt to the repository');
  const stopped = await sarah('run', '--until-idle');
  expect(stopped.code).toBe(4);
  expect(stopped.out).toMatch(
    /PAUSED: .*mesh:ceilings@.* has a ceiling of \$0\.0010.*@sarah-pm may raise it/,
  );
  const refused = await as('alex-architect', 'resume', 'mesh', '--ceiling-usd', '3');
  expect(refused).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^error: alex-architect may not raise a ceiling; @sarah-pm may\n/),
  });
  const item = await as('alex-architect', 'resume', '1', '--ceiling-usd', '30');
  expect(item.err).toMatch(/^error: alex-architect may not raise a ceiling/);
  const raised = await sarah('--json', 'resume', 'mesh', '--ceiling-usd', '3');
  expect(JSON.parse(raised.out)).toMatchObject({ ceilingMicroUsd: 3_000_000, items: [1] });

  const again = await sarah('run', '--until-idle');
  expect(again.code).toBe(4);
  expect(again.out).toMatch(/PAUSED: .*host:.* has a ceiling of \$0\.0020/);
  expect((await sarah('resume', 'host', '--ceiling-usd', '3')).out).toMatch(
    /^host:.* has a ceiling of \$3\.00 now\. #1 goes on/m,
  );
  expect((await sarah('run', '--until-idle')).code).toBe(3);
  const { accounts } = JSON.parse((await sarah('--json', 'cost')).out) as { accounts: object[] };
  expect(accounts).toContainEqual(
    expect.objectContaining({ kind: 'mesh', window: 'day', ceilingMicroUsd: 3_000_000 }),
  );
  // What every account has spent follows from the events, the host's shared ones included.
  expect(JSON.parse((await sarah('--json', 'doctor', '--verify')).out)).toMatchObject({ damage: [] });
});
