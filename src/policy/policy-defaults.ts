/**
 * What holds where mesh.yaml is silent: three roles, one item at a time, two dollars, a branch that waits for a
 * person. Changing a line here changes every project that did not decide for itself.
 */
import { microUsdFromUsd } from '../base/money.ts';
import type { CellPolicy, Limits, ModelPolicy, Policy } from './policy.ts';

/** What the file need not say because the repository does. */
export interface PolicyDefaults {
  /** Project name, usually the folder's. */
  project: string;
  /** Branch that is checked out. */
  targetBranch: string;
  /**
   * Hosts that a set-up command written in its short form (`npm ci`) may reach: the registries that this person's
   * own package managers are configured for. Never taken from the repository, which agents write to.
   */
  registryHosts: readonly string[];
}

const minuteMs = 60_000;

/** Exact ids of the price snapshot; role files use the short names. */
export const anthropicAliases: Readonly<Record<string, string>> = {
  opus: 'claude-opus-5-5',
  sonnet: 'claude-sonnet-5-5',
  haiku: 'claude-haiku-5-5',
};

export const defaultModel = 'claude-sonnet-5-5';
/** By short name, so that another maker's models stand behind them too. */
export const defaultTiers: ModelPolicy['tiers'] = { small: 'haiku', medium: 'sonnet', frontier: 'opus' };
export const defaultRoute: ModelPolicy['route'] = { smallUpTo: 3, mediumUpTo: 7 };
export const defaultMaxOutputTokens = 8_000;
export const defaultFlow = 'trio';
export const defaultSetupTimeoutMs = 15 * minuteMs;

export const defaultCeilings: Policy['ceilings'] = {
  itemMicroUsd: microUsdFromUsd(2),
  agentMicroUsd: microUsdFromUsd(1),
  stepMicroUsd: null,
  clusterDayMicroUsd: null,
  clusterMonthMicroUsd: null,
  meshDayMicroUsd: null,
  meshMonthMicroUsd: null,
  thresholdPermille: 800,
  raiseBy: [],
};

export const defaultLimits: Limits = {
  itemsAtOnce: 1,
  turns: 60,
  breaker: 3,
  repetitions: 3,
  rates: { providerCalls: null, providerTokens: null, tools: {}, hosts: {} },
  callAttempts: 4,
  stepTimeoutMs: 30 * minuteMs,
  commandTimeoutMs: 10 * minuteMs,
};

export const defaultCells: CellPolicy = {
  driver: 'auto',
  allowNoIsolation: false,
  memoryMb: 4_096,
  processes: 512,
  outputBytes: 64 * 1_024,
  fileBytes: 2_048 * 1_024,
  readable: [],
};
