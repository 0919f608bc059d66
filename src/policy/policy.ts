/** The policy as the engine sees it: typed, frozen, with no optional settings. Text becomes this once, in load-policy.ts. */
import type { MicroUsd } from '../base/money.ts';
import type { Permissions } from '../permissions/permission-rule.ts';
import type { SecretReference } from '../secrets/secret-reference.ts';

export interface Policy {
  project: string;
  /** Branch that items land on. */
  targetBranch: string;
  models: ModelPolicy;
  /** Hard ceilings; a call that could cross one is refused before it is made. */
  ceilings: Ceilings;
  /** What agents do when little is left of a ceiling, from the mildest to the hardest. */
  degrade: readonly DegradeStep[];
  limits: Limits;
  team: {
    /** Name of a flow in .mesh/flows or built in. */
    flow: string;
    /** Name of the outside agent of roles that name none; null: our own loop. */
    agent: string | null;
    /** How many agents of a role may sit at once; roles not named have 1. */
    seats: Readonly<Record<string, number>>;
  };
  /** Coding agents of others that may take seats, by name. */
  agents: Readonly<Record<string, OutsideAgent>>;
  profile: Profile;
  cells: CellPolicy;
  /** By name: where each value is and who gets it. */
  secrets: Readonly<Record<string, SecretReference>>;
  /** Where people are asked, besides the command line. */
  channels: ChannelPolicy;
  /** Of every role, besides what its file says. */
  permissions: Permissions;
  /** Folders of rules, in .mesh/packs or built in. */
  packs: readonly string[];
  /** Overrides of the price snapshot, exact model ids. */
  prices: Readonly<Record<string, Price>>;
}

/** Null: no ceiling; what is spent is counted all the same. Days and months are those of UTC. */
export interface Ceilings {
  itemMicroUsd: MicroUsd;
  agentMicroUsd: MicroUsd;
  stepMicroUsd: MicroUsd | null;
  clusterDayMicroUsd: MicroUsd | null;
  clusterMonthMicroUsd: MicroUsd | null;
  meshDayMicroUsd: MicroUsd | null;
  meshMonthMicroUsd: MicroUsd | null;
  /** Thousandths of a ceiling; at so much spent or reserved people are told. */
  thresholdPermille: number;
  /** Handles without `@` of those who may raise a ceiling; empty: everybody who may run commands. */
  raiseBy: readonly string[];
}

export interface DegradeStep {
  /** Share left of the tightest account, 0 to 1. */
  below: number;
  /** No dearer tier; null: as ever. So are the others. */
  tier: ModelTier | null;
  attempts: number | null;
  /** Agents are told to finish the narrowest useful part. */
  narrow: boolean;
}

/** What one machine may spend, over all projects of its database. */
export interface HostPolicy {
  dayMicroUsd: MicroUsd | null;
  monthMicroUsd: MicroUsd | null;
  raiseBy: readonly string[];
}

export type ProviderName = 'scripted' | 'anthropic' | 'openai-compatible';

export interface ModelPolicy {
  provider: ProviderName;
  /** Scenario file of the scripted provider, relative to the repository; null for real ones. */
  scenario: string | null;
  /** Exact id for roles that name no model, or `inherit`. */
  default: string;
  /** Short names that role files use (`opus`, `sonnet`, `haiku`, own ones) → exact ids. */
  aliases: Readonly<Record<string, string>>;
  maxOutputTokens: number;
  /** Alias or exact id of each tier's model. */
  tiers: Readonly<Record<ModelTier, string>>;
  /** A plan task's complexity up to which the small and the medium tier take it. */
  route: { smallUpTo: number; mediumUpTo: number };
  /** Model (alias or exact id) → `model` or `provider:model` that may take its calls while it is not to be had. */
  equals: Readonly<Record<string, readonly string[]>>;
}

/** How much model a step gets. */
export type ModelTier = 'small' | 'medium' | 'frontier';

/** Micro-dollars per million tokens. */
export interface Price {
  inputMicroUsd: number;
  outputMicroUsd: number;
  cacheReadMicroUsd: number;
  cacheWriteMicroUsd: number;
}

export interface Limits {
  /** Items in work at once in the cluster; the rest queue. */
  itemsAtOnce: number;
  /** Model calls of one agent run. */
  turns: number;
  /** Consecutive failures that open a step's breaker: it is not started again until a person resumes the item. */
  breaker: number;
  /** How often an agent may do the same with the same result before it is told; when it goes on then, its run ends. */
  repetitions: number;
  rates: RateLimits;
  /** Attempts of one model call, the first included. */
  callAttempts: number;
  stepTimeoutMs: number;
  commandTimeoutMs: number;
}

/** Per minute, over all worker processes; what is not named is not limited. */
export interface RateLimits {
  providerCalls: number | null;
  providerTokens: number | null;
  tools: Readonly<Record<string, number>>;
  hosts: Readonly<Record<string, number>>;
}

/** A coding agent that the person has installed and that speaks the Agent Client Protocol over stdio. */
export interface OutsideAgent {
  /** A program on the person's PATH, or its absolute path, and arguments. */
  command: readonly string[];
  /** `{gateway_url}`, `{gateway_key}` and `{model}` stand for what a seat has. */
  env: Readonly<Record<string, string>>;
  /** False: its model is not asked through the gateway; only time and turns are limited. */
  isMetered: boolean;
  /** The only hosts that it reaches. */
  hosts: readonly string[];
  /** The command that installs it, where known. */
  install: string | null;
}

/** What is particular to the project; found by init, edited by people. */
export interface Profile {
  setup: readonly SetupStep[];
  checks: readonly Check[];
  /** What a check that is already red on HEAD means for items: none may start, or none may make it worse. */
  baseline: 'refuse' | 'no_worse';
}

export interface SetupStep {
  /** A shell command line, run in a cell in the workspace. */
  run: string;
  /** Files whose content decides whether a cached result can be used. */
  lockfiles: readonly string[];
  /** The only hosts reachable while it runs. */
  hosts: readonly string[];
  timeoutMs: number;
}

export interface Check {
  name: string;
  /** A shell command line; exit code 0 is green. */
  run: string;
  timeoutMs: number;
}

export interface CellPolicy {
  /** `auto`: bubblewrap where it works; else an error that names the fix. */
  driver: 'auto' | 'bubblewrap' | 'process';
  /** A person's explicit consent to run a real model's commands without isolation. */
  allowNoIsolation: boolean;
  memoryMb: number;
  processes: number;
  outputBytes: number;
  fileBytes: number;
  /** Further absolute paths that cells may read. */
  readable: readonly string[];
}

export interface ChannelPolicy {
  slack: SlackPolicy | null;
  webhook: WebhookPolicy | null;
}

export type SlackPolicy = {
  botToken: SecretReference;
  /** Null: Slack's own. */
  apiUrl: string | null;
} & (
  | { mode: 'socket'; appToken: SecretReference }
  | { mode: 'http'; signingSecret: SecretReference; port: number }
);

export interface WebhookPolicy {
  url: string;
  secret: SecretReference;
  /** Null: answers are not taken. */
  port: number | null;
}
