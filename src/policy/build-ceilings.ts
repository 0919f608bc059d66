/** From ceilings as a person writes them to the engine's, and back to rows that `check --explain` shows. */
import { formatUsd, microUsd, microUsdFromUsd } from '../base/money.ts';
import type { CeilingsFile, DegradeFile, HostFile } from './ceilings-schema.ts';
import type { Ceilings, DegradeStep, HostPolicy } from './policy.ts';
import { defaultCeilings } from './policy-defaults.ts';
import { optionalMicroUsd, usdFromText } from './usd-schema.ts';

/** An item ceiling below the standard one of agents lowers that too; otherwise the default would contradict it. */
export function buildCeilings(file: CeilingsFile = {}): Ceilings {
  const { item_usd: item, agent_usd: agent } = file;
  const itemMicroUsd = item === undefined ? defaultCeilings.itemMicroUsd : microUsdFromUsd(usdFromText(item));
  const standard = microUsd(Math.min(itemMicroUsd, defaultCeilings.agentMicroUsd));
  return {
    itemMicroUsd,
    agentMicroUsd: agent === undefined ? standard : microUsdFromUsd(usdFromText(agent)),
    stepMicroUsd: optionalMicroUsd(file.step_usd),
    clusterDayMicroUsd: optionalMicroUsd(file.cluster_day_usd),
    clusterMonthMicroUsd: optionalMicroUsd(file.cluster_month_usd),
    meshDayMicroUsd: optionalMicroUsd(file.mesh_day_usd),
    meshMonthMicroUsd: optionalMicroUsd(file.mesh_month_usd),
    thresholdPermille:
      file.threshold === undefined ? defaultCeilings.thresholdPermille : Math.round(file.threshold * 1_000),
    raiseBy: (file.raise_by ?? []).map(withoutAt),
  };
}

/** From the mildest to the hardest. */
export function buildDegrade(file: DegradeFile = []): DegradeStep[] {
  return file
    .map(({ below, tier = null, attempts = null, narrow = false }) => ({ below, tier, attempts, narrow }))
    .sort((a, b) => b.below - a.below);
}

export function buildHostPolicy({ ceilings = {} }: HostFile): HostPolicy {
  return {
    dayMicroUsd: optionalMicroUsd(ceilings.day_usd),
    monthMicroUsd: optionalMicroUsd(ceilings.month_usd),
    raiseBy: (ceilings.raise_by ?? []).map(withoutAt),
  };
}

/** Key as the file spells it, and the value for people. */
export function listCeilings(ceilings: Ceilings): [string, string][] {
  return [
    ['ceilings.item_usd', formatUsd(ceilings.itemMicroUsd)],
    ['ceilings.agent_usd', formatUsd(ceilings.agentMicroUsd)],
    ['ceilings.step_usd', orNone(ceilings.stepMicroUsd)],
    ['ceilings.cluster_day_usd', orNone(ceilings.clusterDayMicroUsd)],
    ['ceilings.cluster_month_usd', orNone(ceilings.clusterMonthMicroUsd)],
    ['ceilings.mesh_day_usd', orNone(ceilings.meshDayMicroUsd)],
    ['ceilings.mesh_month_usd', orNone(ceilings.meshMonthMicroUsd)],
    ['ceilings.threshold', String(ceilings.thresholdPermille / 1_000)],
    ['ceilings.raise_by', listPersons(ceilings.raiseBy)],
  ];
}

export function listDegrade(steps: readonly DegradeStep[]): [string, string][] {
  if (steps.length === 0) return [['degrade', 'nothing']];
  return steps.map(({ below, tier, attempts, narrow }, index) => [
    `degrade[${index}]`,
    [
      `below ${below}`,
      tier === null ? '' : `tier ${tier}`,
      attempts === null ? '' : `attempts ${attempts}`,
      narrow ? 'narrow' : '',
    ]
      .filter(Boolean)
      .join(', '),
  ]);
}

export function listHostCeilings(host: HostPolicy): [string, string][] {
  return [
    ['ceilings.day_usd', orNone(host.dayMicroUsd)],
    ['ceilings.month_usd', orNone(host.monthMicroUsd)],
    ['ceilings.raise_by', listPersons(host.raiseBy)],
  ];
}

/** `@sarah-pm` and `sarah-pm` are the same person. */
export function withoutAt(handle: string): string {
  return handle.startsWith('@') ? handle.slice(1) : handle;
}

function orNone(ceilingMicroUsd: number | null): string {
  return ceilingMicroUsd === null ? 'none' : formatUsd(ceilingMicroUsd);
}

function listPersons(handles: readonly string[]): string {
  return handles.map((handle) => `@${handle}`).join(' ') || 'everybody';
}
