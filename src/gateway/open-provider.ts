/** Opens the providers that a policy names: its own, and those that equals of models are at. Only the environment says how to reach one. */
import type { Clock } from '../base/clock.ts';
import { MeshwrightError } from '../base/errors.ts';
import { parsePlace } from '../ledger/pick-fallback.ts';
import type { ModelPolicy, ProviderName } from '../policy/policy.ts';
import type { ModelProvider } from './model.ts';
import { readProviderSettings } from './provider-settings.ts';
import { createProvider } from './providers/create-provider.ts';
import type { Scenario } from './scripted/scenario.ts';
import { createScriptedProvider } from './scripted/scripted-provider.ts';

export interface ProviderSources {
  env: Readonly<Record<string, string | undefined>>;
  /** Of the scripted provider; null where the policy has none. */
  scenario: Scenario | null;
  clock: Clock;
}

/** @throws MeshwrightError `scenario_missing`, `provider_key_missing`. */
export function openProvider(name: ProviderName, { env, scenario, clock }: ProviderSources): ModelProvider {
  if (name === 'scripted') {
    if (!scenario)
      throw new MeshwrightError('scenario_missing', 'the scripted model has no scenario', { exitCode: 2 });
    return createScriptedProvider({ scenario, clock });
  }
  const settings = readProviderSettings(env, name);
  if (!settings.ok) {
    throw new MeshwrightError('provider_key_missing', settings.message, { hint: settings.hint, exitCode: 2 });
  }
  return createProvider({ name, baseUrl: settings.baseUrl, apiKey: settings.apiKey });
}

/** An equal at a provider without a key is no mistake: it is told, and never called. */
export function openOtherProviders(
  models: Pick<ModelPolicy, 'provider' | 'equals'>,
  sources: ProviderSources,
): { providers: Partial<Record<ProviderName, ModelProvider>>; notices: string[] } {
  const named = Object.values(models.equals).flatMap((equals) =>
    equals.map((written) => parsePlace(written, models.provider).provider),
  );
  const providers: Partial<Record<ProviderName, ModelProvider>> = {};
  const notices: string[] = [];
  for (const name of new Set(named)) {
    if (name === models.provider) continue;
    try {
      providers[name] = openProvider(name, sources);
    } catch (error) {
      if (!(error instanceof MeshwrightError)) throw error;
      notices.push(`Equals of models at ${name} are not used: ${error.message}.`);
    }
  }
  return { providers, notices };
}
