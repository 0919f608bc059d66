/** A backup made while work goes on, and what comes of it elsewhere: the same journal, the same commits, work that goes on. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { openMirror } from '../../src/git/open-mirror.ts';
import { readGit } from '../../src/git/run-git.ts';
import { appended, freshStream, unitFor } from '../../src/journal/contract-harness.ts';
import { verifyChain } from '../../src/journal/hash-chain.ts';
import { connectClient } from '../../src/postgres/connect.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { MIGRATIONS, migrationCount } from '../../src/postgres/migrations.ts';
import { restoreBackup } from '../../src/postgres/restore.ts';
import { viewItem } from '../../src/views/item-view.ts';
import { viewStatus } from '../../src/views/status-view.ts';
import { runWorker } from '../../src/worker/worker.ts';
import { say, smallFiles, smallTeam } from '../engine/small-team.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';
import { type BackupWorld, commitOf, openBackupWorld } from './backup-world.ts';

let world: BackupWorld;
let project: TestProject | undefined;

beforeEach(async () => {
  world = await openBackupWorld();
});
afterEach(async () => {
  await project?.remove();
  project = undefined;
  await world.remove();
});

/** An item whose worker was stopped in the middle of it. */
async function halfDone(): Promise<TestProject> {
  const stop = new AbortController();
  const team = smallTeam();
  const opened = await createTestProject({
    files: smallFiles,
    journal: await openPostgresJournal({ url: world.database }),
    model: async (request) => {
      if (request.seat.role === 'tester' && !stop.signal.aborted) stop.abort();
      return stop.signal.aborted && request.seat.role === 'tester' ? say('fine') : team(request);
    },
  });
  project = opened;
  await opened.add('Half done');
  await opened.run(stop.signal);
  expect((await opened.item(1)).status).toBe('running');
  return opened;
}

describe('a backup', () => {
  it('brings everything back elsewhere, byte for byte, and the work goes on from there', async () => {
    const original = await halfDone();
    const own = original.context.mirror;
    const lost = await commitOf(own, await own.treeOf((await original.item(1)).head ?? ''));
    const manifest = await world.backUp(original.root);
    expect(manifest).toMatchObject({ schema: migrationCount, mirrors: [{ name: 'mirror' }] });
    await world.restore();

    const restored = await world.openJournal(world.elsewhere);
    const all = { after: 0, limit: 100_000 };
    const events = await restored.readAll(all);
    expect(events).toEqual(await original.journal.readAll(all));
    expect(events).toHaveLength(manifest.events);
    for (const { stream } of await restored.streams('test'))
      expect(verifyChain(await restored.read(stream)), stream).toEqual({ isIntact: true });
    expect(await viewStatus(restored, 'test')).toEqual(await viewStatus(original.journal, 'test'));
    expect(await restored.accounts('test')).toEqual(await original.journal.accounts('test'));
    expect(await restored.reservations('test')).toEqual(await original.journal.reservations('test'));

    const mirror = await openMirror(path.join(world.root, 'mirrors', 'mirror.git'));
    expect(await mirror.resolve(lost)).toBe(lost);
    const context = { ...original.context, journal: restored, mirror, owner: `after-${newId()}` };
    await runWorker(context, { untilIdle: true, signal: AbortSignal.timeout(100_000) });
    const { state } = await viewItem(restored, 'test', 1);
    expect(state.status).toBe('ready');
    expect(await mirror.show(state.head ?? '', 'T3.txt')).toBe('written by build/T3/developer\n');
  });

  it('is of one moment while others write, and every event in it is whole', async () => {
    const journal = await world.openJournal(world.database);
    const end = new AbortController();
    const writers = Array.from({ length: 4 }, async () => {
      const stream = freshStream();
      for (let version = 0; !end.signal.aborted; version += 1)
        appended(await journal.append(unitFor(stream, version)));
    });
    try {
      while ((await journal.head()) < 40) await journal.head();
      const manifest = await world.backUp(world.root);
      const later = await journal.head();
      expect(manifest.events).toBeLessThan(later);
      await world.restore();
      const restored = await world.openJournal(world.elsewhere);
      const events = await restored.readAll({ after: 0, limit: 1_000_000 });
      expect(events.map(({ position }) => position)).toEqual(
        Array.from({ length: manifest.events }, (_, index) => index + 1),
      );
      for (const { stream, version } of await restored.streams('p')) {
        const found = await restored.read(stream);
        expect(found).toHaveLength(version);
        expect(verifyChain(found)).toEqual({ isIntact: true });
      }
      appended(await restored.append(unitFor(freshStream())));
      expect(await restored.head()).toBe(manifest.events + 1);
    } finally {
      end.abort();
      await Promise.all(writers);
    }
  });

  it('keeps blobs of any bytes, waiting messages and their order', async () => {
    const journal = await world.openJournal(world.database);
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 256);
    const hash = await journal.putBlob(bytes);
    const stream = freshStream();
    appended(await journal.append(unitFor(stream)));
    for (const id of ['b', 'a'])
      await journal.post('p', {
        stream,
        id,
        kind: 'note',
        actor: 'person:ada',
        data: { text: `ü "\\ ${id}` },
      });
    await world.backUp(world.root);
    await world.restore();
    const restored = await world.openJournal(world.elsewhere);
    expect(await restored.getBlob(hash)).toEqual(bytes);
    const waiting = await restored.inbox(stream);
    expect(waiting).toEqual(await journal.inbox(stream));
    await restored.post('p', { stream, id: 'c', kind: 'note', actor: 'person:ada', data: {} });
    expect((await restored.inbox(stream)).map(({ id }) => id)).toEqual(['b', 'a', 'c']);
  });

  it('lets nobody go on under an old claim, and lets the work be claimed at once', async () => {
    const journal = await world.openJournal(world.database);
    const stream = freshStream();
    appended(await journal.append(unitFor(stream)));
    const request = { owner: 'before', host: 'here', leaseMs: 3_600_000, project: 'p' };
    const claim = await journal.claimUnit(stream, request);
    if (!claim) throw new Error('not claimed');
    await world.backUp(world.root);
    await world.restore();
    const restored = await world.openJournal(world.elsewhere);
    expect(await restored.renew(claim, 60_000)).toBe(false);
    const write = await restored.append(unitFor(stream, 1, { fence: claim.fence }));
    expect(write.outcome).toBe('fenced');
    const next = await restored.claim({ ...request, owner: 'after' });
    expect(next?.unit).toBe(stream);
    // Nor under one that was made after the backup, on the original.
    expect(next?.fence).toBeGreaterThan(claim.fence + 1_000);
  });
});

