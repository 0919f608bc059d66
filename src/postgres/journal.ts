/** The journal on PostgreSQL: puts the operations of this folder behind the Journal port. */
import { createWakeSignal, followPages } from '../journal/follow.ts';
import type { Journal } from '../journal/journal.ts';
import { refuseUnstorablePost } from '../journal/prepare-unit.ts';
import { createAppender } from './append.ts';
import { deleteBlobs, getBlob, listBlobs, putBlob } from './blobs.ts';
import { claimUnit, listClaimHolders, releaseClaim } from './claims.ts';
import { connectClient, createPool } from './connect.ts';
import { createHeartbeat } from './heartbeat.ts';
import { postMessage, readInbox } from './inbox.ts';
import { listAccounts, listReservations, readAccount, readAccounts } from './ledger-rows.ts';
import { migrate } from './migrate.ts';
import { createPatientPool, type Queryable } from './queryable.ts';
import { readAll, readHead, readStream } from './read.ts';
import { refuseTransactionPooler } from './refuse-pooler.ts';
import { openSession } from './session.ts';
import { loadSnapshot, saveSnapshot } from './snapshots.ts';
import { type DatabaseServer, patiently } from './storage-fault.ts';
import { listProjects, listStreams, readStreamHead } from './streams.ts';
import { createWakeChannel } from './wake.ts';

const PAGE = 500;
/** How late a follower sees another process's events; its own process's appends wake it at once. */
const FOLLOW_POLL_MS = 150;

/** Claims are rare and must not be lost once answered, nor wait behind a batch of appends. */
const CLAIM_SETTINGS = { synchronous_commit: 'on', jit: 'off' };

/**
 * Connects, migrates, and returns the journal. Its connections keep the process alive until `close`. Every operation
 * goes on by itself after a restart of the server; renew within 3 s, the others within 30 s, else they reject.
 * @throws MeshwrightError `database_unreachable`, `disk_full`, `database_pooler`, `database_newer`.
 */
export async function openPostgresJournal(
  options: DatabaseServer & { maxConnections?: number },
): Promise<Journal> {
  const { maxConnections = 8, ...server } = options;
  await prepareDatabase(server);
  let hasClosed = false;
  const plainPool = createPool(server.url, { max: maxConnections });
  const pool = createPatientPool(server, plainPool, () => hasClosed);
  const appender = createAppender(server);
  const claims = openSession(server, { name: 'meshwright claim', settings: CLAIM_SETTINGS });
  const heartbeat = createHeartbeat(server);
  const wake = createWakeChannel(server.url, plainPool);
  const appended = createWakeSignal();

  return {
    async append(unit) {
      const result = await appender.append(unit);
      if (result.outcome === 'appended') {
        appended.wake();
        if (unit.posts?.length || unit.transferTo !== undefined) wake.announce();
      }
      return result;
    },
    read: (stream, page) => readStream(pool, stream, page),
    readAll: (page) => readAll(pool, page),
    head: () => readHead(pool),
    follow: ({ after, project, signal }) =>
      followPages(
        {
          readPage: (from) => readFollowPage(pool, from, project),
          waitForMore: (_after, until) => appended.next(until, FOLLOW_POLL_MS),
        },
        after,
        signal,
      ),
    putBlob: (bytes) => putBlob(pool, bytes),
    getBlob: (hash) => getBlob(pool, hash),
    listBlobs: (page) => listBlobs(pool, page),
    deleteBlobs: (hashes, putBefore) => deleteBlobs(pool, hashes, putBefore),
    async post(project, post) {
      refuseUnstorablePost(post);
      const result = await postMessage(pool, project, post);
      if (result === 'posted') wake.announce();
      return result;
    },
    inbox: (unit) => readInbox(pool, unit),
    streams: (project, filter) => listStreams(pool, project, filter),
    streamHead: (stream) => readStreamHead(pool, stream),
    projects: () => listProjects(pool),
    claimHolders: (project) => listClaimHolders(pool, project),
    claim: (request) => claimUnit(claims, null, request),
    claimUnit: (unit, request) => claimUnit(claims, unit, request),
    renew: (claim, leaseMs) => heartbeat.renew(claim, leaseMs),
    async release(claim, wakeAt) {
      await releaseClaim(pool, claim, wakeAt);
      wake.announce();
    },
    onWake: (listener) => wake.onWake(listener),
    saveSnapshot: (stream, snapshot) => saveSnapshot(pool, stream, snapshot),
    loadSnapshot: (stream) => loadSnapshot(pool, stream),
    account: (account) => readAccount(pool, account),
    accountsNamed: (accounts) => readAccounts(pool, accounts),
    accounts: (project) => listAccounts(pool, project),
    reservations: (project, filter) => listReservations(pool, project, filter),
    async close() {
      hasClosed = true;
      await Promise.all([appender.close(), claims.close(), heartbeat.close()]);
      await wake.close();
      await plainPool.end();
    },
  };
}

/** A server that is ours is waited for: it may be starting again just now. With another one the address may be wrong. */
async function prepareDatabase(server: DatabaseServer): Promise<void> {
  if (server.whyDown === undefined) return prepareOnce(server.url);
  await patiently(server, () => prepareOnce(server.url));
}

async function prepareOnce(url: string): Promise<void> {
  const first = await connectClient(url, { applicationName: 'meshwright migrate' });
  try {
    const second = await connectClient(url, { applicationName: 'meshwright migrate' });
    try {
      await refuseTransactionPooler(first, second);
    } finally {
      await second.end();
    }
    await migrate(first);
  } finally {
    await first.end();
  }
}

/** The head is read first: up to there every position is committed, so the page has no holes. */
async function readFollowPage(pool: Queryable, after: number, project: string | undefined) {
  const head = await readHead(pool);
  if (head <= after) return { events: [], scannedTo: after };
  const events = await readAll(pool, {
    after,
    limit: PAGE,
    upTo: head,
    ...(project !== undefined && { project }),
  });
  const last = events.at(-1);
  return { events, scannedTo: last && events.length === PAGE ? last.position : head };
}
