/**
 * A hundred secrets that commands really have, print in every form, write into files, hand in and commit, while the model says
 * them too. Afterwards they are nowhere but in the cells: real commands, real isolation, real PostgreSQL, real git.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { bubblewrapDriver } from '../../src/cells/bubblewrap-cell.ts';
import { createRepository } from '../../src/git/create-repository.ts';
import { runGit } from '../../src/git/run-git.ts';
import { connectClient } from '../../src/postgres/connect.ts';
import { createRedactor } from '../../src/secrets/redactor.ts';
import { mainFile } from '../cli/run-cli.ts';
import { callTool, readTurn, type WireBrain, wireKey, wireKeyCore } from '../clients/wire-team.ts';
import { type ModelServer, startModelServer } from '../doubles/model-server.ts';
import { openTestDatabase } from '../postgres.ts';
import { type Canary, drawCanaries, findCanaries, leakyFiles, proofOf, spreadText } from './canaries.ts';

const seed = 4;
const canaries = drawCanaries(100, seed);
const [first, second] = canaries as [Canary, Canary];

const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

/** The developer spreads everything, is sent back once by the capture and once by the checks; the reviewer reads along. */
function leakyBrain(): WireBrain {
  let runs = 0;
  const shell = (command: string) => ({ name: 'shell', input: { command } });
  const notes = { name: 'notes.md', content: spreadText(canaries.slice(0, 20)) };
  return (request) => {
    const { role, turn } = readTurn(request);
    if (role === 'reviewer') {
      const verdict = { verdict: 'pass', summary: spreadText([first]), findings: [] };
      if (turn > 0) return { text: 'done' };
      return callTool('deliver', { name: 'verdict.json', content: JSON.stringify(verdict) });
    }
    if (turn === 0) runs += 1;
    const said = spreadText(canaries.slice(0, 5));
    if (turn === 0 && runs === 1) {
      const parts = [0, 20, 40, 60, 80].map((from) => shell(`node spread.ts print ${from} ${from + 20}`));
      const calls = [
        shell('node spread.ts proof; cat set-up-proof'),
        ...parts,
        shell('node spread.ts files'),
      ];
      return { text: said, reasoning: said, toolCalls: calls };
    }
    if (turn === 1 && runs === 1) {
      return {
        toolCalls: [
          ...canaries
            .slice(0, 30)
            .map(({ name }) => ({ name: 'read', input: { path: `leaks/${name}.txt` } })),
          { name: 'grep', input: { pattern: '\\|', glob: 'leaks/*.txt' } },
          { name: 'glob', input: { pattern: 'leaks/*' } },
          { name: 'edit', input: { path: 'leaks/CANARY_000.txt', old_text: 'plain', new_text: first.value } },
          { name: 'write', input: { path: 'said.txt', content: said } },
          { name: 'run', input: { argv: ['echo', first.value] } },
          { name: 'nonsense', input: { [second.value]: [second.value] } },
        ],
      };
    }
    if (turn === 0) {
      const file = runs === 2 ? 'first.txt' : 'second.txt';
      return { toolCalls: [{ name: 'write', input: { path: file, content: 'done\n' } }] };
    }
    if (!request.messages.some(({ toolCalls }) => toolCalls.some(({ name }) => name === 'deliver'))) {
      return callTool('deliver', notes);
    }
    return { text: `${first.value} ${second.value}\n${said}` };
  };
}

interface Person {
  repository: string;
  home: string;
  /** All that any command printed. */
  printed: string[];
  run(...args: string[]): Promise<{ code: number; out: string; err: string }>;
}

async function sitDown(server: ModelServer, databaseUrl: string): Promise<Person> {
  const root = mkdtempSync(path.join(tmpdir(), 'mesh-canaries-'));
  undo.push(() => rmSync(root, { recursive: true, force: true }));
  const [repository, home, own] = ['repository', 'state', 'person'].map((name) => path.join(root, name));
  if (!repository || !home || !own) throw new Error('no folders');
  mkdirSync(repository);
  mkdirSync(path.join(own, 'secrets'), { recursive: true });
  for (const { name, value } of canaries) writeFileSync(path.join(own, 'secrets', name), `${value}\n`);
  await createRepository(repository, {
    branch: 'main',
    message: 'Start',
    authorName: 'Test',
    authorEmail: 'test@example.invalid',
    files: leakyFiles(canaries),
  });
  const env = {
    PATH: process.env.PATH,
    HOME: own,
    MESHWRIGHT_HOME: home,
    DATABASE_URL: databaseUrl,
    ANTHROPIC_BASE_URL: server.baseUrl,
    ANTHROPIC_API_KEY: wireKey,
    NO_COLOR: '1',
    ...Object.fromEntries(canaries.map(({ name, value }) => [`MY_${name}`, value])),
  };
  const printed: string[] = [];
  const run = (...args: string[]) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const options = { cwd: repository, env, timeout: 100_000, maxBuffer: 64 * 1_024 * 1_024 };
      const argv = ['--disable-warning=ExperimentalWarning', mainFile, ...args];
      execFile(process.execPath, argv, options, (error, out, err) => {
        printed.push(out, err);
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err });
      });
    });
  return { repository, home, printed, run };
}

