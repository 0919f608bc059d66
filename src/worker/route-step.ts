/** Which model a step's agent gets, at which price, and which may stand in for it: the policy, the role and the plan's task say so. */
import type { CallLimits, CallPlace } from '../gateway/call-limits.ts';
import type { ModelProvider } from '../gateway/model.ts';
import { equalsOf } from '../ledger/pick-fallback.ts';
import { type PriceOverrides, priceOf } from '../ledger/price-of.ts';
import type { ListPrice } from '../ledger/price-snapshot.ts';
import { type Route, routeModel } from '../ledger/route-model.ts';
import type { ModelTier, ProviderName } from '../policy/policy.ts';
import type { Role } from '../teams/team.ts';
import type { EffectRequest, StepEffect } from './effect.ts';
import { taskOf } from './prompt-inputs.ts';
import type { WorkerContext } from './worker-context.ts';

/** `cap`: the largest tier that money allows; null: any. */
export async function routeStep(
  request: EffectRequest,
  effect: StepEffect,
  role: Role,
  cap: ModelTier | null,
): Promise<Route> {
  const { context } = request;
  const task = await taskOf(context, request, effect);
  return routeModel({
    models: context.policy.models,
    role,
    complexity: task?.complexity ?? null,
    cap,
  });
}

/** A step without a model costs nothing. Null: nobody knows what the model costs. */
export function priceRoute(
  { model }: Route,
  prices: PriceOverrides,
): { model: string; price: ListPrice | null } {
  return model === null ? { model: 'none', price: free } : { model, price: priceOf(model, prices) };
}

const free: ListPrice = { inputMicroUsd: 0, outputMicroUsd: 0, cacheReadMicroUsd: 0, cacheWriteMicroUsd: 0 };

export function limitsOf(context: WorkerContext, model: string): CallLimits {
  const { policy, provider, modelAccess: access, rateBuckets: buckets } = context;
  const seat = { provider: provider.name, model };
  const equals = equalsOf(seat, policy.models, policy.prices).flatMap((place): CallPlace[] => {
    const via = providerOf(context, place.provider);
    return via ? [{ ...place, via }] : [];
  });
  return { access, equals, rates: policy.limits.rates, buckets };
}

function providerOf({ provider, otherProviders }: WorkerContext, name: ProviderName): ModelProvider | null {
  return name === provider.name ? provider : (otherProviders[name] ?? null);
}
