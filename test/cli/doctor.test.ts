/** `doctor` and `export` as a person calls them: damage is found and named, a report holds no secret, orphans are ended. */
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectClient } from '../../src/postgres/connect.ts';
import { openDatabase } from '../../src/postgres/open-database.ts';
import { type CliWorld, openCliWorld, transcript } from './run-cli.ts';
import { smallProject } from './small-project.ts';

let world: CliWorld;
let dir: string;
let url: string;
let closeDatabase: () => Promise<void>;
beforeAll(async () => {
  world = await openCliWorld();
  dir = world.makeRepository('orders', smallProject({ project: 'orders' }));
  await run(['init']);
  await run(['add', 'Add b.txt for Mrs. Canary-Brief to the repository']);
  await run(['run', '--until-idle'], 3);
  const database = await openDatabase({ home: world.home, databaseUrl: process.env.DATABASE_URL });
  ({ url } = database);
  closeDatabase = () => database.close();
}, 120_000);
afterAll(async () => {
  await closeDatabase?.();
  await world.remove();
});

async function run(args: readonly string[], code = 0, env: Record<string, string> = {}): Promise<string> {
  const result = await world.run(args, { cwd: dir, env });
  expect(result.code, `${args.join(' ')}: ${transcript(result)}`).toBe(code);
  return result.out;
}

interface Report {
  ok: boolean;
  examinations: { name: string; result: string; text: string }[];
  damage: { place: string; text: string }[];
  orphans: { kind: string; name: string; canBeEnded: boolean; outcome: string | null }[];
}
const report = async (args: readonly string[], code = 0) =>
  JSON.parse(await run(['--json', 'doctor', ...args], code)) as Report;

async function withEdit<T>(sql: string, undo: string, use: () => Promise<T>): Promise<T> {
  const client = await connectClient(url, { applicationName: 'meshwright test' });
  try {
    await client.query(sql);
    return await use();
  } finally {
    await client.query(undo);
    await client.end();
  }
}

describe('doctor --verify', { timeout: 120_000 }, () => {
  test('finds a real run whole, in the database and in an export', async () => {
    expect(await report(['--verify'])).toMatchObject({ ok: true, damage: [], orphans: [] });
    const exported = JSON.parse(await run(['--json', 'export', 'journal.jsonl', '--blobs'])) as Record<
      string,
      string
    >;
    expect(exported).toMatchObject({
      file: 'journal.jsonl',
      seal: expect.stringMatching(/^seal:\*:\d+:[0-9a-f]{64}$/),
    });
    expect(statSync(path.join(dir, 'journal.jsonl')).mode & 0o077).toBe(0);
    const file = await report(['--verify', 'journal.jsonl']);
    expect(file).toMatchObject({ ok: true, damage: [] });
    expect(file.examinations.find(({ name }) => name === 'digest')?.text).toBe(exported.digest);
    for (const kept of ['journal.jsonl', exported.seal ?? '']) {
      expect((await report(['--against', kept])).examinations).toContainEqual(
        expect.objectContaining({ name: 'kept outside', result: 'good' }),
      );
    }
    expect(existsSync(path.join(dir, 'journal.jsonl.writing'))).toBe(false);
  });

  test('finds a cut and a changed bit in an export', async () => {
    const whole = Buffer.from(await run(['export', '-', '--blobs']));
    const damaged: [string, Uint8Array][] = [
      ['cut', whole.subarray(0, whole.length - 1)],
      ['flipped', Uint8Array.from(whole, (byte, index) => (index === whole.length >> 1 ? byte ^ 1 : byte))],
    ];
    for (const [name, bytes] of damaged) {
      writeFileSync(path.join(dir, name), bytes);
      const found = await report(['--verify', name], 1);
      expect(found.damage, name).not.toEqual([]);
    }
    expect(JSON.parse(await run(['--json', 'doctor', '--against', 'cut'], 1))).toMatchObject({
      error: { code: 'export_damaged' },
    });
    expect(JSON.parse(await run(['--json', 'doctor', '--verify', 'nothing'], 2))).toMatchObject({
      error: { code: 'export_unreadable' },
    });
  });

  test('names the stream, the version and what is wrong after edits in the tables', async () => {
    await withEdit(
      "update meshwright.event set actor = 'person:eve' where stream = 'item:orders/1' and version = 1",
      "update meshwright.event set actor = 'person:tess' where stream = 'item:orders/1' and version = 1",
      async () => {
        const text = await run(['doctor', '--verify'], 1);
        expect(text).toMatch(/damage item:orders\/1 version 1: its content does not match its hash/);
        expect(text).toMatch(/✗ +journal +damaged in 1 place/);
      },
    );
    await withEdit(
      "update meshwright.account set spent_micro_usd = spent_micro_usd - 1 where id = 'item:orders/1'",
      "update meshwright.account set spent_micro_usd = spent_micro_usd + 1 where id = 'item:orders/1'",
      async () =>
        expect((await report(['--verify'], 1)).damage).toEqual([
          {
            place: 'account item:orders/1',
            text: expect.stringMatching(/its spentMicroUsd is \d+; the events say/),
          },
        ]),
    );
    expect((await report(['--verify'])).damage).toEqual([]);
  });
});

