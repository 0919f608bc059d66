/**
 * A workspace: the checkout in which one agent (or one gate) works: a shared clone of the mirror at one commit,
 * with the profile's set-up done. Never a worktree. What it contains is hostile; only its files are taken out,
 * as a tree written by the platform's git with the platform's own git directory and index.
 */
import type { Finding } from '../artifacts/finding.ts';
import type { CellLimits } from '../cells/cell.ts';
import type { Mirror } from '../git/mirror.ts';
import type { SetupStep } from '../policy/policy.ts';

export interface Workspaces {
  prepare(request: PrepareRequest): Promise<PrepareOutcome>;
  /**
   * Takes over a workspace that was left behind, files as they are, under a new id: whoever still knows the old path
   * reaches nothing any more. Nothing may run in it (its cell was ended before). Null when it is gone or was never whole.
   */
  reopen(request: ReopenRequest): Promise<Workspace | null>;
  /** Ids of the workspaces that exist, sorted; those of living processes among them. */
  list(): Promise<string[]>;
  /** Removes one by its id, e.g. an abandoned one. Idempotent. */
  discard(id: string): Promise<void>;
}

export interface ReopenRequest {
  /** As in PrepareRequest. */
  id: string;
  /** The id under which it was left. */
  from: string;
  mirror: Mirror;
}

export interface PrepareRequest {
  /** Path-safe and unique; contains the fence. */
  id: string;
  mirror: Mirror;
  commit: string;
  setup: readonly SetupStep[];
  limits: CellLimits;
  signal?: AbortSignal;
}

export type PrepareOutcome =
  | { ok: true; workspace: Workspace }
  /** A set-up step failed; findings carry its output. */
  | { ok: false; findings: Finding[] };

export interface Workspace {
  /** Absolute path of the checkout. */
  dir: string;
  commit: string;
  /** Absolute paths that a cell on it must be able to read (mirror objects). */
  readable: string[];
  /** Environment that its commands need. */
  env: Record<string, string>;
  /**
   * Writes the files as they are now (git-ignored and set-up outputs left out) to the mirror; returns the tree id.
   * `isUnfinished`: work that was cut short and is kept: what is refused is left out instead. `emptyPlaces`: files that a cell
   * was given to write (CellSpec.writable): new ones that are still empty are no change.
   * @throws CaptureRefused with findings when something in there must not become a commit.
   */
  captureTree(options?: { isUnfinished?: boolean; emptyPlaces?: readonly string[] }): Promise<string>;
  /** Removes it (renamed to a trash folder first, deleted in the background). Idempotent. */
  discard(): Promise<void>;
}
