/**
 * What a flow file of the right shape can still get wrong: roles and phases that do not exist, an order that cannot
 * work, an end that is never reached. Each problem is found at its own place; pure.
 */
import type { Diagnostic } from '../yaml/diagnostic.ts';
import { suggestWord } from '../yaml/yaml-shape.ts';
import { diagnosticAt, type YamlPath, type YamlSource } from '../yaml/yaml-source.ts';
import type { FlowFile, GateFile, PhaseFile } from './flow-schema.ts';

/**
 * In no particular order. `roleNames`: every role that has a file, usable or not. `isSound`: the file has the right
 * shape; otherwise `file` is what is left of it, and what is missing there may only have been misspelt.
 */
export function findFlowProblems(
  file: FlowFile,
  source: YamlSource,
  options: { roleNames: readonly string[]; isSound: boolean },
): Diagnostic[] {
  const { roleNames, isSound } = options;
  const report = (path: YamlPath, message: string) => diagnosticAt(source.locate(path), message);
  return [
    ...findRoleProblems(file, report, roleNames),
    ...findNameProblems(file, report),
    ...(isSound
      ? file.phases.flatMap((phase, index) => [
          ...findBodyProblems(phase, ['phases', index], report),
          ...(phase.gate ?? []).flatMap((gate, at) =>
            findGateProblems(gate, ['phases', index, 'gate', at], report),
          ),
        ])
      : []),
    ...(isSound ? findEndProblems(file, report) : []),
  ];
}

type Report = (path: YamlPath, message: string) => Diagnostic;

function findRoleProblems(file: FlowFile, report: Report, roleNames: readonly string[]): Diagnostic[] {
  return file.phases.flatMap((phase, index) =>
    (['steps', 'parallel'] as const).flatMap((key) =>
      (phase[key] ?? []).flatMap((step, at) =>
        roleNames.includes(step.role)
          ? []
          : report(
              ['phases', index, key, at, 'role'],
              `there is no role \`${step.role}\`${suggestWord(step.role, roleNames) || `; the roles are: ${roleNames.join(', ')}`}`,
            ),
      ),
    ),
  );
}

function findNameProblems(file: FlowFile, report: Report): Diagnostic[] {
  const names = file.phases.map((phase) => phase.name);
  return file.phases.flatMap((phase, index) => {
    const found: Diagnostic[] = [];
    if (names.indexOf(phase.name) < index)
      found.push(report(['phases', index, 'name'], `two phases are called \`${phase.name}\``));
    const back = phase.on_fail?.back_to;
    const reachable = names.slice(0, index + 1);
    if (back !== undefined && !reachable.includes(back)) {
      const message = names.includes(back)
        ? `\`${back}\` comes later; an item can only go back to this phase or an earlier one`
        : `there is no phase \`${back}\`${suggestWord(back, reachable)}`;
      found.push(report(['phases', index, 'on_fail', 'back_to'], message));
    }
    return found;
  });
}

function findBodyProblems(phase: PhaseFile, path: YamlPath, report: Report): Diagnostic[] {
  const isSubmit = phase.submit !== undefined;
  const hasWork = phase.steps !== undefined || phase.parallel !== undefined;
  if (isSubmit) {
    const extra = (['steps', 'parallel', 'each', 'gate', 'on_fail'] as const).find(
      (key) => phase[key] !== undefined,
    );
    return extra
      ? [
          report(
            [...path, extra],
            `a phase with \`submit\` has nothing else; move \`${extra}\` to a phase before it`,
          ),
        ]
      : [];
  }
  if (phase.steps !== undefined && phase.parallel !== undefined)
    return [report([...path, 'parallel'], 'a phase has either `steps` or `parallel`; make two phases of it')];
  if (phase.each !== undefined && phase.steps === undefined)
    return [report([...path, 'each'], '`each` needs `steps`: what is done for every task')];
  if (!hasWork)
    return [
      report(
        [...path, 'name'],
        `the phase \`${phase.name}\` is empty; give it \`steps\`, \`parallel\` or \`submit\``,
      ),
    ];
  return [];
}

function findGateProblems(gate: GateFile, path: YamlPath, report: Report): Diagnostic[] {
  const kinds = (['artifact', 'commands', 'verdict'] as const).filter((key) => gate[key] !== undefined);
  if (kinds.length !== 1)
    return [
      report(
        path,
        'a gate has exactly one of `artifact`, `commands` and `verdict`; write each as an entry of its own',
      ),
    ];
  if (gate.schema !== undefined && gate.artifact === undefined)
    return [report([...path, 'schema'], '`schema` belongs to an `artifact` gate')];
  return [];
}

function findEndProblems(file: FlowFile, report: Report): Diagnostic[] {
  const end = file.phases.findIndex((phase) => phase.submit !== undefined);
  if (end < 0)
    return [
      report(
        ['phases', file.phases.length - 1, 'name'],
        'the flow never ends: its last phase must have `submit: merge-queue`',
      ),
    ];
  return file.phases
    .slice(end + 1)
    .map((phase, offset) =>
      report(
        ['phases', end + 1 + offset, 'name'],
        `the phase \`${phase.name}\` is never reached: \`${file.phases[end]?.name}\` ends the flow`,
      ),
    );
}
