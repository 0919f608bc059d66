/** Turns a mesh.yaml of the right shape into the Policy: units, defaults, short forms. Pure; refuses nothing. */
import { microUsdFromUsd } from '../base/money.ts';
import { freezeDeep } from '../yaml/freeze.ts';
import { buildAgents } from './agents-schema.ts';
import { buildCeilings, buildDegrade } from './build-ceilings.ts';
import { buildChannels } from './channels-schema.ts';
import type { MeshFile } from './mesh-schema.ts';
import { nameChecks } from './name-check.ts';
import { buildPermissions } from './permission-settings.ts';
import type { Check, ModelPolicy, Policy, Price, Profile, SetupStep } from './policy.ts';
import {
  anthropicAliases,
  defaultCells,
  defaultFlow,
  defaultLimits,
  defaultMaxOutputTokens,
  defaultModel,
  defaultRoute,
  defaultSetupTimeoutMs,
  defaultTiers,
  type PolicyDefaults,
} from './policy-defaults.ts';
import { buildSecrets } from './secrets-schema.ts';
import { usdFromText } from './usd-schema.ts';

const minuteMs = 60_000;

export function buildPolicy(file: MeshFile, defaults: PolicyDefaults): Policy {
  const limits = buildLimits(file);
  const policy: Policy = {
    project: file.project ?? defaults.project,
    targetBranch: file.target ?? defaults.targetBranch,
    models: buildModels(file),
    ceilings: buildCeilings(file.ceilings),
    degrade: buildDegrade(file.degrade),
    limits,
    team: {
      flow: file.team?.flow ?? defaultFlow,
      agent: file.team?.agent ?? null,
      seats: file.team?.seats ?? {},
    },
    agents: buildAgents(file.agents),
    profile: buildProfile(file, defaults, limits.commandTimeoutMs),
    cells: buildCells(file),
    secrets: buildSecrets(file.secrets),
    channels: buildChannels(file.channels),
    permissions: buildPermissions(file.permissions),
    packs: file.packs ?? [],
    prices: Object.fromEntries(
      Object.entries(file.prices ?? {}).map(([id, price]) => [id, buildPrice(price)]),
    ),
  };
  return freezeDeep(policy);
}

function buildModels(file: MeshFile): ModelPolicy {
  const models = file.models ?? {};
  const provider = models.provider ?? 'anthropic';
  const standard = models.default ?? defaultModel;
  // Another maker's model behind every short name, so that role files load unchanged there.
  const aliases =
    provider === 'openai-compatible'
      ? { opus: standard, sonnet: standard, haiku: standard }
      : anthropicAliases;
  return {
    provider,
    scenario: provider === 'scripted' ? (models.scenario ?? null) : null,
    default: standard,
    aliases: { ...aliases, ...models.aliases },
    maxOutputTokens: models.max_output_tokens ?? defaultMaxOutputTokens,
    tiers: {
      small: models.tiers?.small ?? defaultTiers.small,
      medium: models.tiers?.medium ?? defaultTiers.medium,
      frontier: models.tiers?.frontier ?? defaultTiers.frontier,
    },
    route: {
      smallUpTo: models.route?.small_up_to ?? defaultRoute.smallUpTo,
      mediumUpTo: models.route?.medium_up_to ?? defaultRoute.mediumUpTo,
    },
    equals: models.equals ?? {},
  };
}

function buildLimits(file: MeshFile): Policy['limits'] {
  const limits = file.limits ?? {};
  return {
    itemsAtOnce: limits.items_at_once ?? defaultLimits.itemsAtOnce,
    turns: limits.turns ?? defaultLimits.turns,
    breaker: limits.breaker ?? limits.step_attempts ?? defaultLimits.breaker,
    repetitions: limits.repetitions ?? defaultLimits.repetitions,
    rates: {
      providerCalls: limits.rates?.provider?.calls_per_minute ?? null,
      providerTokens: limits.rates?.provider?.tokens_per_minute ?? null,
      tools: limits.rates?.tools ?? {},
      hosts: Object.fromEntries(
        Object.entries(limits.rates?.hosts ?? {}).map(([host, rate]) => [host.toLowerCase(), rate]),
      ),
    },
    callAttempts: limits.call_attempts ?? defaultLimits.callAttempts,
    stepTimeoutMs: msFromMinutes(limits.step_minutes) ?? defaultLimits.stepTimeoutMs,
    commandTimeoutMs: msFromMinutes(limits.command_minutes) ?? defaultLimits.commandTimeoutMs,
  };
}

