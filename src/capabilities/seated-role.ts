/** A role as it sits in a seat: what its file says, narrowed by the policy and by what its item has changed. Pure. */
import type { Permissions } from '../permissions/permission-rule.ts';
import type { Role } from '../teams/team.ts';

/** @param changedFiles of the item so far; used only by a role that may write no other. */
export function seatedRole(role: Role, policy: Permissions, changedFiles: readonly string[]): Role {
  const { allow, ask, deny } = role.permissions;
  return {
    ...role,
    onlyFiles: role.onlyFiles === null ? null : [...changedFiles],
    permissions: {
      allow: policy.allow.length > 0 ? [...allow, policy.allow] : allow,
      ask: [...ask, ...policy.ask],
      deny: [...deny, ...policy.deny],
    },
  };
}
