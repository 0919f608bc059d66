/** What only policy, stakeholder map and surroundings together tell about channels: tokens that are not there, routes to nowhere. */
import { channelSecrets } from '../policy/channels-schema.ts';
import type { LoadedPolicy } from '../policy/load-policy.ts';
import type { Policy } from '../policy/policy.ts';
import type { Stakeholders } from '../policy/stakeholders.ts';
import { resolveSecrets, type SecretSurroundings } from '../secrets/resolve-secrets.ts';
import type { Diagnostic } from '../yaml/diagnostic.ts';

/** Warnings: whoever reads needs no channel, and whoever works is told then. */
export async function findChannelProblems(
  { channels }: Policy,
  stakeholders: Stakeholders | undefined,
  { loaded, secretsFrom }: { loaded: LoadedPolicy; secretsFrom: SecretSurroundings },
): Promise<Diagnostic[]> {
  const place = loaded.locate('channels');
  const warning = (message: string): Diagnostic => ({ severity: 'warning', ...place, message });
  const { missing } = await resolveSecrets(channelSecrets(channels), secretsFrom);
  const places = placesOf(stakeholders);
  return [
    ...missing.map(({ name, problem, hint }) => warning(`a channel has no ${name}: ${problem}; ${hint}`)),
    ...(places.length > 0 && channels.slack === null && channels.webhook === null
      ? [
          warning(
            `routes go to ${places.join(', ')}, but no channel is set up under \`channels\`: people see their questions with \`meshwright questions\` alone`,
          ),
        ]
      : []),
  ];
}

function placesOf(stakeholders: Stakeholders | undefined): string[] {
  const { routes = {}, approvalTiers = {} } = stakeholders ?? {};
  const all = [...Object.values(routes), ...Object.values(approvalTiers)].flatMap(
    ({ channel }) => channel ?? [],
  );
  return [...new Set(all)].sort();
}
