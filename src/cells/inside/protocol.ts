/**
 * What the host and the program inside a cell say to each other: one JSON object per line. Types alone; everything
 * in this folder runs inside the cell and imports nothing but Node itself.
 */

/** First line from the host; answered once the cell is ready. */
export interface StartParams {
  /** Absolute path of the workspace inside the cell. */
  workspace: string;
  /** Environment of every command. */
  env: Record<string, string>;
  limits: {
    memoryMb: number;
    processes: number;
    commandTimeoutMs: number;
    outputBytes: number;
    fileBytes: number;
  };
  /** True when every process this program can see belongs to the cell. */
  isIsolated: boolean;
  /** Unix socket of the egress proxy to relay to; null: no relay. */
  egressSocket: string | null;
  /** Unix socket of the gateway's server to relay to; null: no relay. */
  gatewaySocket: string | null;
}

export interface ExecParams {
  argv: string[];
  cwd?: string;
  stdin?: string;
  timeoutMs?: number;
  env?: Record<string, string>;
}

export interface ExecAnswer {
  exitCode: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  isTimedOut: boolean;
  isTruncated: boolean;
  durationMs: number;
}

/** A long-lived program, under a name that the host chose. */
export interface SpawnParams {
  process: string;
  argv: string[];
  env: Record<string, string>;
}

export interface ProcessEnd {
  exitCode: number | null;
  signal: string | null;
  /** Its beginning and its end. */
  stderr: string;
}

/** `data` in base64, empty when nothing came in a while; `end` once everything has been read. */
export interface OutputAnswer {
  data: string;
  end: ProcessEnd | null;
}

/** A glob already turned into the source of a regular expression: the host knows the syntax, the cell applies it. */
export interface GlobParams {
  expression: string;
  limit: number;
}

export interface GrepParams {
  pattern: string;
  /** Regular expression that paths must match; null: all. */
  expression: string | null;
  limit: number;
}

export type Answer<T> = { ok: true; value: T } | { ok: false; message: string };

export type HostLine =
  | { id: string; method: 'start'; params: StartParams }
  | { id: string; method: 'exec'; params: ExecParams }
  /** Ends the command with that id; it answers as killed. Has no answer of its own. */
  | { id: string; method: 'cancel'; params: { target: string } }
  | { id: string; method: 'spawn'; params: SpawnParams }
  /** `data` in base64; null ends its input. Answered when the program has taken it. */
  | { id: string; method: 'input'; params: { process: string; data: string | null } }
  /** Asks for the next piece of its output. */
  | { id: string; method: 'output'; params: { process: string } }
  /** SIGTERM, then SIGKILL; its end is an answer to `output`. */
  | { id: string; method: 'end'; params: { process: string } }
  | { id: string; method: 'readFile'; params: { path: string } }
  | { id: string; method: 'writeFile'; params: { path: string; content: string } }
  | { id: string; method: 'glob'; params: GlobParams }
  | { id: string; method: 'grep'; params: GrepParams };

/** `fault` is a defect of the request or the program, never an expected outcome. */
export type CellLine = { id: string; value: unknown } | { id: string; fault: string };
