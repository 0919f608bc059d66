/** Turns a flow file that has no problem into the Flow: names, defaults from roles, one body per phase. Pure. */
import type { FlowFile, GateFile, PhaseFile, StepFile } from './flow-schema.ts';
import type { Flow, Gate, Phase, PhaseBody, Role, Step } from './team.ts';

/** Who is asked when a phase does not say. */
const defaultThenAsk = 'engineering_lead';

export function buildFlow(file: FlowFile, name: string, roles: ReadonlyMap<string, Role>): Flow {
  return {
    name: file.name ?? name,
    description: file.description ?? '',
    phases: file.phases.map((phase) => buildPhase(phase, roles)),
  };
}

function buildPhase(phase: PhaseFile, roles: ReadonlyMap<string, Role>): Phase {
  const onFail = phase.on_fail ?? {};
  return {
    name: phase.name,
    body: buildBody(phase, roles),
    gates: (phase.gate ?? []).map(buildGate),
    onFail: {
      backTo: onFail.back_to ?? phase.name,
      atMost: onFail.at_most ?? 1,
      thenAsk: onFail.then?.replace(/^ask /, '') ?? defaultThenAsk,
    },
    submits: phase.submit !== undefined,
  };
}

function buildBody(phase: PhaseFile, roles: ReadonlyMap<string, Role>): PhaseBody {
  if (phase.parallel) return { kind: 'parallel', steps: nameSteps(phase.parallel, roles) };
  const steps = nameSteps(phase.steps ?? [], roles);
  if (phase.each !== undefined) {
    const [artifact, pointer] = phase.each.split('#');
    return { kind: 'each', artifact: artifact ?? '', pointer: pointer ?? '', steps };
  }
  return steps.length === 0 ? { kind: 'none' } : { kind: 'sequence', steps };
}

function nameSteps(steps: readonly StepFile[], roles: ReadonlyMap<string, Role>): Step[] {
  const counts = new Map<string, number>();
  const names = new Set(steps.map((step) => step.role));
  return steps.map((step) => {
    const role = roles.get(step.role);
    let count = (counts.get(step.role) ?? 0) + 1;
    // A role may itself be called `x-2`.
    while (count > 1 && names.has(`${step.role}-${count}`)) count++;
    counts.set(step.role, count);
    return {
      name: count === 1 ? step.role : `${step.role}-${count}`,
      role: step.role,
      reads: step.reads ?? role?.reads ?? [],
      writes: step.writes ?? role?.writes ?? [],
      commits: step.commit ?? false,
    };
  });
}

function buildGate(gate: GateFile): Gate {
  if (gate.commands !== undefined)
    return { kind: 'commands', checks: gate.commands === 'project' ? null : gate.commands };
  if (gate.verdict !== undefined) return { kind: 'verdict', artifact: gate.verdict };
  return { kind: 'artifact', artifact: gate.artifact ?? '', schema: gate.schema ?? null };
}
