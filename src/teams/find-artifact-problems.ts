/** Whether every artifact of a flow is written before it is needed. Walks the built flow in the order of its first round. */
import type { Diagnostic } from '../yaml/diagnostic.ts';
import { diagnosticAt, type YamlPath, type YamlSource } from '../yaml/yaml-source.ts';
import { givenArtifacts } from './artifact-name.ts';
import type { FlowFile } from './flow-schema.ts';
import type { Flow, Gate, PhaseBody } from './team.ts';

/** `file` is what `flow` was built from: it tells whether a name stands in the flow or comes from the role. */
export function findArtifactProblems(flow: Flow, file: FlowFile, source: YamlSource): Diagnostic[] {
  const everWritten = new Set(
    flow.phases.flatMap((phase) => stepsOf(phase.body).flatMap((step) => step.writes)),
  );
  const written = new Set(givenArtifacts);
  const found: Diagnostic[] = [];
  const report = (path: YamlPath, message: string) => found.push(diagnosticAt(source.locate(path), message));
  const explain = (name: string) =>
    everWritten.has(name) ? `\`${name}\` is written only later` : `no step writes \`${name}\``;

  for (const [index, phase] of flow.phases.entries()) {
    const { body } = phase;
    if (body.kind === 'each' && !written.has(body.artifact))
      report(['phases', index, 'each'], `${explain(body.artifact)}; a phase before this one must`);
    const key = body.kind === 'parallel' ? 'parallel' : 'steps';
    const atPhaseStart = new Set(written);
    const writtenHere = new Set<string>();
    for (const [at, step] of stepsOf(body).entries()) {
      const path: YamlPath = ['phases', index, key, at];
      const isOwn = file.phases[index]?.[key]?.[at]?.reads !== undefined;
      const available = body.kind === 'parallel' ? atPhaseStart : written;
      for (const [position, name] of step.reads.entries()) {
        if (available.has(name)) continue;
        if (isOwn) report([...path, 'reads', position], `${explain(name)}; a step before this one must`);
        else
          report(
            [...path, 'role'],
            `the role \`${step.role}\` reads \`${name}\`, but ${explain(name)} (say \`reads:\` here)`,
          );
      }
      for (const name of step.writes) {
        if (body.kind === 'parallel' && writtenHere.has(name))
          report(
            path,
            `two steps side by side write \`${name}\`; give one of them another name with \`writes:\``,
          );
        writtenHere.add(name);
        written.add(name);
      }
    }
    for (const [at, gate] of phase.gates.entries()) {
      const name = artifactOf(gate);
      if (name === undefined || written.has(name)) continue;
      report(['phases', index, 'gate', at, gate.kind], `${explain(name)}, so this gate could never pass`);
    }
  }
  return found;
}

function stepsOf(body: PhaseBody) {
  return body.kind === 'none' ? [] : body.steps;
}

function artifactOf(gate: Gate): string | undefined {
  return gate.kind === 'commands' ? undefined : gate.artifact;
}
