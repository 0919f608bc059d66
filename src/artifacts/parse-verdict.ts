/** Reads a verdict artifact: another agent's pass or fail, with what it found. Decides nothing (verdicts/ does). */
import { z } from 'zod';
import { describeProblem, parseJson } from './parse-json.ts';

export interface Verdict {
  isPassed: boolean;
  summary: string;
  /** A fail has at least one; those of a pass are notes. */
  findings: VerdictFinding[];
}

export interface VerdictFinding {
  message: string;
  /** Path in the repository, or null. */
  file: string | null;
  /** 1-based, or null. */
  line: number | null;
}

const verdictSchema = z
  .strictObject({
    verdict: z.enum(['pass', 'fail'], 'must be "pass" or "fail"'),
    summary: z.string().trim().min(1, 'must not be empty').max(4_000, 'is longer than 4,000 characters'),
    findings: z
      .array(
        z.strictObject({
          message: z
            .string()
            .trim()
            .min(1, 'must not be empty')
            .max(4_000, 'is longer than 4,000 characters'),
          file: z
            .string()
            .trim()
            .min(1, 'must not be empty')
            .max(1_000, 'is longer than 1,000 characters')
            .nullish(),
          line: z.int().min(1, 'must be 1 or more').nullish(),
        }),
      )
      .max(200, 'has more than 200 entries; name the ones that matter')
      .default([]),
  })
  .refine((value) => value.verdict === 'pass' || value.findings.length > 0, {
    path: ['findings'],
    message: 'a fail must name at least one finding',
  });

/** `problems` are sentences for the agent; empty exactly when there is a verdict. */
export function parseVerdict(text: string): { verdict: Verdict | undefined; problems: string[] } {
  const { value, problems } = parseJson(text, verdictSchema);
  if (!value) return { verdict: undefined, problems: problems.map(describeProblem) };
  const findings = value.findings.map(({ message, file, line }) => ({
    message,
    file: file ?? null,
    line: line ?? null,
  }));
  return { verdict: { isPassed: value.verdict === 'pass', summary: value.summary, findings }, problems: [] };
}
