/** `secrets:` as a person meets it on the command line: told where one is missing, stopped only where it is needed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CliWorld, openCliWorld } from '../cli/run-cli.ts';
import { smallProject } from '../cli/small-project.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.remove());

const value = 'npm_a8Fk29sLq0Zx7Tt41mWc';

function repositoryWith(project: string, secrets: string): string {
  const files = smallProject({ project });
  files['.mesh/mesh.yaml'] += `secrets:\n${secrets}\n`;
  files['check.sh'] = 'test -z "$TOKEN" && exit 1\necho "the token is $TOKEN"\n';
  return world.makeRepository(project, files);
}

it('a missing secret is a warning of check, stops run in one line, and does not stop add', async () => {
  const cwd = repositoryWith('missing', '  NPM_TOKEN: { env: MY_TOKEN, for: [checks, tester], as: TOKEN }');
  const line =
    'the secret NPM_TOKEN is not there: MY_TOKEN is not set; export MY_TOKEN=… and run the command again.';
  const checked = await world.run(['check'], { cwd });
  expect(checked).toMatchObject({ code: 0 });
  expect(checked.out).toContain(line);
  expect(checked.out).toContain('the flow has no role `tester` to get NPM_TOKEN');
  expect(await world.run(['add', 'Add b'], { cwd })).toMatchObject({ code: 0 });

  const stopped = await world.run(['run', '--until-idle', '--json'], { cwd });
  expect(stopped.code).toBe(2);
  expect(JSON.parse(stopped.out)).toMatchObject({
    error: {
      code: 'secret_missing',
      message: 'checks needs a secret that is not there: NPM_TOKEN (MY_TOKEN is not set)',
      hint: 'export MY_TOKEN=… and run the command again.',
    },
  });

  const went = await world.run(['run', '--until-idle', '--verbose'], { cwd, env: { MY_TOKEN: value } });
  expect(went).toMatchObject({ code: 3, err: '' });
  expect(await world.run(['accept', '1'], { cwd, env: { MY_TOKEN: value } })).toMatchObject({ code: 0 });
  const explained = await world.run(['check', '--explain'], { cwd, env: { MY_TOKEN: value } });
  expect(explained.out).toMatch(/secrets\.NPM_TOKEN +the variable MY_TOKEN, as TOKEN for checks, tester/);
});

it('a value that the files under .mesh/ have in them too is refused before any work, and not repeated', async () => {
  const cwd = repositoryWith('written', '  NPM_TOKEN: { file: ~/token, for: [checks], as: TOKEN }');
  const mesh = path.join(cwd, '.mesh/roles');
  mkdirSync(mesh, { recursive: true });
  const role = `---\nname: developer\ndescription: Builds.\ntools: Read, Write, Bash\n---\nUse ${value}.\n`;
  writeFileSync(path.join(mesh, 'developer.md'), role);
  writeFileSync(path.join(world.env.HOME ?? '', 'token'), `${value}\n`);
  const stopped = await world.run(['run', '--until-idle'], { cwd });
  expect(stopped.code).toBe(2);
  expect(stopped.err).toContain('the value of NPM_TOKEN is in the files under .mesh/');
  expect(`${stopped.out}${stopped.err}`).not.toContain(value);
});
