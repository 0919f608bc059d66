/** Opens the channels that the policy configures, with their secrets, and lets what people say there in. */
import { MeshwrightError } from '../base/errors.ts';
import { channelSecrets } from '../policy/channels-schema.ts';
import type { ChannelPolicy, SlackPolicy } from '../policy/policy.ts';
import type { SecretKeeper } from '../secrets/held-secrets.ts';
import { resolveSecrets, type SecretSurroundings } from '../secrets/resolve-secrets.ts';
import type { ChannelSurroundings, OpenChannel } from './open-channel.ts';
import type { SlackSettings } from './slack/open-slack.ts';

export interface ChannelParts extends ChannelSurroundings {
  policy: ChannelPolicy;
  /** Learns every token before it is used. */
  keeper: SecretKeeper;
  secretsFrom: SecretSurroundings;
}

/**
 * None of them listens yet.
 * @throws MeshwrightError `secret_missing`, `channel_secret_invalid`.
 */
export async function openChannels(parts: ChannelParts): Promise<OpenChannel[]> {
  const { policy, keeper, secretsFrom, ...surroundings } = parts;
  const { secrets, missing } = await resolveSecrets(channelSecrets(policy), secretsFrom);
  for (const secret of secrets) keeper.add(secret);
  const [first] = missing;
  if (first)
    throw new MeshwrightError('secret_missing', `a channel needs ${first.name}: ${first.problem}`, {
      hint: first.hint,
      exitCode: 2,
    });
  const heldValue = ({ as }: { as: string }) => secrets.find(({ name }) => name === as)?.value ?? '';
  const opened: OpenChannel[] = [];
  // Loaded only here: who has no channel pays for none of these libraries.
  if (policy.slack) {
    const { openSlack } = await import('./slack/open-slack.ts');
    opened.push(openSlack(slackSettings(policy.slack, heldValue), surroundings));
  }
  if (policy.webhook) {
    const { openWebhook } = await import('./webhook/open-webhook.ts');
    const { url, secret, port } = policy.webhook;
    opened.push(openWebhook({ url, port, secret: heldValue(secret) }, surroundings));
  }
  return opened;
}

function slackSettings(policy: SlackPolicy, heldValue: (reference: { as: string }) => string): SlackSettings {
  const { apiUrl } = policy;
  const botToken = heldValue(policy.botToken);
  if (policy.mode === 'socket')
    return { botToken, apiUrl, listen: { mode: 'socket', appToken: heldValue(policy.appToken) } };
  const { port } = policy;
  return {
    botToken,
    apiUrl,
    listen: { mode: 'http', port, signingSecret: heldValue(policy.signingSecret) },
  };
}
