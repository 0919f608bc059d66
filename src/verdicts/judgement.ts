/** What judging a gate gives: a yes or no, one line for people, and the findings that a phase is sent back with. */
import type { Finding } from '../artifacts/finding.ts';

export interface Judgement {
  isPassed: boolean;
  /** One line, e.g. `2 of 43 tests failed`. */
  summary: string;
  /** At least one when it did not pass. */
  findings: Finding[];
}
