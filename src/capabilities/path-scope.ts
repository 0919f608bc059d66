/**
 * Which workspace paths a role may read or write: its globs, its rules about parts of the file tools, and the two folders
 * that no agent ever writes. Pure; symbolic links are the cell's matter.
 */
import picomatch from 'picomatch';
import { describeRule, type PermissionRule } from '../permissions/permission-rule.ts';
import type { CellTool, ToolName } from '../permissions/tool-name.ts';
import type { Role } from '../teams/team.ts';
import { hasSegment, normalizeWorkspacePath } from './workspace-path.ts';

/** `capture`: a file that was changed by whatever means, judged again before it becomes part of a commit. */
export type PathUse = Exclude<CellTool, 'run' | 'shell'> | 'capture';

export type PathVerdict =
  | { ok: true /** Normalised. */; path: string; rule: string }
  | { ok: false; decision: 'ask' | 'deny'; rule: string; reason: string };

/** Deny, then ask, then allow. Refusals say what the role may use instead. */
export function judgePath(role: Role, use: PathUse, path: string): PathVerdict {
  const normal = normalizeWorkspacePath(path);
  if (!normal.ok) return refuse('workspace', normal.reason);
  const isWrite = writes(use);
  const verb = isWrite ? 'write' : 'read';
  if (hasSegment(normal.path, '.git')) {
    return refuse('.git', `${path} belongs to git's own files, which no agent may ${verb}`);
  }
  if (isWrite && hasSegment(normal.path, '.mesh')) {
    return refuse('.mesh', `${path} belongs to the project's mesh configuration, which no agent may change`);
  }
  const hindered = findHindered(role, use, normal.path);
  if (hindered) return hindered;
  if (isWrite && role.onlyFiles !== null && !role.onlyFiles.includes(normal.path)) {
    const reason = `${path} is not among the ${role.onlyFiles.length} files that this item has changed, and role ${role.name} may write no other`;
    return refuse('paths.write changed', reason);
  }
  const scope = isWrite ? role.writePaths : role.readPaths;
  const glob = scope?.find((each) => matchesScope(each, normal.path));
  if (scope !== null && glob === undefined) {
    const allowed = scope.length === 0 ? 'no path' : scope.join(', ');
    return refuse(`paths.${verb}`, `${path} is outside what role ${role.name} may ${verb} (${allowed})`);
  }
  const missing = findUnlisted(role, use, normal.path);
  if (missing)
    return refuse(
      'not in the parts that are allowed',
      `${path} is not allowed; allowed are: ${missing.join(', ')}`,
    );
  return {
    ok: true,
    path: normal.path,
    rule: glob === undefined ? ruleOf(role, use, normal.path) : `paths.${verb} ${glob}`,
  };
}

export function pathAllowed(role: Role, use: PathUse, path: string): boolean {
  return judgePath(role, use, path).ok;
}

/**
 * Those of a captured change set's paths that the role may not write: judged again on what was really changed. `approved`: files
 * that people said yes to, as they were spelt; what needs a yes and is not among them was changed without one.
 */
export function outOfScope(
  role: Role,
  changedPaths: readonly string[],
  approved: readonly string[] = [],
): string[] {
  const files = new Set(
    approved.flatMap((path) => {
      const normal = normalizeWorkspacePath(path);
      return normal.ok ? [normal.path] : [];
    }),
  );
  return changedPaths.filter((path) => {
    const verdict = judgePath(files.has(path) ? withoutAsking(role) : role, 'capture', path);
    return !verdict.ok;
  });
}

/** All its other rules hold for what people said yes to. */
function withoutAsking(role: Role): Role {
  return { ...role, permissions: { ...role.permissions, ask: [] } };
}

/** The lists of `allow` that leave only parts of what `use` does; of a capture, of both tools that write files. */
export function allowedParts(role: Role, use: PathUse): PermissionRule[][] {
  const tools: readonly ToolName[] = use === 'capture' ? ['write', 'edit'] : [use];
  return role.permissions.allow
    .map((list) => list.filter((rule) => rule.tools.some((tool) => tools.includes(tool))))
    .filter((list) =>
      tools.every((tool) => list.some((rule) => rule.tools.includes(tool)) || lacks(role, tool)),
    )
    .filter((list) => list.length > 0 && list.every(({ part }) => part !== null));
}

function lacks(role: Role, tool: ToolName): boolean {
  return role.tools !== null && !role.tools.includes(tool);
}

function findHindered(role: Role, use: PathUse, path: string): PathVerdict | null {
  for (const verb of ['deny', 'ask'] as const) {
    const rule = role.permissions[verb].find((each) => concerns(each, use) && matchesRule(each, path));
    if (!rule) continue;
    const why = verb === 'deny' ? 'is denied' : askedFor;
    return {
      ok: false,
      decision: verb,
      rule: describeRule(verb, rule),
      reason: `${path}: ${rule.text} ${why}`,
    };
  }
  return null;
}

export const askedFor = 'needs the yes of a person';

/** What is denied to one tool that writes files is denied to both, and what is denied to `read` is found by no search. */
export function concerns({ tools, part }: PermissionRule, use: PathUse): boolean {
  if (part?.kind !== 'path') return false;
  if (writes(use)) return tools.includes('write') || tools.includes('edit');
  return tools.includes('read') || tools.some((tool) => tool === use);
}

/** What the parts allow, where the path is in none of them. */
function findUnlisted(role: Role, use: PathUse, path: string): string[] | null {
  const list = allowedParts(role, use).find((rules) => !rules.some((rule) => matchesRule(rule, path)));
  return list?.map(({ text }) => text) ?? null;
}

function ruleOf(role: Role, use: PathUse, path: string): string {
  const rule = allowedParts(role, use)
    .flat()
    .find((each) => matchesRule(each, path));
  return rule === undefined ? 'tools' : describeRule('allow', rule);
}

function writes(use: PathUse): boolean {
  return use === 'write' || use === 'edit' || use === 'capture';
}

function matchesRule({ part }: PermissionRule, path: string): boolean {
  if (part?.kind !== 'path') return false;
  if (matchesScope(part.glob, path)) return true;
  return !part.glob.replace(/\/$/, '').includes('/') && matchesScope(`**/${part.glob}`, path);
}

/** A glob also covers everything below a folder that it names (`docs` and `docs/` mean `docs/**` too). */
function matchesScope(glob: string, path: string): boolean {
  const pattern = glob.replace(/^\.\//, '').replace(/\/+$/, '');
  const options = { dot: true, nonegate: true };
  return picomatch.isMatch(path, pattern, options) || picomatch.isMatch(path, `${pattern}/**`, options);
}

function refuse(rule: string, reason: string): PathVerdict {
  return { ok: false, decision: 'deny', rule, reason };
}
