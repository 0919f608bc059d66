/** A whole item as a person has it: the commands as processes, real isolation, a real client, and a provider on loopback. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it, type TestContext } from 'vitest';
import { bubblewrapDriver } from '../../src/cells/bubblewrap-cell.ts';
import { createRepository } from '../../src/git/create-repository.ts';
import { readGit } from '../../src/git/run-git.ts';
import { waitForServerEnd } from '../../src/postgres/open-database.ts';
import { mainFile } from '../cli/run-cli.ts';
import { type ModelServer, startModelServer } from '../doubles/model-server.ts';
import {
  billMicroUsd,
  callTool,
  readTurn,
  type WireBrain,
  wireFiles,
  wireKey,
  wireKeyCore,
  wireProtocols,
  wireTeam,
} from './wire-team.ts';

const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

/** The small team, whose first developer looks for what it should not see before it writes. */
function curiousTeam(saw: string[], port: () => string): WireBrain {
  const team = wireTeam();
  return (request) => {
    const { role, task, turn } = readTurn(request);
    if (role !== 'developer' || task !== 'T1') return team(request);
    if (turn === 0) {
      const dial = `if (exec 3<>/dev/tcp/127.0.0.1/${port()}) 2>/dev/null; then echo provider reached; else echo no way out; fi`;
      return callTool('shell', { command: `env; cat /proc/*/environ; ${dial}` });
    }
    if (turn === 1) {
      saw.push(...(request.messages.at(-1)?.toolResults.map(({ output }) => output) ?? []));
      return callTool('write', { path: 'T1.txt', content: 'by developer T1\n' });
    }
    return { text: 'done' };
  };
}

interface Ended {
  code: number;
  out: string;
  err: string;
}

interface Person {
  repository: string;
  home: string;
  run(...args: string[]): Promise<Ended>;
  /** With other variables than usual; undefined takes one away. */
  runWith(own: Record<string, string | undefined>, ...args: string[]): Promise<Ended>;
}

async function sitDown(server: ModelServer): Promise<Person> {
  const root = mkdtempSync(path.join(tmpdir(), 'mesh-person-'));
  const [repository, home] = [path.join(root, 'repository'), path.join(root, 'state')];
  mkdirSync(repository);
  undo.push(async () => {
    await waitForServerEnd(home);
    rmSync(root, { recursive: true, force: true });
  });
  const [protocol] = wireProtocols;
  await createRepository(repository, {
    branch: 'main',
    message: 'Start',
    authorName: 'Test',
    authorEmail: 'test@example.invalid',
    files: wireFiles(protocol),
  });
  const env = {
    PATH: process.env.PATH,
    HOME: path.join(root, 'person'),
    MESHWRIGHT_HOME: home,
    ANTHROPIC_BASE_URL: server.baseUrl.replace(/\/v1$/, ''),
    ANTHROPIC_API_KEY: wireKey,
    NO_COLOR: '1',
  };
  mkdirSync(env.HOME);
  const runWith = (own: Record<string, string | undefined>, ...args: string[]) =>
    new Promise<Ended>((resolve) => {
      const options = {
        cwd: repository,
        env: { ...env, ...own },
        timeout: 50_000,
        maxBuffer: 8 * 1_024 * 1_024,
      };
      const argv = ['--disable-warning=ExperimentalWarning', mainFile, ...args];
      execFile(process.execPath, argv, options, (error, out, err) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err });
      });
    });
  return { repository, home, runWith, run: (...args) => runWith({}, ...args) };
}

async function requireIsolation(context: TestContext): Promise<void> {
  const checked = await bubblewrapDriver().preflight();
  if (checked.ok || process.env.CI === 'true') return;
  context.skip(`bubblewrap does not work here: ${checked.problem}`);
}

it('init, add, run and accept land what was asked for: a missing and a refused key are said, the right one is left nowhere', async (context) => {
  await requireIsolation(context);
  const saw: string[] = [];
  const server = await startModelServer({
    brain: curiousTeam(saw, () => new URL(server.baseUrl).port),
    apiKey: wireKey,
  });
  undo.push(() => server.close());
  const person = await sitDown(server);

  expect(await person.run('init')).toMatchObject({ code: 0, err: '' });
  expect(await person.run('add', 'Make three files')).toMatchObject({
    code: 0,
    out: expect.stringContaining('#1'),
  });

  const keyless = await person.runWith({ ANTHROPIC_API_KEY: undefined }, 'run', '--until-idle');
  expect(keyless).toMatchObject({ code: 2, err: expect.stringContaining('ANTHROPIC_API_KEY is not set') });
  expect(server.servedCount).toBe(0);
  const wrongKey = wireKey.replace('sk-ant-', 'sk-old-');
  const refused = await person.runWith({ ANTHROPIC_API_KEY: wrongKey }, 'run', '--until-idle');
  expect(refused).toMatchObject({ code: 3, out: expect.stringContaining('does not accept the key (401)') });
  expect(server.servedCount).toBe(1);
  expect(await person.run('resume', '1')).toMatchObject({ code: 0, err: '' });

  const ran = await person.run('run', '--until-idle', '--verbose');
  expect(ran).toMatchObject({ code: 3, err: '' });
  expect(ran.out).not.toContain('NO ISOLATION');
  expect(ran.out).not.toContain('SCRIPTED');
  const accepted = await person.run('accept', '1');
  expect(accepted).toMatchObject({ code: 0, err: '' });

  const git = (...args: string[]) => readGit({ cwd: person.repository, args, trust: 'user' });
  expect(await git('show', 'main:T3.txt')).toBe('by developer T3');
  // What `init` proposed beside the policy that was there; whoever runs it commits it.
  expect(await git('status', '--porcelain')).toBe('?? .mesh/stakeholders.yaml');

  const cost = await person.run('cost', '--json');
  expect(JSON.parse(cost.out)).toMatchObject({
    isReal: true,
    total: { calls: 13, failedCalls: 1, costMicroUsd: billMicroUsd(server) },
  });
  expect(saw.join()).toContain('PATH=');
  expect(saw.join()).toContain('no way out');
  const said = [
    refused.out,
    refused.err,
    ran.out,
    accepted.out,
    cost.out,
    ...saw,
    JSON.stringify(server.requests),
  ].join('\n');
  expect(said).not.toContain(wireKeyCore);
  await waitForServerEnd(person.home);
  expect(filesWith(person.home, wireKeyCore)).toEqual([]);
});

/** Files below a folder in which the text stands, whatever they are. */
function filesWith(dir: string, text: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}
