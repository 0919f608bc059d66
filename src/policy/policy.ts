/** The policy as the engine sees it: typed, frozen, with no optional settings. Text becomes this once, in load-policy.ts. */
import type { MicroUsd } from '../base/money.ts';

export interface Policy {
  project: string;
  /** Branch that items land on. */
  targetBranch: string;
  models: ModelPolicy;
  /** Hard ceilings; a call that could cross one is refused before it is made. */
  ceilings: { itemMicroUsd: MicroUsd; agentMicroUsd: MicroUsd };
  limits: Limits;
  team: {
    /** Name of a flow in .mesh/flows or built in. */
    flow: string;
    /** How many agents of a role may sit at once; roles not named have 1. */
    seats: Readonly<Record<string, number>>;
  };
  profile: Profile;
  cells: CellPolicy;
  /** Overrides of the price snapshot, exact model ids. */
  prices: Readonly<Record<string, Price>>;
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
}

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
  /** Starts of one step in one round before the item waits for a person. */
  stepAttempts: number;
  /** Attempts of one model call, the first included. */
  callAttempts: number;
  stepTimeoutMs: number;
  commandTimeoutMs: number;
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