describe('a restore', () => {
  it('refuses a database that is in use, and leaves it and the mirrors alone', async () => {
    await world.makeSomething();
    await world.backUp(path.join(world.root, 'own'));
    const there = await world.openJournal(world.elsewhere);
    const stream = freshStream();
    appended(await there.append(unitFor(stream)));
    await expect(world.restore()).rejects.toMatchObject({ code: 'restore_not_empty', exitCode: 2 });
    expect(await there.head()).toBe(1);
    expect(readdirSync(path.join(world.root, 'mirrors'))).toEqual([]);
  });

  it('refuses a mirror that went on since, and takes one that did not', async () => {
    const mirror = await world.makeSomething();
    const folder = path.dirname(mirror.dir);
    await world.backUp(folder);
    await mirror.moveRef('refs/heads/else', null, (await mirror.resolve('refs/heads/main')) ?? '');
    await expect(world.restore(folder)).rejects.toMatchObject({ code: 'restore_not_empty' });
    await readGit({ args: ['update-ref', '-d', 'refs/heads/else'], cwd: mirror.dir, gitDir: mirror.dir });
    await world.restore(folder);
    expect(await (await world.openJournal(world.elsewhere)).head()).toBeGreaterThan(0);
  });

  it('of an earlier schema is migrated to this one', async () => {
    const client = await connectClient(world.elsewhere, { applicationName: 'test' });
    await client.query('drop schema meshwright cascade');
    await migrate(client, MIGRATIONS.slice(0, 1));
    await client.query("insert into meshwright.blob (hash, bytes) values ('h', 'old')");
    await client.end();
    const manifest = await world.backUp(world.root, {
      url: world.elsewhere,
      folder: path.join(world.root, 'old'),
    });
    expect(manifest.schema).toBe(1);
    const folder = path.join(world.root, 'old');
    await restoreBackup({ url: world.database, mirrorsDir: path.join(world.root, 'm'), folder, manifest });
    const journal = await world.openJournal(world.database);
    expect(await journal.getBlob('h' as never)).toEqual(new Uint8Array(Buffer.from('old')));
  });
});
