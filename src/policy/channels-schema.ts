/** `channels:` in mesh.yaml: where people are asked besides the command line. Says where tokens are, never what they are. */
import { z } from 'zod';
import { describeSource, type SecretReference } from '../secrets/secret-reference.ts';
import type { Diagnostic } from '../yaml/diagnostic.ts';
import type { YamlPath } from '../yaml/yaml-source.ts';
import type { ChannelPolicy, SlackPolicy, WebhookPolicy } from './policy.ts';
import { looksSecret, saysWhere, sourceFields } from './secrets-schema.ts';

const portSchema = z.int().min(1).max(65_535);

/** Nobody on the way reads what is said to people. */
const urlSchema = z
  .url()
  .max(2_000)
  .refine(isPrivateUrl, 'must begin with `https://` (`http://` only for this machine)');

function sourceSchema(what: string) {
  return z.strictObject(sourceFields).describe(what);
}

const slackSchema = z.strictObject({
  mode: z
    .enum(['socket', 'http'])
    .describe('How answers come in: `socket` needs no address of your own, `http` a proxy in front.'),
  bot_token: sourceSchema('Where the bot token is (xoxb-…): `{ env: SLACK_BOT_TOKEN }`.'),
  app_token: sourceSchema('Where the app-level token is (xapp-…). For `socket`.').optional(),
  signing_secret: sourceSchema('Where the signing secret is. For `http`.').optional(),
  port: portSchema.optional().describe('Of this machine, for `http`. Default: 3010.'),
  api_url: urlSchema.optional().describe("Instead of Slack's own."),
});

const webhookSchema = z.strictObject({
  url: urlSchema.describe('Gets every question as a signed POST.'),
  secret: sourceSchema('Where the key of the signatures is (whsec_…).'),
  port: portSchema.optional().describe('Of this machine: signed answers are taken there. Default: none are.'),
});

export const channelsSchema = z
  .strictObject({ slack: slackSchema.optional(), webhook: webhookSchema.optional() })
  .describe('Where people are asked, besides the command line.');

type ChannelsFile = z.infer<typeof channelsSchema>;
type SourceFile = { env?: string | undefined; file?: string | undefined };

const defaultSlackPort = 3010;

export function buildChannels({ slack, webhook }: ChannelsFile = {}): ChannelPolicy {
  return { slack: slack ? buildSlack(slack) : null, webhook: webhook ? buildWebhook(webhook) : null };
}

function buildSlack(file: NonNullable<ChannelsFile['slack']>): SlackPolicy {
  const base = { botToken: buildSource('SLACK_BOT_TOKEN', file.bot_token), apiUrl: file.api_url ?? null };
  if (file.mode === 'socket')
    return { ...base, mode: 'socket', appToken: buildSource('SLACK_APP_TOKEN', file.app_token) };
  const signingSecret = buildSource('SLACK_SIGNING_SECRET', file.signing_secret);
  return { ...base, mode: 'http', signingSecret, port: file.port ?? defaultSlackPort };
}

function buildWebhook({ url, secret, port }: NonNullable<ChannelsFile['webhook']>): WebhookPolicy {
  return { url, secret: buildSource('WEBHOOK_SECRET', secret), port: port ?? null };
}

/** Commands of agents never get it. */
function buildSource(as: string, { env = '', file }: SourceFile = {}): SecretReference {
  const source: SecretReference['source'] =
    file === undefined ? { kind: 'environment', variable: env } : { kind: 'file', path: file };
  return { source, for: [], as };
}

/** Every secret of the channels that are configured, by the name under which it is redacted. */
export function channelSecrets({ slack, webhook }: ChannelPolicy): Record<string, SecretReference> {
  const all = [
    ...(slack ? [slack.botToken, slack.mode === 'socket' ? slack.appToken : slack.signingSecret] : []),
    ...(webhook ? [webhook.secret] : []),
  ];
  return Object.fromEntries(all.map((reference) => [reference.as, reference]));
}

type Report = (at: YamlPath, message: string) => Diagnostic;

/** `isSound`: nothing was taken out of the file; else what seems missing may have been misspelt. */
export function findChannelProblems(
  { slack, webhook }: ChannelsFile,
  { error, warning, isSound }: { error: Report; warning: Report; isSound: boolean },
): Diagnostic[] {
  const found: Diagnostic[] = [];
  const sources: [string, string, SourceFile | undefined][] = [
    ['slack', 'bot_token', slack?.bot_token],
    ['slack', 'app_token', slack?.app_token],
    ['slack', 'signing_secret', slack?.signing_secret],
    ['webhook', 'secret', webhook?.secret],
  ];
  for (const [channel, key, source] of sources) {
    if (source) found.push(...findSourceProblems(['channels', channel, key], source, { error, isSound }));
  }
  if (!slack || !isSound) return found;
  const at = (key: string): YamlPath => ['channels', 'slack', key];
  const needed = slack.mode === 'socket' ? 'app_token' : 'signing_secret';
  const unused = slack.mode === 'socket' ? (['signing_secret', 'port'] as const) : (['app_token'] as const);
  if (slack[needed] === undefined)
    found.push(error(['channels', 'slack'], `mode \`${slack.mode}\` needs \`${needed}\``));
  for (const key of unused)
    if (slack[key] !== undefined)
      found.push(warning(at(key), `mode \`${slack.mode}\` does not use \`${key}\``));
  return found;
}

function findSourceProblems(
  at: string[],
  { env, file }: SourceFile,
  { error, isSound }: { error: Report; isSound: boolean },
): Diagnostic[] {
  const name = at.slice(1).join('.');
  const found: Diagnostic[] = [];
  if (isSound && (env === undefined) === (file === undefined))
    found.push(error(at, `${name} needs either \`env\` or \`file\`, which says where it is`));
  for (const [key, text] of Object.entries({ env, file }))
    if (text !== undefined && looksSecret(text)) found.push(error([...at, key], `${name} ${saysWhere}`));
  return found;
}

/** Paths whose plain value may be a secret that no message repeats. */
export const unshownSources: Readonly<Record<string, string>> = Object.fromEntries(
  ['slack.bot_token', 'slack.app_token', 'slack.signing_secret', 'webhook.secret'].map((key) => [
    `channels.${key}`,
    saysWhere,
  ]),
);

/** Rows for `check --explain`. */
export function listChannels({ slack, webhook }: ChannelPolicy): [string, string][] {
  return [
    ['channels.slack', slack ? `${slack.mode}, token in ${describeSource(slack.botToken)}` : 'none'],
    ['channels.webhook', webhook ? `${webhook.url}, key in ${describeSource(webhook.secret)}` : 'none'],
  ];
}

function isPrivateUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return (
    protocol === 'https:' ||
    (protocol === 'http:' && /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(hostname))
  );
}
