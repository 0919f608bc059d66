/** What a worker that was killed leaves, on a real database, disk and process table: what `doctor --fix` ends, and what it must not touch. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { homePaths } from '../../src/base/home.ts';
import {
  identifyProcess,
  isSameProcessAlive,
  type ProcessIdentity,
} from '../../src/base/process-identity.ts';
import { processDriver } from '../../src/cells/process-cell.ts';
import { collectOrphanFacts } from '../../src/cli/commands/doctor-facts.ts';
import { endOrphans } from '../../src/cli/commands/doctor-fix.ts';
import { findOrphans } from '../../src/cli/commands/doctor-orphan.ts';
import { openMirror } from '../../src/git/open-mirror.ts';
import { streamId } from '../../src/journal/event.ts';
import type { Claim, Journal } from '../../src/journal/journal.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { nothingHeld } from '../../src/secrets/held-secrets.ts';
import { buildWorkspaces } from '../../src/worker/machine-places.ts';
import { describeMachine, formatOwner } from '../../src/worker/owner.ts';
import { workspaceId } from '../../src/worker/seat-name.ts';
import { openTestDatabase, type TestDatabase } from '../postgres.ts';
import { agent, fillSampleJournal, item, project } from './sample-journal.ts';
import { verifyDatabase } from './verify-sample.ts';

const machine = describeMachine();
const cluster = streamId('cluster', project, 'main');
const seat = { owner: item, purpose: agent };
let home: string;
let database: TestDatabase;
let journal: Journal;
const children: ChildProcess[] = [];

beforeEach(async () => {
  home = realpathSync(mkdtempSync(path.join(tmpdir(), 'mesh-orphans-')));
  database = await openTestDatabase();
  journal = await openPostgresJournal({ url: database.url });
  await fillSampleJournal(journal);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await journal?.close();
  await database?.close();
  rmSync(home, { recursive: true, force: true });
});

/** Its claims were made by process 1 of a machine called `here`; from now on they are this identity's. */
async function claimAs(identity: ProcessIdentity): Promise<Claim> {
  const owner = formatOwner({ machine, identity }, 'w');
  const voidOwners = (await journal.claimHolders(project)).map((holder) => holder.owner);
  let last: Claim | undefined;
  for (const unit of [streamId('mesh', project), streamId('target', project, 'main'), cluster]) {
    last = await journal.claimUnit(unit, { owner, host: 'here', leaseMs: 600_000, voidOwners });
  }
  if (!last) throw new Error('not claimed');
  return last;
}

async function startProcess(): Promise<{ child: ChildProcess; identity: ProcessIdentity }> {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  children.push(child);
  await once(child, 'spawn');
  const identity = identifyProcess(child.pid ?? 0);
  if (!identity) throw new Error('no identity');
  return { child, identity };
}

async function deadProcess(): Promise<ProcessIdentity> {
  const { child, identity } = await startProcess();
  child.kill('SIGKILL');
  await once(child, 'exit');
  return identity;
}

const parts = () => {
  const paths = homePaths(home);
  const driver = processDriver({ cellsDir: paths.cells, upstreamProxy: null });
  return {
    journal,
    paths,
    driver,
    workspaces: buildWorkspaces(paths, driver, { setupEnv: {}, secrets: nothingHeld }),
    machine,
  };
};
const find = async () => findOrphans(await collectOrphanFacts({ ...parts(), now: Date.now() }));
const fix = async () => endOrphans({ ...parts(), newId: randomUUID }, await find());
const tell = async () => (await find()).map(({ kind, name }) => `${kind} ${name}`).sort();

function makeWorkspace(fence: number): string {
  const id = workspaceId({ fence, ...seat });
  const dir = path.join(homePaths(home).workspaces, id);
  mkdirSync(path.join(dir, 'tree'), { recursive: true });
  writeFileSync(path.join(dir, 'tree', 'work.txt'), 'unfinished\n');
  return dir;
}

async function cancelItem(claim: Claim): Promise<void> {
  const head = await journal.streamHead(item);
  await journal.append({
    id: randomUUID(),
    project,
    stream: item,
    expectedVersion: head?.version ?? 0,
    fence: claim.fence,
    events: [
      { kind: 'item.canceled', schema: 1, actor: 'person:ada', data: { by: 'person:ada', reason: '' } },
    ],
  });
}

