/** How much model a role file asks for: a tier, or a declared command instead of any model. */
import type { YamlPath } from '../yaml/yaml-source.ts';
import type { RoleFile } from './role-schema.ts';
import type { Tier } from './team.ts';

/** `run` makes the tier `none`; each without the other is an error. */
export function readTier(
  { mesh }: RoleFile,
  error: (path: YamlPath, message: string) => void,
): { tier: Tier | null; run: string | null } {
  const run = mesh?.run ?? null;
  const tier = mesh?.tier ?? (run === null ? null : 'none');
  if (tier === 'none' && run === null) {
    error(['mesh', 'tier'], 'a role of tier `none` needs `run`, the command that it runs instead of a model');
  }
  if (run !== null && tier !== 'none') {
    error(
      ['mesh', 'tier'],
      `a role that runs a command uses no model: \`tier\` is \`none\`, not \`${tier}\``,
    );
  }
  if (run !== null && (mesh?.writes ?? []).length > 0) {
    error(
      ['mesh', 'writes'],
      'a role that runs a command hands in no artifacts; what it changes is committed',
    );
  }
  return { tier, run };
}
