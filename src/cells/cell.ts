/**
 * The Cell port: the isolated place where one agent's commands and file accesses run. Opened once per agent and
 * long-lived. Everything that comes out of a cell is hostile input. Drivers: process (no isolation), bubblewrap.
 */
import type { Readable, Writable } from 'node:stream';
import type { ProcessIdentity } from '../base/process-identity.ts';
import type { WritablePath } from '../permissions/writable-path.ts';

export interface CellDriver {
  name: 'process' | 'bubblewrap';
  /** True when commands cannot touch the host outside the cell. */
  isIsolated: boolean;
  /** Really starts one; on failure says what is wrong and the exact command that fixes it. */
  preflight(): Promise<{ ok: true } | { ok: false; problem: string; fix: string }>;
  open(spec: CellSpec): Promise<Cell>;
  /** Cells of this machine whose private directory still exists, those of living processes among them. */
  listLeftovers(): Promise<LeftoverCell[]>;
  /**
   * Ends what is left of every earlier cell with this id, found by what was recorded when it was opened: kills its processes
   * (verified by process identity), removes its private directory. When it resolves, none of them can act any more.
   * @throws MeshwrightError `cell_not_ended` when something survives.
   */
  endLeftover(id: string): Promise<void>;
}

/** A cell by what was recorded of it on disk, whoever opened it. */
export interface LeftoverCell {
  id: string;
  /** Its private directory. */
  dir: string;
  /** The process that opened it. */
  opener: ProcessIdentity;
  isOpenerAlive: boolean;
  /** Processes of the cell that are alive. */
  pids: number[];
}

export interface CellSpec {
  /** Unique; names the cell's private directory. */
  id: string;
  /** Absolute host path of the workspace; the cell's working directory (same path inside). */
  workspace: string;
  isWorkspaceWritable: boolean;
  /**
   * Of a writable workspace, all that commands can write; absent: everything but `.mesh`. Only isolated drivers can hold to it:
   * elsewhere it is the tools and the capture that do.
   */
  writable?: readonly WritablePath[];
  /** Further absolute host paths visible read-only (mirror objects, toolchains, set-up caches). */
  readable: string[];
  /** The whole environment inside; nothing is inherited except PATH, LANG and HOME that the driver sets. */
  env: Record<string, string>;
  /** `[]`: no network at all. Else only these host names (`host` or `host:port`), through the platform's proxy. */
  allowedHosts: string[];
  /** Absolute host path of the unix socket that `gatewayPort` leads to; absent: no such port. */
  gatewaySocket?: string;
  limits: CellLimits;
}

export interface CellLimits {
  memoryMb: number;
  processes: number;
  /** Per command, default for exec. */
  commandTimeoutMs: number;
  /** Per stream (stdout, stderr) of one command; the middle is cut out. */
  outputBytes: number;
  /** Largest file that can be read or written through the cell. */
  fileBytes: number;
}

export interface ExecRequest {
  /** Program and arguments; no shell. For a shell pass `['bash', '-c', text]`. */
  argv: string[];
  /** Relative to the workspace. */
  cwd?: string;
  stdin?: string;
  timeoutMs?: number;
  env?: Record<string, string>;
}

export interface ExecResult {
  /** Null when killed by a signal or a timeout. */
  exitCode: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  isTimedOut: boolean;
  /** Output was longer than the limit and cut in the middle. */
  isTruncated: boolean;
  durationMs: number;
}

export interface SpawnRequest {
  /** Program and arguments; no shell. Runs in the workspace. */
  argv: string[];
  env: Record<string, string>;
}

/** A long-lived program in the cell; it ends with the cell at the latest. */
export interface CellProcess {
  /** A write counts as done when the program has taken it. */
  stdin: Writable;
  /** Read piece by piece as it is consumed: a reader that stops holds the program. */
  stdout: Readable;
  /** Known once `stdout` has been read to its end. Never rejects. */
  exited: Promise<ProcessExit>;
  /** SIGTERM to all it started, SIGKILL a second later. */
  kill(): void;
}

export interface ProcessExit {
  /** Null when killed by a signal, or when the cell ended first. */
  exitCode: number | null;
  signal: string | null;
  /** Bounded like the output of a command; when the cell ended first, why. */
  stderr: string;
}

/** A refused or failed file access: `message` is fit for the model. */
export type FileOutcome<T> = { ok: true; value: T } | { ok: false; message: string };

export interface GrepHit {
  path: string;
  line: number;
  text: string;
}

/** All paths are relative to the workspace, `/`-separated; escapes (`..`, absolute, symlinks out) are refused. */
export interface Cell {
  id: string;
  /** Host pid of the cell's first process. */
  pid: number;
  /** Loopback port inside the cell that leads to the spec's `gatewaySocket`; null: none. */
  gatewayPort: number | null;
  /** Starts a program whose input and output stay open. Not ok: it could not be started; the message says why. */
  spawn(request: SpawnRequest): Promise<FileOutcome<CellProcess>>;
  exec(request: ExecRequest, signal?: AbortSignal): Promise<ExecResult>;
  readFile(path: string): Promise<FileOutcome<string>>;
  /** Creates parent directories. */
  writeFile(path: string, content: string): Promise<FileOutcome<{ isNew: boolean }>>;
  /** Paths of files matching, sorted; `.git` and git-ignored files left out; at most `limit`. */
  glob(pattern: string, limit: number): Promise<FileOutcome<{ paths: string[]; isCut: boolean }>>;
  /** JavaScript regular expression over text files; `.git`, ignored and binary files left out. */
  grep(
    pattern: string,
    options: { glob?: string; limit: number },
  ): Promise<FileOutcome<{ hits: GrepHit[]; isCut: boolean }>>;
  /** Ends every process in the cell, removes its private directory. Idempotent. Under a second. */
  close(): Promise<void>;
}
