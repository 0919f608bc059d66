/**
 * Everything a project's people wrote, read together: policy, team, scenario, models. All problems at once, each at
 * its place; what only the surroundings can tell (a missing key) comes with them, so that nothing is found out later.
 */
import path from 'node:path';
import { MeshwrightError } from '../base/errors.ts';
import { readProviderSettings } from '../gateway/provider-settings.ts';
import { loadScenario } from '../gateway/scripted/load-scenario.ts';
import type { Scenario } from '../gateway/scripted/scenario.ts';
import { inUserRepository, readAnswer } from '../git/user-repository.ts';
import { priceOf, suggestModel } from '../ledger/price-of.ts';
import { resolveModel } from '../ledger/resolve-model.ts';
import { loadPacks } from '../memory/load-packs.ts';
import type { MemoryRecord } from '../memory/memory-record.ts';
import { type LoadedPolicy, loadPolicy } from '../policy/load-policy.ts';
import { loadStakeholders } from '../policy/load-stakeholders.ts';
import type { Policy } from '../policy/policy.ts';
import type { PolicyDefaults } from '../policy/policy-defaults.ts';
import type { Stakeholders } from '../policy/stakeholders.ts';
import { resolveSecrets } from '../secrets/resolve-secrets.ts';
import { loadTeam } from '../teams/load-team.ts';
import type { Team } from '../teams/team.ts';
import type { Diagnostic, Loaded } from '../yaml/diagnostic.ts';
import { formatDiagnostic } from '../yaml/diagnostic.ts';
import { suggestWord } from '../yaml/yaml-shape.ts';
import { findChannelProblems } from './channel-problems.ts';

export interface ConfigurationRequest {
  /** The user's repository. */
  root: string;
  defaults: PolicyDefaults;
  /** Where the built-in roles and flows are. */
  builtInDir: string;
  env: Readonly<Record<string, string | undefined>>;
  /** What `~` stands for. */
  home: string;
  /** Flow of one item when it is not the policy's. */
  flow?: string | null;
}

export interface Configuration {
  /** Absent when its file has errors. */
  policy: Policy | undefined;
  team: Team | undefined;
  /** Rules and patterns of the packs that the policy names. */
  packs: readonly MemoryRecord[];
  /** Of the scripted provider. */
  scenario: Scenario | undefined;
  diagnostics: Diagnostic[];
  loaded: LoadedPolicy;
  /** With its own problems: a broken map stops no work that runs, it only changes nothing. */
  stakeholders: Loaded<Stakeholders>;
}

export async function loadConfiguration(request: ConfigurationRequest): Promise<Configuration> {
  const loaded = await loadPolicy(request.root, { defaults: request.defaults });
  const stakeholders = await loadStakeholders(request.root);
  const policy = loaded.value;
  const diagnostics = [...loaded.diagnostics];
  if (!policy)
    return { policy, team: undefined, packs: [], scenario: undefined, diagnostics, loaded, stakeholders };
  const team = await loadTeam(request.root, {
    flow: request.flow ?? policy.team.flow,
    builtInDir: request.builtInDir,
    ...(request.flow ? {} : { flowNamedAt: loaded.locate('team.flow') }),
  });
  diagnostics.push(...team.diagnostics);
  const scenario = await readScenario(request.root, policy);
  diagnostics.push(...scenario.diagnostics);
  const packs = await loadPacks({
    names: policy.packs.map((name, at) => ({ name, at: loaded.locate(['packs', at]) })),
    repoDir: request.root,
    builtInDir: request.builtInDir,
  });
  diagnostics.push(...packs.diagnostics);
  diagnostics.push(...findModelProblems(policy, team.value, loaded));
  diagnostics.push(...findKeyProblems(policy, request.env, loaded));
  diagnostics.push(...(await findSecretProblems(policy, team.value, { request, loaded })));
  const secretsFrom = { env: request.env, home: request.home, repository: request.root };
  diagnostics.push(...(await findChannelProblems(policy, stakeholders.value, { loaded, secretsFrom })));
  diagnostics.push(...(await findTargetProblems(request.root, policy, loaded)));
  return {
    policy,
    team: team.value,
    packs: packs.rules,
    scenario: scenario.value,
    diagnostics,
    loaded,
    stakeholders,
  };
}

/** For reading commands: the policy's own file must be right, the rest is not needed. @throws MeshwrightError `configuration_invalid`. */
export function requirePolicy(configuration: Configuration): Policy {
  return configuration.policy ?? refuse(configuration);
}

/** For what people ask, and whoever works. @throws MeshwrightError `configuration_invalid`. */
export function requireStakeholders({ stakeholders }: Configuration): Stakeholders {
  return stakeholders.value ?? refuse(stakeholders);
}