describe('doctor --bundle', { timeout: 120_000 }, () => {
  const secrets = { key: 'canary-key-4b1f77', password: 'canary-p/w+93c1', proxy: 'canary-proxy-77aa' };

  test('holds what helps and no secret, brief, reply or value of the environment, in any spelling', async () => {
    const log = path.join(world.home, 'logs/meshwright.log');
    for (const secret of Object.values(secrets)) {
      const bytes = Buffer.from(`ab${secret}`);
      appendFileSync(
        log,
        `{"msg":"said ${secret} and ${bytes.toString('base64')} and ${bytes.toString('hex')}"}\n`,
      );
      appendFileSync(log, `{"msg":"asked /x?y=${encodeURIComponent(secret)}"}\n`);
    }
    const withPassword = new URL(url);
    withPassword.password = secrets.password;
    const env = {
      ANTHROPIC_API_KEY: secrets.key,
      DATABASE_URL: withPassword.href,
      HTTPS_PROXY: `http://me:${secrets.proxy}@proxy.invalid:1`,
      MESHWRIGHT_CANARY: 'canary-value-0000',
    };
    await run(['doctor', '--bundle', 'report.json'], 0, env);
    const text = readFileSync(path.join(dir, 'report.json'), 'utf8');
    expect(text).toContain('said [secret] and');
    expect(text).not.toMatch(/canary-(key|p|proxy|value)|4b1f77|93c1|77aa/i);
    for (const secret of Object.values(secrets)) {
      for (const shape of ['base64', 'hex'] as const) {
        expect(text).not.toContain(Buffer.from(secret).toString(shape).slice(2, -4));
      }
    }
    expect(text).not.toMatch(/Canary-Brief|b\.txt is there|Mrs\./);
    expect(text).not.toContain(world.env.HOME);
    const parsed = JSON.parse(text);
    expect(parsed.machine.set).toContain('ANTHROPIC_API_KEY');
    expect(parsed.configuration.policy.project).toBe('orders');
    expect(parsed.database.tables.map(({ name }: { name: string }) => name)).toContain('event');
    expect(parsed.events.map(({ kind }: { kind: string }) => kind)).toContain('model.call_finished');
    expect(statSync(path.join(dir, 'report.json')).mode & 0o077).toBe(0);
  });

  test('writes over nothing', async () => {
    writeFileSync(path.join(dir, 'mine.json'), 'mine');
    const found = JSON.parse(await run(['--json', 'doctor', '--bundle', 'mine.json'], 1));
    expect(found).toMatchObject({ error: { code: 'report_not_written' } });
    expect(readFileSync(path.join(dir, 'mine.json'), 'utf8')).toBe('mine');
  });
});

test('doctor --fix says line by line what it ended, and leaves nothing to end', {
  timeout: 120_000,
}, async () => {
  const trash = path.join(world.home, 'workspaces/.trash');
  writeFileSync(path.join(trash, 'left'), '');
  expect((await report([])).orphans).toEqual([
    { kind: 'trash', name: 'left', text: expect.any(String), canBeEnded: true, outcome: null },
  ]);
  expect(await run(['doctor', '--fix'])).toMatch(/✓ trash left: deleted/);
  expect((await report([])).orphans).toEqual([]);
});

test('export refuses a project that is not there', { timeout: 60_000 }, async () => {
  expect(JSON.parse(await run(['--json', 'export', 'x', '--project', 'none'], 2))).toMatchObject({
    error: { code: 'no_such_project' },
  });
  expect(existsSync(path.join(dir, 'x'))).toBe(false);
});
