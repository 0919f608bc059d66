/** Teams as items pinned them: what roles of earlier versions did not have yet gets the value that means what they meant. */
import type { Role, Team } from './team.ts';

const sinceFirst = {
  agent: null,
  permissions: { allow: [], ask: [], deny: [] },
  never: [],
  onlyFiles: null,
  tier: null,
  run: null,
} as const;

export function completeTeam(pinned: Team): Team {
  const roles = Object.entries(pinned.roles).map(([name, role]): [string, Role] => [
    name,
    { ...sinceFirst, ...role },
  ]);
  return { ...pinned, roles: Object.fromEntries(roles) };
}