/** For what works with roles and calls no model. @throws MeshwrightError `configuration_invalid`. */
export function requireTeam(configuration: Configuration): Team {
  return configuration.team ?? refuse(configuration);
}

/** @throws MeshwrightError `configuration_invalid` with every error, when there is one. */
export function requireValid(configuration: Configuration): {
  policy: Policy;
  team: Team;
  scenario: Scenario | undefined;
} {
  const { policy, team, scenario } = configuration;
  const hasErrors = configuration.diagnostics.some((each) => each.severity === 'error');
  if (hasErrors || !policy || !team) return refuse(configuration);
  return { policy, team, scenario };
}

function refuse({ diagnostics }: { diagnostics: readonly Diagnostic[] }): never {
  const errors = diagnostics.filter((each) => each.severity === 'error');
  throw new MeshwrightError('configuration_invalid', errors.map(formatDiagnostic).join('\n'), {
    exitCode: 2,
  });
}

async function readScenario(root: string, policy: Policy) {
  if (policy.models.provider !== 'scripted' || policy.models.scenario === null) {
    return { value: undefined, diagnostics: [] };
  }
  return loadScenario({ path: path.resolve(root, policy.models.scenario), file: policy.models.scenario });
}

function findKeyProblems(
  policy: Policy,
  env: ConfigurationRequest['env'],
  loaded: LoadedPolicy,
): Diagnostic[] {
  const { provider } = policy.models;
  if (provider === 'scripted') return [];
  const settings = readProviderSettings(env, provider);
  if (settings.ok) return [];
  const place = loaded.locate('models.provider');
  return [{ severity: 'error', ...place, message: `${settings.message}; ${settings.hint}` }];
}

/** Warnings: whoever reads or adds needs none of them, and whoever works is told then. */
async function findSecretProblems(
  policy: Policy,
  team: Team | undefined,
  { request, loaded }: { request: ConfigurationRequest; loaded: LoadedPolicy },
): Promise<Diagnostic[]> {
  const { env, home, root } = request;
  const warning = (name: string, message: string): Diagnostic => ({
    severity: 'warning',
    ...loaded.locate(['secrets', name]),
    message,
  });
  const { missing } = await resolveSecrets(policy.secrets, { env, home, repository: root });
  const places = team && ['setup', 'checks', ...Object.keys(team.roles)];
  return [
    ...missing.map(({ name, problem, hint }) =>
      warning(name, `the secret ${name} is not there: ${problem}; ${hint}`),
    ),
    ...Object.entries(policy.secrets).flatMap(([name, reference]) =>
      reference.for
        .filter((place) => places && !places.includes(place))
        .map((place) =>
          warning(
            name,
            `the flow has no role \`${place}\` to get ${name}${suggestWord(place, places ?? [])}`,
          ),
        ),
    ),
  ];
}

/** Everything starts from the target's head and lands there, so it has to be there before anything is added. */
async function findTargetProblems(root: string, policy: Policy, loaded: LoadedPolicy): Promise<Diagnostic[]> {
  const { targetBranch } = policy;
  const git = await inUserRepository(root);
  const head = await readAnswer(
    git(['rev-parse', '--verify', '--quiet', `refs/heads/${targetBranch}^{commit}`]),
  );
  if (head !== null) return [];
  const message = `there is no branch \`${targetBranch}\` to land on; create it (git branch ${targetBranch}) or name another one as \`target\``;
  return [{ severity: 'error', ...loaded.locate('target'), message }];
}

/**
 * A model without a price is refused before any call; here it is said before any work. The policy's default counts
 * even where every role names a model: it is a mistake waiting for the next role.
 */
function findModelProblems(policy: Policy, team: Team | undefined, loaded: LoadedPolicy): Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  const examine = (named: string | null, source: string | null) => {
    const model = resolveModel(named, policy.models);
    if (priceOf(model, policy.prices) || found.has(model)) return;
    const near = suggestModel(model, policy.prices);
    found.set(model, {
      severity: 'error',
      ...placeOf(named, source, loaded),
      message: `no price is known for the model \`${model}\`, so it cannot be used${near ? `; did you mean \`${near}\`?` : ''} (or give its price under \`prices\`)`,
    });
  };
  examine(null, null);
  for (const model of Object.values(policy.models.tiers)) examine(model, null);
  for (const role of Object.values(team?.roles ?? {})) examine(role.model, role.source);
  return [...found.values()];
}

/** Where the id was written: the policy's default, tier or alias, else the role's own file. */
function placeOf(named: string | null, source: string | null, loaded: LoadedPolicy) {
  if (named === null || named === 'inherit') return loaded.locate('models.default');
  const alias = ['models', 'aliases', named];
  if (loaded.isWritten(alias)) return loaded.locate(alias);
  return source === null ? loaded.locate('models.tiers') : { file: source, line: 1, col: 1 };
}
