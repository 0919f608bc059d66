/** A permission rule: a tool, or a part of one, as a person writes it in a role file or in mesh.yaml: `Bash(git diff:*)`. */
import type { ToolName } from './tool-name.ts';

export interface PermissionRule {
  /** As it was written. */
  text: string;
  from: 'role' | 'policy';
  tools: readonly ToolName[];
  /** Null: all of the tools. */
  part: RulePart | null;
}

export type RulePart =
  /** These words, in full; with `isPrefix` any words may follow. */
  | { kind: 'command'; words: readonly string[]; isPrefix: boolean }
  /** A glob over workspace paths; without a `/` it holds in every folder. */
  | { kind: 'path'; glob: string };

/** What it names waits for the yes of people, as the approval tier has it. */
export interface AskRule extends PermissionRule {
  /** Name of an approval tier. */
  tier: string;
}

/** Of a rule that names none. */
export const defaultAskTier = 'external';

/** Deny before ask before allow, whatever is the more specific. */
export interface Permissions {
  allow: readonly PermissionRule[];
  ask: readonly AskRule[];
  deny: readonly PermissionRule[];
}

export const noPermissions: Permissions = { allow: [], ask: [], deny: [] };

/** For the tape and for refusals: `deny Bash(rm:*) of the policy`. */
export function describeRule(verb: keyof Permissions, rule: PermissionRule): string {
  return `${verb} ${rule.text} of the ${rule.from}`;
}