/** Every column of every row, and every blob as the text that it is. */
async function databaseText(url: string): Promise<string> {
  const client = await connectClient(url, { applicationName: 'meshwright test' });
  try {
    const tables = await client.query(
      "select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')",
    );
    const texts: string[] = [];
    for (const { name } of tables.rows as { name: string }[]) {
      for (const row of (await client.query(`select * from ${name}`)).rows as Record<string, unknown>[]) {
        for (const value of Object.values(row))
          texts.push(
            Buffer.isBuffer(value)
              ? value.toString('utf8')
              : typeof value === 'string'
                ? value
                : JSON.stringify(value),
          );
      }
    }
    return texts.join('\n');
  } finally {
    await client.end();
  }
}

/** Every object, reachable or not: commits, trees, files. */
async function objectsText(gitDir: string): Promise<string> {
  const args = ['cat-file', '--batch-all-objects', '--batch', '--unordered'];
  return (await runGit({ args, cwd: gitDir })).stdout.toString('utf8');
}

function filesText(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

it('a hundred secrets reach the commands they are for, and no prompt, tape, journal, log, artifact, commit or report', async (context) => {
  const checked = await bubblewrapDriver().preflight();
  if (!checked.ok && process.env.CI !== 'true')
    return context.skip(`bubblewrap does not work here: ${checked.problem}`);
  const database = await openTestDatabase();
  undo.push(() => database.close());
  const server = await startModelServer({
    brain: leakyBrain(),
    apiKey: wireKey,
    faults: [{ kind: 'status', status: 500, message: `it failed: ${spreadText([first])}` }],
  });
  undo.push(() => server.close());
  const person = await sitDown(server, database.url);
  const brief = path.join(person.repository, '..', 'brief.md');
  writeFileSync(brief, `# Keep ${canaries[5]?.value ?? ''} quiet\n\n${spreadText(canaries)}\n`);

  expect(await person.run('check')).toMatchObject({ code: 0 });
  expect(await person.run('add', brief, '--criteria', first.value)).toMatchObject({ code: 0, err: '' });
  expect(await person.run('add', `no-such/${first.value}.md`)).toMatchObject({ code: 2 });
  const ran = await person.run('run', '--until-idle', '--verbose');
  expect(ran).toMatchObject({ code: 3 });
  const reports = ['bundle.json', 'journal.jsonl'].map((name) => path.join(person.repository, '..', name));
  const [bundle = '', exported = ''] = reports;
  expect(await person.run('accept', '1')).toMatchObject({ code: 0 });
  for (const command of [
    ['status'],
    ['show', '1'],
    ['show', '1', '--json'],
    ['log', '1'],
    ['log', '1', '--json'],
    ['diff', '1'],
  ])
    await person.run(...command);
  expect(await person.run('export', exported, '--blobs')).toMatchObject({ code: 0 });
  await person.run('doctor', '--bundle', bundle);

  const prompts = JSON.stringify(server.requests.map(({ body }) => body));
  const said = server.requests
    .flatMap(({ system, messages }) => [system, JSON.stringify(messages)])
    .join('\n');
  const places: Record<string, string> = {
    prompts: `${prompts}\n${said}`,
    database: await databaseText(database.url),
    mirror: await objectsText(path.join(person.home, 'mirrors', 'test.git')),
    repository: await objectsText(path.join(person.repository, '.git')),
    logs: filesText(path.join(person.home, 'logs')),
    'what commands printed': person.printed.join('\n'),
    'journal export': readFileSync(exported, 'utf8'),
    'doctor bundle': readFileSync(bundle, 'utf8'),
  };

  // They really were there: in set-up, in the checks, in the developer's commands.
  const proofs = canaries.map(proofOf);
  const outputs = server.requests.flatMap(({ messages }) =>
    messages.flatMap((each) => each.toolResults.map(({ output }) => output)),
  );
  const ownProof = outputs.find((output) => output.includes(proofs[0] ?? '')) ?? '';
  for (const proof of proofs) expect(ownProof.split(proof).length - 1).toBe(2);
  expect(places.database).toContain('[secret:CANARY_000]');
  expect(places.prompts).toContain('[secret:CANARY_099]');
  expect(places.logs).toContain('[secret:CANARY_000]');
  expect(places['what commands printed']).toContain('has the value of the secret CANARY_');

  const redactor = createRedactor(canaries);
  for (const [place, text] of Object.entries(places)) {
    expect({ place, found: findCanaries(canaries, text) }).toEqual({ place, found: [] });
    expect({ place, found: redactor.find(text) }).toEqual({ place, found: [] });
    expect({ place, key: text.includes(wireKeyCore) }).toEqual({ place, key: false });
  }
}, 180_000);
