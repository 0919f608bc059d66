/**
 * The platform's own bare repository of a project: never pruned, never written by agents. All commits of items are
 * made here. Invocations are hardened: no hooks, fsmonitor, filters, external diff, system or user configuration.
 */
export interface Mirror {
  /** Absolute path of the bare repository. */
  dir: string;
  /** Fetches a branch of the user's repository; returns its commit. Objects are copied, never shared with it. */
  importBranch(repository: string, branch: string): Promise<string>;
  /** Commit of a full ref name or a commit id; null when there is none. */
  resolve(refOrCommit: string): Promise<string | null>;
  treeOf(commit: string): Promise<string>;
  /** Three-way merge without a work tree; conflicts name files, whose content in `tree` then carries conflict markers. */
  mergeTree(request: {
    ours: string;
    theirs: string;
  }): Promise<{ ok: true; tree: string } | { ok: false; conflicts: string[]; tree: string }>;
  commitTree(request: {
    tree: string;
    parents: string[];
    /** Subject, blank line, body. */
    message: string;
    /** Appended as trailers, e.g. `Meshwright-Step: orders-api/3/build/T1/developer/1`. */
    trailers: Record<string, string>;
    authorName: string;
    authorEmail: string;
    /** Milliseconds since the epoch; same inputs give the same commit id. */
    at: number;
  }): Promise<string>;
  /** Compare-and-swap; `from` null: the ref must not exist. False when it was elsewhere. */
  moveRef(ref: string, from: string | null, to: string): Promise<boolean>;
  /**
   * Moves a branch of the user's repository, files included where it is checked out. `advanced`: it is at `to` (also when it
   * was before); `moved`: it is elsewhere; `dirty`: a checkout of it has a person's changes.
   */
  advanceBranch(request: {
    repository: string;
    branch: string;
    from: string;
    to: string;
  }): Promise<'advanced' | 'moved' | 'dirty'>;
  /** Newest commit reachable from `ref` that carries the trailer, else null. */
  findByTrailer(ref: string, name: string, value: string): Promise<string | null>;
  /** Both commits must be there. A commit descends from itself. */
  isDescendant(commit: string, ancestor: string): Promise<boolean>;
  changedFiles(from: string, to: string): Promise<string[]>;
  /** Unified diff as text. */
  diff(from: string, to: string): Promise<string>;
  /** Content of one file at a commit, or null. */
  show(commit: string, path: string): Promise<string | null>;
}
