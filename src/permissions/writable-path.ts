/** A folder or file of a workspace that a cell lets its commands write, where it does not let them write everything. */
export interface WritablePath {
  /** Relative to the workspace; `''`: all of it, but for `.git` and `.mesh`. */
  path: string;
  /** Nothing is there: an empty folder or file is made for it, or it is no place to write. */
  ifMissing: 'folder' | 'file' | 'leave_out';
}
