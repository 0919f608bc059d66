/** The effective policy as rows for `check --explain`: every setting, spelled as the file spells it, and who set it. */
import { formatUsd } from '../base/money.ts';
import { describeSource } from '../secrets/secret-reference.ts';
import type { Position, YamlPath } from '../yaml/yaml-source.ts';
import { listAgents } from './agents-schema.ts';
import { listCeilings, listDegrade } from './build-ceilings.ts';
import { listChannels } from './channels-schema.ts';
import { listPermissions } from './permission-settings.ts';
import type { Policy } from './policy.ts';

export interface PolicyRow {
  key: string;
  value: string;
  /** `.mesh/mesh.yaml:4`, or `default`. */
  source: string;
}

/** `sources`: the LoadedPolicy that the policy came from. */
export function explainPolicy(
  policy: Policy,
  sources: { locate(setting: string | YamlPath): Position; isWritten(setting: string | YamlPath): boolean },
): PolicyRow[] {
  return listSettings(policy).map(([key, value, path]) => {
    const setting = path ?? key;
    const at = sources.isWritten(setting) ? sources.locate(setting) : undefined;
    return { key, value, source: at ? `${at.file}:${at.line}` : 'default' };
  });
}

/** Key as the file spells it, value for people, and the path where the key itself may contain dots. */
type Setting = [key: string, value: string, path?: YamlPath];

function listSettings(policy: Policy): Setting[] {
  const { models, ceilings, limits, team, profile, cells } = policy;
  return [
    ['project', policy.project],
    ['target', policy.targetBranch],
    ['models.provider', models.provider],
    ...(models.scenario === null ? [] : [['models.scenario', models.scenario] satisfies Setting]),
    ['models.default', models.default],
    ...mapEntries(models.aliases, (name, id) => [`models.aliases.${name}`, id, ['models', 'aliases', name]]),
    ['models.max_output_tokens', String(models.maxOutputTokens)],
    ...mapEntries(models.tiers, (tier, model) => [`models.tiers.${tier}`, model]),
    ['models.route.small_up_to', String(models.route.smallUpTo)],
    ['models.route.medium_up_to', String(models.route.mediumUpTo)],
    ...mapEntries(models.equals, (model, equals) => [
      `models.equals.${model}`,
      equals.join(' '),
      ['models', 'equals', model],
    ]),
    ...listCeilings(ceilings),
    ...listDegrade(policy.degrade),
    ['limits.items_at_once', String(limits.itemsAtOnce)],
    ['limits.turns', String(limits.turns)],
    ['limits.breaker', String(limits.breaker)],
    ['limits.repetitions', String(limits.repetitions)],
    ['limits.call_attempts', String(limits.callAttempts)],
    ...listRates(limits.rates),
    ['limits.step_minutes', formatMinutes(limits.stepTimeoutMs)],
    ['limits.command_minutes', formatMinutes(limits.commandTimeoutMs)],
    ['team.flow', team.flow],
    ['team.agent', team.agent ?? "Meshwright's own loop"],
    ...listAgents(policy.agents),
    ...mapEntries(team.seats, (role, count) => [`team.seats.${role}`, String(count)]),
    ...listProfile(profile),
    ['cells.driver', cells.driver],
    ['cells.allow_no_isolation', String(cells.allowNoIsolation)],
    ['cells.memory_mb', String(cells.memoryMb)],
    ['cells.processes', String(cells.processes)],
    ['cells.output_kb', String(cells.outputBytes / 1_024)],
    ['cells.file_kb', String(cells.fileBytes / 1_024)],
    ['cells.readable', cells.readable.join(' ') || 'nothing more'],
    ...listPermissions(policy.permissions),
    ...mapEntries(policy.secrets, (name, reference) => [
      `secrets.${name}`,
      `${describeSource(reference)}, as ${reference.as} for ${reference.for.join(', ') || 'nobody'}`,
    ]),
    ...listChannels(policy.channels),
    ['packs', policy.packs.join(' ') || 'none'],
    ...mapEntries(policy.prices, (id, price) => [
      `prices.${id}`,
      `${formatUsd(price.inputMicroUsd)} in, ${formatUsd(price.outputMicroUsd)} out, ` +
        `${formatUsd(price.cacheReadMicroUsd)} cache read, ${formatUsd(price.cacheWriteMicroUsd)} cache write, per million`,
      ['prices', id],
    ]),
  ];
}

function listRates({ providerCalls, providerTokens, tools, hosts }: Policy['limits']['rates']): Setting[] {
  const perMinute = (rate: number) => `${rate} per minute`;
  return [
    ...(providerCalls === null
      ? []
      : [['limits.rates.provider.calls_per_minute', perMinute(providerCalls)] satisfies Setting]),
    ...(providerTokens === null
      ? []
      : [['limits.rates.provider.tokens_per_minute', perMinute(providerTokens)] satisfies Setting]),
    ...mapEntries(tools, (tool, rate) => [`limits.rates.tools.${tool}`, perMinute(rate)]),
    ...mapEntries(hosts, (host, rate) => [
      `limits.rates.hosts.${host}`,
      perMinute(rate),
      ['limits', 'rates', 'hosts', host],
    ]),
  ];
}

function listProfile({ setup, checks, baseline }: Policy['profile']): Setting[] {
  return [
    ...setup.map(
      (step, index): Setting => [
        `setup[${index}]`,
        `${step.run} (reaches ${step.hosts.join(' ') || 'no host'}; cached by ${step.lockfiles.join(' ') || 'no file'})`,
      ],
    ),
    ...(setup.length === 0 ? [['setup', 'nothing'] satisfies Setting] : []),
    ...checks.map((check, index): Setting => [`checks[${index}]`, `${check.name}: ${check.run}`]),
    ...(checks.length === 0 ? [['checks', 'none'] satisfies Setting] : []),
    ['baseline', baseline],
  ];
}

function mapEntries<T>(
  values: Readonly<Record<string, T>>,
  toRow: (key: string, value: T) => Setting,
): Setting[] {
  return Object.entries(values).map(([key, value]) => toRow(key, value));
}

function formatMinutes(ms: number): string {
  return String(Math.round(ms / 600) / 100);
}
