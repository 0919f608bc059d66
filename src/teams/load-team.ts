/** Reads role and flow files and compiles them into one frozen Team, with the problems of all files at once. */
import path from 'node:path';
import { hashJson } from '../base/json.ts';
import type { Diagnostic, Loaded } from '../yaml/diagnostic.ts';
import { freezeDeep } from '../yaml/freeze.ts';
import { maxConfigurationBytes, readTextFile } from '../yaml/read-text-file.ts';
import { checkShape, suggestWord } from '../yaml/yaml-shape.ts';
import { diagnosticAt, type Position, readYaml, sortDiagnostics } from '../yaml/yaml-source.ts';
import { buildFlow } from './build-flow.ts';
import { findArtifactProblems } from './find-artifact-problems.ts';
import { findFlowProblems } from './find-flow-problems.ts';
import { flowSchema, laterFlowKeys } from './flow-schema.ts';
import { listFiles, type RoleFiles, readRoles } from './read-roles.ts';
import type { Flow, Role, Team } from './team.ts';

export interface TeamRequest {
  /** Name of a flow in .mesh/flows or built in. */
  flow: string;
  /** Folder with `roles/` and `flows/` of the package. */
  builtInDir: string;
  /** Where the flow was asked for, to point at when there is none. */
  flowNamedAt?: Position;
}

/** Never throws for what the files say. Roles that the flow does not use do not make it fail, except the project's own. */
export async function loadTeam(repoDir: string, request: TeamRequest): Promise<Loaded<Team>> {
  const roles = await readRoles(repoDir, request.builtInDir);
  const flowFile = await findFlowFile(repoDir, request);
  if (!flowFile) {
    const names = await listFlows(repoDir, request.builtInDir);
    const hint = suggestWord(request.flow, names) || `; the flows are: ${names.join(', ')}`;
    const at = request.flowNamedAt ?? { file: `.mesh/flows/${request.flow}.yaml`, line: 1, col: 1 };
    const missing = diagnosticAt(at, `there is no flow \`${request.flow}\`${hint}`);
    return { value: undefined, diagnostics: [...sortDiagnostics(roles.diagnostics), missing] };
  }
  const flow = await readFlow(flowFile, request.flow, roles);
  const used = flow.roleNames.flatMap((name) => roles.byName.get(name) ?? []);
  const diagnostics = [
    ...flow.diagnostics,
    ...sortDiagnostics([...roles.diagnostics, ...used.flatMap((entry) => entry.diagnostics)]),
  ];
  if (!flow.value || diagnostics.some((each) => each.severity === 'error'))
    return { value: undefined, diagnostics };
  const { team } = compileTeam(
    flow.value,
    used.flatMap((entry) => entry.role ?? []),
  );
  return { value: team, diagnostics };
}

/** Frozen through and through; the hash is what an item pins. `roles`: every role that the flow names. */
export function compileTeam(flow: Flow, roles: readonly Role[]): { team: Team; hash: string } {
  const sorted = roles.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const team: Team = { flow, roles: Object.fromEntries(sorted.map((role) => [role.name, role])) };
  return { team: freezeDeep(structuredClone(team)), hash: hashJson(team) };
}

/** Names of all flows that can be asked for, the project's own first. */
export async function listFlows(repoDir: string, builtInDir: string): Promise<string[]> {
  const own = await listFiles(path.join(repoDir, '.mesh/flows'), flowEndings);
  const builtIn = await listFiles(path.join(builtInDir, 'flows'), flowEndings);
  return [...new Set([...own, ...builtIn].map((file) => file.replace(/\.ya?ml$/, '')))];
}

const flowEndings = ['.yaml', '.yml'];

async function findFlowFile(
  repoDir: string,
  request: TeamRequest,
): Promise<{ path: string; source: string } | undefined> {
  for (const [dir, prefix] of [
    [path.join(repoDir, '.mesh/flows'), '.mesh/flows/'],
    [path.join(request.builtInDir, 'flows'), 'built in: '],
  ] as const) {
    const files = await listFiles(dir, flowEndings);
    const file = files.find((name) => flowEndings.some((ending) => name === `${request.flow}${ending}`));
    if (file !== undefined) return { path: path.join(dir, file), source: `${prefix}${file}` };
  }
  return undefined;
}

/** `roleNames` also of a flow with problems, so that those of its role files are told with them. */
interface ParsedFlow extends Loaded<Flow> {
  roleNames: string[];
}

async function readFlow(
  { path: file, source }: { path: string; source: string },
  name: string,
  roles: RoleFiles,
): Promise<ParsedFlow> {
  const read = await readTextFile(file, maxConfigurationBytes);
  if (read.ok) return parseFlow(source, read.text, name, roles);
  const message = `the flow cannot be used: ${read.problem}`;
  const diagnostics = [diagnosticAt({ file: source, line: 1, col: 1 }, message)];
  return { value: undefined, roleNames: [], diagnostics };
}

function parseFlow(source: string, text: string, name: string, roles: RoleFiles): ParsedFlow {
  const read = readYaml(source, text);
  if (!read.source) return { value: undefined, roleNames: [], diagnostics: read.diagnostics };
  const shape = checkShape(read.source, flowSchema, { laterKeys: laterFlowKeys });
  const diagnostics: Diagnostic[] = [...read.diagnostics, ...shape.diagnostics];
  const usableRoles = new Map(
    [...roles.byName].flatMap(([key, { role }]) => (role ? [[key, role] as const] : [])),
  );
  if (shape.usable)
    diagnostics.push(
      ...findFlowProblems(shape.usable, read.source, {
        roleNames: [...roles.byName.keys()],
        isSound: shape.value !== undefined,
      }),
    );
  if (shape.value && shape.value.name !== undefined && shape.value.name !== name)
    diagnostics.push(
      diagnosticAt(read.source.locate(['name']), `the flow's name must be that of its file, \`${name}\``),
    );
  const usable = shape.usable ? buildFlow(shape.usable, name, usableRoles) : undefined;
  const roleNames = usable ? roleNamesOf(usable) : [];
  // Artifacts are followed only through a flow that is otherwise sound: after a misspelt `writes` all else would be noise.
  if (shape.value && usable && diagnostics.length === 0 && roleNames.every((each) => usableRoles.has(each)))
    diagnostics.push(...findArtifactProblems(usable, shape.value, read.source));
  return { value: shape.value ? usable : undefined, roleNames, diagnostics: sortDiagnostics(diagnostics) };
}

function roleNamesOf(flow: Flow): string[] {
  const steps = flow.phases.flatMap(({ body }) => (body.kind === 'none' ? [] : body.steps));
  return [...new Set(steps.map((step) => step.role))];
}
