/** One thing found wrong by a gate, a check or a reviewer; what a phase is sent back with. */
export interface Finding {
  /** `check:test`, `verdict:reviewer`, `artifact:plan.json`, `merge`, `scope`, `landing`. */
  source: string;
  message: string;
  /** Path and 1-based line when known, else null. */
  file: string | null;
  line: number | null;
  /** The end of what the check printed, cut to a readable size; null when there is none. */
  output: string | null;
}
