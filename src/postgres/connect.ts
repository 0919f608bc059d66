/**
 * Connections to PostgreSQL: a pool, and single long-lived clients, none of which can crash the process when the
 * server goes away. Knows nothing of the journal.
 */
import pg from 'pg';
import { unreachable } from './storage-fault.ts';

const BIGINT_OID = 20;
const JSON_OIDS = new Set([114, 3802]);

/** bigint as a number: positions, versions and micro-dollars stay far below 2^53. JSON parsed, times as text. */
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === BIGINT_OID) return (text: string) => Number(text);
    if (JSON_OIDS.has(oid)) return (text: string) => JSON.parse(text) as unknown;
    return pg.types.getTypeParser(oid, format);
  }) as typeof pg.types.getTypeParser,
};

const CONNECT_TIMEOUT_MS = 10_000;

function clientConfig(url: string, applicationName: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types,
  };
}

/** The pool's own limit would count the wait for a free connection as well, which a slow disk makes long. */
class ConnectsInTime extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super({ ...(typeof config === 'object' && config), connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  }
}

/**
 * At most `max` connections, opened when needed. Idle ones that break are dropped and replaced at the next query.
 * With `answerWithinMs` a query that takes longer (waiting for a connection counts) fails, and its connection ends.
 */
export function createPool(
  url: string,
  options: { max: number; applicationName?: string; answerWithinMs?: number },
): pg.Pool {
  const { max, applicationName = 'meshwright', answerWithinMs } = options;
  const pool = new pg.Pool({
    ...clientConfig(url, applicationName),
    max,
    idleTimeoutMillis: 30_000,
    ...(answerWithinMs === undefined
      ? { Client: ConnectsInTime, connectionTimeoutMillis: 0 }
      : { connectionTimeoutMillis: answerWithinMs, query_timeout: answerWithinMs }),
  });
  pool.on('error', ignoreBrokenConnection);
  pool.on('connect', (client) => client.on('error', ignoreBrokenConnection));
  return pool;
}

/**
 * One connected client outside any pool. @throws MeshwrightError `database_unreachable`.
 * `settings` are session settings, e.g. `{ jit: 'off' }`.
 */
export async function connectClient(
  url: string,
  options: { applicationName: string; settings?: Record<string, string> },
): Promise<pg.Client> {
  const client = new pg.Client(clientConfig(url, options.applicationName));
  client.on('error', ignoreBrokenConnection);
  try {
    await client.connect();
    await client.query('select set_config(key, value, false) from json_each_text($1)', [
      JSON.stringify(options.settings ?? {}),
    ]);
  } catch (error) {
    await client.end().catch(() => {});
    throw unreachable(url, error);
  }
  return client;
}

/** The next query on it fails and says so; an unhandled 'error' event would end the process instead. */
function ignoreBrokenConnection(): void {}
