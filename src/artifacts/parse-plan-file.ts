/** A plan that a person hands in with `add --plan`: the same rules, with line and column of each problem. */
import type { Loaded } from '../yaml/diagnostic.ts';
import { diagnosticAt, type Position, readYaml, sortDiagnostics } from '../yaml/yaml-source.ts';
import { describeProblem, type JsonProblem } from './parse-json.ts';
import { findPlan } from './parse-plan.ts';
import type { Plan } from './plan.ts';

/** `file` names it in diagnostics. */
export function parsePlanFile(file: string, text: string): Loaded<Plan> {
  const { plan, problems } = findPlan(text);
  if (problems.length === 0) return { value: plan, diagnostics: [] };
  // JSON is YAML, so the YAML reader knows the places; what is no JSON at all gets the place in its message.
  const { source } = readYaml(file, text);
  const placeOf = ({ path, message }: JsonProblem): Position => {
    const named = /\(line (\d+) column (\d+)\)/.exec(message);
    if (named) return { file, line: Number(named[1]), col: Number(named[2]) };
    if (path.length === 0) return { file, line: 1, col: 1 };
    const locate = message === 'is not a known key' ? source?.locateKey : source?.locate;
    return locate?.(path) ?? { file, line: 1, col: 1 };
  };
  const diagnostics = problems.map((problem) => diagnosticAt(placeOf(problem), describeProblem(problem)));
  return { value: undefined, diagnostics: sortDiagnostics(diagnostics) };
}
