/** Every step of the schema, in order, and with how old a program each still works. */
import { SCHEMA_1 } from './schema-1.ts';
import { REQUESTS_OF_CLAIMS } from './schema-2-claims.ts';
import { BLOB_AGE } from './schema-3-blob-age.ts';
import { LEAN_RESERVATIONS } from './schema-4-lean-reservations.ts';
import { ACCOUNT_WINDOWS } from './schema-5-account-windows.ts';
import { RATE_BUCKETS } from './schema-6-rate-buckets.ts';

export interface Migration {
  sql: string;
  /**
   * Number of the oldest schema whose programs go on working after this step, unaware of it: workers of both versions
   * run during a rolling upgrade. Its own number when the step takes away or changes what an earlier program uses.
   */
  oldestProgram: number;
}

/** Number n at index n - 1. A released one is never edited; a change is a new one. */
export const MIGRATIONS: readonly Migration[] = [
  { sql: SCHEMA_1, oldestProgram: 1 },
  { sql: REQUESTS_OF_CLAIMS, oldestProgram: 1 },
  { sql: BLOB_AGE, oldestProgram: 1 },
  { sql: LEAN_RESERVATIONS, oldestProgram: 1 },
  { sql: ACCOUNT_WINDOWS, oldestProgram: 1 },
  { sql: RATE_BUCKETS, oldestProgram: 1 },
];

/** The schema that this version works with. */
export const migrationCount = MIGRATIONS.length;
