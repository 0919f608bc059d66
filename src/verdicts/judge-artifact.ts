/** Judges artifacts and the verdicts of other agents from values that were parsed elsewhere. */
import type { Finding } from '../artifacts/finding.ts';
import type { Judgement } from './judgement.ts';

/** Passes when the artifact was delivered and its parser found no problem. `problems` are sentences. */
export function judgeArtifact(name: string, exists: boolean, problems: readonly string[]): Judgement {
  const source = `artifact:${name}`;
  if (!exists) {
    return {
      isPassed: false,
      summary: `${name} is missing`,
      findings: [plainFinding(source, `${name} was not delivered`)],
    };
  }
  if (problems.length > 0) {
    return {
      isPassed: false,
      summary: `${name} has ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`,
      findings: problems.map((problem) => plainFinding(source, problem)),
    };
  }
  return { isPassed: true, summary: `${name} is there`, findings: [] };
}

/** What a reviewing agent handed in, parsed. */
interface ParsedVerdict {
  isPassed: boolean;
  summary: string;
  findings: readonly Omit<Finding, 'source' | 'output'>[];
}

/**
 * The reviewer's own word, with `verdict:<role>` as the source of its findings. A refusal without a finding gets one
 * from its summary, so that the phase it sends back to is told something.
 */
export function judgeVerdict(verdict: ParsedVerdict, role: string): Judgement {
  const source = `verdict:${role}`;
  const findings = verdict.findings.map(
    ({ message, file, line }): Finding => ({ source, message, file, line, output: null }),
  );
  if (verdict.isPassed)
    return { isPassed: true, summary: `${role}: ${oneLine(verdict.summary, 'passed')}`, findings };
  const reason = oneLine(verdict.summary, 'refused without a reason');
  return {
    isPassed: false,
    summary: `${role}: ${reason}`,
    findings: findings.length > 0 ? findings : [plainFinding(source, reason)],
  };
}

function oneLine(text: string, otherwise: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 200) || otherwise;
}

function plainFinding(source: string, message: string): Finding {
  return { source, message, file: null, line: null, output: null };
}