function buildProfile(file: MeshFile, defaults: PolicyDefaults, commandTimeoutMs: number): Profile {
  return {
    setup: (file.setup ?? []).map((step) => buildSetupStep(step, defaults)),
    checks: nameChecks(file.checks ?? []).map(
      ({ name, run, timeout_minutes }): Check => ({
        name,
        run,
        timeoutMs: msFromMinutes(timeout_minutes) ?? commandTimeoutMs,
      }),
    ),
    baseline: file.baseline ?? 'refuse',
  };
}

function buildSetupStep(step: NonNullable<MeshFile['setup']>[number], defaults: PolicyDefaults): SetupStep {
  if (typeof step === 'string') {
    return {
      run: step,
      lockfiles: lockfilesOfCommand(step),
      hosts: defaults.registryHosts,
      timeoutMs: defaultSetupTimeoutMs,
    };
  }
  return {
    run: step.run,
    lockfiles: step.lockfiles ?? lockfilesOfCommand(step.run),
    hosts: step.hosts ?? defaults.registryHosts,
    timeoutMs: msFromMinutes(step.timeout_minutes) ?? defaultSetupTimeoutMs,
  };
}

/** The files that well-known installers go by; for any other command the cache has no file to go by. */
function lockfilesOfCommand(run: string): string[] {
  const known: [RegExp, string[]][] = [
    [/^npm\b/, ['package.json', 'package-lock.json']],
    [/^pnpm\b/, ['package.json', 'pnpm-lock.yaml']],
    [/^yarn\b/, ['package.json', 'yarn.lock']],
    [/\bpip3? install\b.*-r +requirements\.txt/, ['requirements.txt']],
    [/^cargo\b/, ['Cargo.toml', 'Cargo.lock']],
    [/^go\b/, ['go.mod', 'go.sum']],
  ];
  return known.find(([pattern]) => pattern.test(run))?.[1] ?? [];
}

function buildCells(file: MeshFile): Policy['cells'] {
  const cells = file.cells ?? {};
  return {
    driver: cells.driver ?? defaultCells.driver,
    allowNoIsolation: cells.allow_no_isolation ?? defaultCells.allowNoIsolation,
    memoryMb: cells.memory_mb ?? defaultCells.memoryMb,
    processes: cells.processes ?? defaultCells.processes,
    outputBytes: cells.output_kb === undefined ? defaultCells.outputBytes : cells.output_kb * 1_024,
    fileBytes: cells.file_kb === undefined ? defaultCells.fileBytes : cells.file_kb * 1_024,
    readable: cells.readable ?? defaultCells.readable,
  };
}

/** Without cache prices the dearest known rule holds, so that a ceiling is never passed by a guess. */
function buildPrice(price: NonNullable<MeshFile['prices']>[string]): Price {
  const inputMicroUsd = microUsdFromUsd(usdFromText(price.input_usd_per_million));
  const orElse = (usd: number | string | undefined, otherwise: number) =>
    usd === undefined ? otherwise : microUsdFromUsd(usdFromText(usd));
  return {
    inputMicroUsd,
    outputMicroUsd: microUsdFromUsd(usdFromText(price.output_usd_per_million)),
    cacheReadMicroUsd: orElse(price.cache_read_usd_per_million, inputMicroUsd),
    cacheWriteMicroUsd: orElse(price.cache_write_usd_per_million, 2 * inputMicroUsd),
  };
}

function msFromMinutes(minutes: number | undefined): number | undefined {
  return minutes === undefined ? undefined : Math.round(minutes * minuteMs);
}
