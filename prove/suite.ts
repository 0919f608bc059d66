/** What a suite of prove/ is given and gives back; the runner and the suites meet only here. */
import type { JsonObject } from '../src/base/json.ts';

export interface Suite {
  name: string;
  /** What it shows, in one line. */
  what: string;
  /** It must end within this; then it is stopped and has failed. */
  boundMinutes: { full: number; quick: number };
  run(context: SuiteContext): Promise<SuiteResult>;
}

export interface SuiteContext {
  isQuick: boolean;
  /** Undefined: its own embedded server. */
  databaseUrl: string | undefined;
  /** What an interrupted run had saved, if it is to go on from there; else null. */
  saved: JsonObject | null;
  /** Called as often as something is done that need not be done again. */
  save(state: object): void;
  say(line: string): void;
  signal: AbortSignal;
}

export interface SuiteResult {
  /** What a reader looks at first. */
  rows: Row[];
  /** Everything else that was measured. */
  details: JsonObject;
  /** What must not be, in sentences; empty: passed. */
  problems: string[];
  /** As far as the suite knows it. */
  postgres: string | null;
}

export interface Row {
  what: string;
  value: string;
  /** What was aimed at, if anything. */
  aim?: string;
}
