/** What passes between a worker process of the kill suites and whoever started it. */

/** Names of environment variables. */
export const workerVariables = {
  repository: 'PROVE_REPOSITORY',
  killList: 'PROVE_KILL_LIST',
  notes: 'PROVE_NOTES',
} as const;

/** One line on standard output; `at` in milliseconds since the epoch. */
export type WorkerLine =
  /** Composed and connected. */
  | { what: 'ready'; at: number }
  /** Its first event is durable. */
  | { what: 'progress'; at: number; kinds: string[] }
  | { what: 'killed'; at: number; label: string }
  | { what: 'failed'; at: number; message: string };
