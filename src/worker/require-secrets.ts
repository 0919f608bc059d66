/** What must be true of secrets before any work begins. */
import { MeshwrightError } from '../base/errors.ts';
import type { Policy } from '../policy/policy.ts';
import type { HeldSecrets } from '../secrets/held-secrets.ts';
import type { Team } from '../teams/team.ts';

/**
 * What the work ahead needs must be there, and must be a secret: a value that the project's own files have in them is known to
 * every agent, and an ordinary word would be taken out of every text.
 * @throws MeshwrightError `secret_missing`, `secret_in_files`.
 */
export function requireSecrets(secrets: HeldSecrets, policy: Policy, team: Team): void {
  const { setup, checks } = policy.profile;
  const places = [
    ...(setup.length > 0 ? ['setup'] : []),
    ...(checks.length > 0 ? ['checks'] : []),
    ...Object.keys(team.roles),
  ];
  for (const place of places) secrets.variablesFor(place);
  const known = secrets.redactor.find(JSON.stringify({ policy, team }));
  if (known.length === 0) return;
  throw new MeshwrightError(
    'secret_in_files',
    `the value of ${known.join(', ')} is in the files under .mesh/`,
    {
      hint: 'Take it out of them; if it is an ordinary word, no secret can be kept by it: use a longer value.',
      exitCode: 2,
    },
  );
}
