/** The journal on PostgreSQL: puts the operations of this folder behind the Journal port. */
import type { Pool } from 'pg';
import { createWakeSignal, followPages } from '../journal/follow.ts';
import type { Journal } from '../journal/journal.ts';
import { refuseUnstorablePost } from '../journal/prepare-unit.ts';
import { createAppender } from './append.ts';
import { getBlob, putBlob } from './blobs.ts';
import { claimUnit, listClaimHolders, releaseClaim, renewClaim } from './claims.ts';
import { connectClient, createPool } from './connect.ts';
import { postMessage, readInbox } from './inbox.ts';
import { listAccounts, listReservations, readAccount } from './ledger-rows.ts';
import { migrate } from './migrate.ts';
import { readAll, readHead, readStream } from './read.ts';
import { refuseTransactionPooler } from './refuse-pooler.ts';
import { loadSnapshot, saveSnapshot } from './snapshots.ts';
import { listProjects, listStreams, readStreamHead } from './streams.ts';
import { createWakeChannel } from './wake.ts';

const PAGE = 500;
/** How late a follower sees another process's events; its own process's appends wake it at once. */
const FOLLOW_POLL_MS = 150;

/**
 * Connects, migrates, and returns the journal. Its connections keep the process alive until `close`.
 * @throws MeshwrightError `database_unreachable`, `database_pooler`, `database_newer`.
 */
export async function openPostgresJournal(options: {
  url: string;
  maxConnections?: number;
}): Promise<Journal> {
  const { url, maxConnections = 8 } = options;
  await prepareDatabase(url);
  const pool = createPool(url, { max: maxConnections });
  const appender = createAppender(url);
  const wake = createWakeChannel(url, pool);
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
    claim: (request) => claimUnit(pool, null, request),
    claimUnit: (unit, request) => claimUnit(pool, unit, request),
    renew: (claim, leaseMs) => renewClaim(pool, claim, leaseMs),
    async release(claim, wakeAt) {
      await releaseClaim(pool, claim, wakeAt);
      wake.announce();
    },
    onWake: (listener) => wake.onWake(listener),
    saveSnapshot: (stream, snapshot) => saveSnapshot(pool, stream, snapshot),
    loadSnapshot: (stream) => loadSnapshot(pool, stream),
    account: (account) => readAccount(pool, account),
    accounts: (project) => listAccounts(pool, project),
    reservations: (project, filter) => listReservations(pool, project, filter),
    async close() {
      await appender.close();
      await wake.close();
      await pool.end();
    },
  };
}

async function prepareDatabase(url: string): Promise<void> {
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
async function readFollowPage(pool: Pool, after: number, project: string | undefined) {
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