describe('after a worker was killed', { timeout: 60_000 }, () => {
  test('its claims are given back, due at once; the workspace that its item needs stays', async () => {
    const claim = await claimAs(await deadProcess());
    const dir = makeWorkspace(claim.fence);
    expect(await tell()).toEqual([
      `claim ${cluster}`,
      `claim mesh:${project}`,
      `claim target:${project}/main`,
    ]);
    const ended = await fix();
    expect(ended.map(({ isEnded }) => isEnded)).toEqual([true, true, true]);
    expect(existsSync(path.join(dir, 'tree/work.txt'))).toBe(true);
    expect(await tell()).toEqual([]);
    const next = await journal.claim({ owner: 'next', host: 'here', leaseMs: 1_000 });
    expect(next?.fence).toBeGreaterThan(claim.fence);
    expect((await verifyDatabase(database.url)).damage).toEqual([]);
  });

  test('the workspace of a canceled item is removed, and the money that its agent held is charged', async () => {
    const claim = await claimAs(await deadProcess());
    const dir = makeWorkspace(claim.fence);
    await cancelItem(claim);
    expect(await tell()).toContain(`workspace ${path.basename(dir)}`);
    expect(await tell()).toContain('reservation call-4');
    const ended = await fix();
    expect(ended.filter(({ isEnded }) => !isEnded)).toEqual([]);
    expect(existsSync(dir)).toBe(false);
    const [call] = (await journal.reservations(project)).filter(
      ({ reservation }) => reservation === 'call-4',
    );
    expect(call).toMatchObject({ state: 'settled', settledMicroUsd: 40_000 });
    expect(await tell()).toEqual([]);
    expect((await verifyDatabase(database.url)).damage).toEqual([]);
  });

  test('nothing of a living worker is touched, not even when its item is over', async () => {
    const { identity } = await startProcess();
    const claim = await claimAs(identity);
    const dir = makeWorkspace(claim.fence);
    await cancelItem(claim);
    expect(await tell()).toEqual([]);
    expect(await fix()).toEqual([]);
    expect(existsSync(dir)).toBe(true);
    expect(await journal.renew(claim, 1_000)).toBe(true);
  });

  test('a claim that somebody took meanwhile is left to them', async () => {
    await claimAs(await deadProcess());
    const found = await find();
    const { identity } = await startProcess();
    const claim = await claimAs(identity);
    const ended = await endOrphans({ ...parts(), newId: randomUUID }, found);
    expect(ended.map(({ isEnded }) => isEnded)).toEqual([false, false, false]);
    expect(await journal.renew(claim, 1_000)).toBe(true);
  });

  test('its cell is ended, and nothing else of the process table', async () => {
    const claim = await claimAs(await deadProcess());
    const dir = makeWorkspace(claim.fence);
    const program = path.join(import.meta.dirname, '../../src/cells/opener-program-contract.ts');
    const spec = {
      id: path.basename(dir),
      workspace: dir,
      isWorkspaceWritable: true,
      readable: [],
      env: {},
      allowedHosts: [],
      limits: {
        memoryMb: 512,
        processes: 64,
        commandTimeoutMs: 600_000,
        outputBytes: 1_000,
        fileBytes: 1_000,
      },
    };
    const argv = ['sh', '-c', 'trap "" TERM HUP; sleep 600'];
    const order = { driver: 'process', cellsDir: homePaths(home).cells, spec, argv };
    const opener = spawn(process.execPath, ['--no-warnings', program, JSON.stringify(order)]);
    children.push(opener);
    await new Promise<void>((resolve) =>
      opener.stdout.on('data', (text) => String(text).includes('open\n') && resolve()),
    );
    expect(await tell()).not.toContain(`cell ${spec.id}`);
    opener.kill('SIGKILL');
    await once(opener, 'exit');
    expect(await tell()).toContain(`cell ${spec.id}`);
    const { identity } = await startProcess();
    await fix();
    expect(await parts().driver.listLeftovers()).toEqual([]);
    expect(isSameProcessAlive(identity)).toBe(true);
    expect(existsSync(dir)).toBe(true);
  });

  test('trash, old locks and half-made mirrors go; locks of this minute and refs stay', async () => {
    await claimAs(await deadProcess());
    const { mirrors, workspaces } = homePaths(home);
    const mirror = path.join(mirrors, `${project}.git`);
    await openMirror(mirror);
    const old = [path.join(mirror, 'refs/heads/main.lock'), path.join(mirrors, '.x.git.abc')];
    const fresh = path.join(mirror, 'packed-refs.lock');
    mkdirSync(old[1] ?? '');
    for (const file of [old[0] ?? '', fresh]) writeFileSync(file, '');
    for (const file of old) utimesSync(file, 1, 1);
    mkdirSync(path.join(workspaces, '.trash/gone'), { recursive: true });
    expect(await tell()).toEqual(
      expect.arrayContaining(['trash gone', `git_lock ${old[0]}`, `temporary_file ${old[1]}`]),
    );
    // The claims come first, so nobody works on the project by the time the files are looked at again.
    await fix();
    for (const file of [...old, path.join(workspaces, '.trash/gone')])
      expect(existsSync(file), file).toBe(false);
    expect(existsSync(fresh)).toBe(true);
    expect(
      execFileSync('git', ['--git-dir', mirror, 'rev-parse', '--is-bare-repository']).toString().trim(),
    ).toBe('true');
  });
});
