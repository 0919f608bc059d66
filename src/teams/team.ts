/** A team as the engine sees it: roles and a flow, compiled from files and pinned by hash for an item's life. */
import type { AskRule, PermissionRule } from '../permissions/permission-rule.ts';
import type { ToolName } from '../permissions/tool-name.ts';
import type { OutputLint } from './output-lint.ts';

export interface Team {
  flow: Flow;
  /** Every role that the flow names, by name. */
  roles: Readonly<Record<string, Role>>;
}

/** How much model a step gets; `none`: a declared command instead. */
export type Tier = 'none' | 'small' | 'medium' | 'frontier';

/** A role file (Claude Code sub-agent format; our additions under `mesh:`). */
export interface Role {
  name: string;
  description: string;
  /** The file's body: who the agent is. */
  instructions: string;
  /** Permitted tools by our names; null: every tool. */
  tools: readonly ToolName[] | null;
  deniedTools: readonly ToolName[];
  /** Alias or exact id; null: the policy's default. */
  model: string | null;
  effort: 'low' | 'medium' | 'high' | null;
  /** How much model it gets where it names none; null: the policy's default. */
  tier: Tier | null;
  /** Command line that runs instead of a model; not null exactly when the tier is `none`. */
  run: string | null;
  /** Artifacts that every seat of this role reads and writes; a flow's step may override them. */
  reads: readonly string[];
  writes: readonly string[];
  /** Globs over workspace paths; null: everything. */
  readPaths: readonly string[] | null;
  writePaths: readonly string[] | null;
  /**
   * Null: no such limit. Of a role with `paths.write: changed` empty until it is seated, then the files that its item has
   * changed; no other is written.
   */
  onlyFiles: readonly string[] | null;
  /** Parts of tools. */
  permissions: RolePermissions;
  /** Approval tiers that are not even asked for: what needs such a yes is refused. */
  deniedApprovalTiers: readonly string[];
  never: readonly OutputLint[];
  /** Outside agent that is seated; `own`: our loop; null: as the policy says for the team. */
  agent: string | null;
  maxTurns: number | null;
  /** Where it was read: a path, or `built in`. */
  source: string;
}

export interface RolePermissions {
  /** A call must be admitted by every list that names its tool: the role's own, and of a seated role the policy's. */
  allow: readonly (readonly PermissionRule[])[];
  ask: readonly AskRule[];
  deny: readonly PermissionRule[];
}

export interface Flow {
  name: string;
  description: string;
  /** At least one; the last has `submit`. */
  phases: readonly Phase[];
}

export interface Phase {
  name: string;
  body: PhaseBody;
  /** All must pass; they are judged in order, the first failure stops the rest. */
  gates: readonly Gate[];
  onFail: OnFail;
  /** The phase ends the flow: the branch head waits for a person's accept. Such a phase has no steps. */
  submits: boolean;
}

export type PhaseBody =
  | { kind: 'none' }
  | { kind: 'sequence'; steps: readonly Step[] }
  | { kind: 'parallel'; steps: readonly Step[] }
  /** Per task of the plan artifact, the steps in sequence; tasks run as their dependencies are done, up to the seats. */
  | { kind: 'each'; artifact: string; pointer: string; steps: readonly Step[] };

export interface Step {
  /** Unique within the phase; the role's name, or with `-2`… for its second seat. */
  name: string;
  role: string;
  reads: readonly string[];
  writes: readonly string[];
  /** What it changed in the workspace becomes one commit on the item's branch. False: changes are thrown away. */
  commits: boolean;
}

export type Gate =
  | { kind: 'artifact'; artifact: string; schema: 'plan' | 'verdict' | null }
  | { kind: 'commands' /** Names of profile checks; null: all. */; checks: readonly string[] | null }
  | { kind: 'verdict'; artifact: string };

export interface OnFail {
  /** This or an earlier phase. */
  backTo: string;
  /** How often this phase may send back before a person is asked. */
  atMost: number;
  /** The question kind or role of the person to ask then, e.g. `engineering_lead`. */
  thenAsk: string;
}
