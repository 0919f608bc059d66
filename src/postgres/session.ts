/**
 * One long-lived session with the server that survives the loss of its connection: the next attempt begins only when
 * nothing of the lost session can commit any more, so it may look up what became of the first. Knows nothing of what
 * is run in it.
 */
import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { connectClient } from './connect.ts';
import {
  type DatabaseServer,
  isConnectionLoss,
  isDiskFull,
  patiently,
  unreachable,
} from './storage-fault.ts';

export interface Session {
  /**
   * Runs `work` after everything handed in before it. `lost` is undefined the first time; afterwards it is the error
   * with which the connection was lost while an earlier attempt of this work ran: it may have been carried out.
   * @throws MeshwrightError `database_unreachable` or `disk_full`; other errors of `work` as they are.
   */
  run<T>(work: (client: Client, lost: unknown) => Promise<T>): Promise<T>;
  /** Waits for what was handed in, then disconnects. */
  close(): Promise<void>;
}

interface Connection {
  client: Client;
  /** Unique on the server, so that this very session can be ended from another one. */
  name: string;
}

const END_LOST_WITHIN_MS = 5_000;

export function openSession(
  server: DatabaseServer,
  options: { name: string; settings: Record<string, string> },
): Session {
  let connection: Connection | undefined;
  let lostNames: string[] = [];
  let last: Promise<unknown> = Promise.resolve();

  const connected = async (): Promise<Connection> => {
    if (connection) return connection;
    const name = `${options.name} ${randomUUID()}`;
    const client = await connectClient(server.url, { applicationName: name, settings: options.settings });
    try {
      for (const lost of lostNames) await endSession(client, lost);
    } catch (error) {
      client.end().catch(() => {});
      throw error;
    }
    lostNames = [];
    connection = { client, name };
    return connection;
  };
  const lose = ({ client, name }: Connection): void => {
    connection = undefined;
    lostNames.push(name);
    client.end().catch(() => {});
  };
  const runNow = <T>(work: (client: Client, lost: unknown) => Promise<T>): Promise<T> => {
    let hasRun = false;
    return patiently(server, async (lost) => {
      const current = await connected();
      const isRepeat = hasRun;
      hasRun = true;
      try {
        return await work(current.client, isRepeat ? lost : undefined);
      } catch (error) {
        if (isConnectionLoss(error)) lose(current);
        // The server may have reported the full disk and then died of it: what became of the work is open.
        else if (isDiskFull(error) && !(await isUsable(current.client))) {
          lose(current);
          throw unreachable(server.url, error);
        }
        throw error;
      }
    });
  };
  return {
    run(work) {
      const result = last.then(() => runNow(work));
      last = result.catch(() => {});
      return result;
    },
    async close() {
      await last;
      await connection?.client.end().catch(() => {});
      connection = undefined;
    },
  };
}

/** Ends what may still run of a lost session, and waits until it is gone. */
async function endSession(client: Client, name: string): Promise<void> {
  for (;;) {
    const { rows } = await client.query(
      'select pg_terminate_backend(pid, $2) from pg_stat_activity where application_name = $1',
      [name, END_LOST_WITHIN_MS],
    );
    if (rows.length === 0) return;
  }
}

async function isUsable(client: Client): Promise<boolean> {
  return client.query('select 1').then(
    () => true,
    () => false,
  );
}
