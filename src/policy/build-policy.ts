/** Turns a mesh.yaml of the right shape into the Policy: units, defaults, short forms. Pure; refuses nothing. */

import { microUsd, microUsdFromUsd } from '../base/money.ts';
import { freezeDeep } from '../yaml/freeze.ts';
import { type MeshFile, usdFromText } from './mesh-schema.ts';
import { nameChecks } from './name-check.ts';
import type { Check, ModelPolicy, Policy, Price, Profile, SetupStep } from './policy.ts';
import {
  anthropicAliases,
  defaultCeilings,
  defaultCells,
  defaultFlow,
  defaultLimits,
  defaultMaxOutputTokens,
  defaultModel,
  defaultSetupTimeoutMs,
  type PolicyDefaults,
} from './policy-defaults.ts';

const minuteMs = 60_000;

export function buildPolicy(file: MeshFile, defaults: PolicyDefaults): Policy {
  const limits = buildLimits(file);
  const policy: Policy = {
    project: file.project ?? defaults.project,
    targetBranch: file.target ?? defaults.targetBranch,
    models: buildModels(file),
    ceilings: buildCeilings(file),
    limits,
    team: { flow: file.team?.flow ?? defaultFlow, seats: file.team?.seats ?? {} },
    profile: buildProfile(file, defaults, limits.commandTimeoutMs),
    cells: buildCells(file),
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
  };
}

/** An item ceiling below the standard one of agents lowers that too; otherwise the default would contradict it. */
function buildCeilings(file: MeshFile): Policy['ceilings'] {
  const { item_usd: item, agent_usd: agent } = file.ceilings ?? {};
  const itemMicroUsd = item === undefined ? defaultCeilings.itemMicroUsd : microUsdFromUsd(usdFromText(item));
  const standard = microUsd(Math.min(itemMicroUsd, defaultCeilings.agentMicroUsd));
  const agentMicroUsd = agent === undefined ? standard : microUsdFromUsd(usdFromText(agent));
  return { itemMicroUsd, agentMicroUsd };
}

function buildLimits(file: MeshFile): Policy['limits'] {
  const limits = file.limits ?? {};
  return {
    itemsAtOnce: limits.items_at_once ?? defaultLimits.itemsAtOnce,
    turns: limits.turns ?? defaultLimits.turns,
    stepAttempts: limits.step_attempts ?? defaultLimits.stepAttempts,
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
