/** Teams as items pinned them: what roles of earlier versions did not have yet gets the value that means what they meant. */
import { type AskRule, defaultAskTier } from '../permissions/permission-rule.ts';
import type { Role, Team } from './team.ts';

const sinceFirst = {
  agent: null,
  permissions: { allow: [], ask: [], deny: [] },
  deniedApprovalTiers: [],
  never: [],
  onlyFiles: null,
  tier: null,
  run: null,
} as const;

export function completeTeam(pinned: Team): Team {
  const roles = Object.entries(pinned.roles).map(([name, role]): [string, Role] => [
    name,
    withAskTiers({ ...sinceFirst, ...role }),
  ]);
  return { ...pinned, roles: Object.fromEntries(roles) };
}

/** Rules that ask named no approval tier before there were any. */
function withAskTiers(role: Role): Role {
  const { permissions } = role;
  const ask = permissions.ask.map(
    (rule: Omit<AskRule, 'tier'> & Partial<AskRule>): AskRule => ({
      ...rule,
      tier: rule.tier ?? defaultAskTier,
    }),
  );
  return { ...role, permissions: { ...permissions, ask } };
}
