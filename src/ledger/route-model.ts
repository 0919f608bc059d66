/**
 * Which model a step gets, and why. What says most about the step wins: the role's own model, the complexity that the plan gives
 * its task, the role's tier, the default. A cap (money is running out) only ever leads to a smaller tier. Pure.
 */
import type { ModelPolicy, ModelTier, ProviderName } from '../policy/policy.ts';
import type { Tier } from '../teams/team.ts';
import { type PriceOverrides, priceOf } from './price-of.ts';
import type { ListPrice } from './price-snapshot.ts';
import { resolveModel } from './resolve-model.ts';

export interface RouteFacts {
  models: Pick<ModelPolicy, 'provider' | 'default' | 'aliases' | 'tiers' | 'route'>;
  role: { name: string; model: string | null; tier: Tier | null };
  /** Of the plan's task that the step works on, 1–10; null: no task, or the plan does not say. */
  complexity: number | null;
  /** The largest tier that money allows; null: any. */
  cap: ModelTier | null;
}

export interface Route {
  /** Exact id; null exactly when the tier is `none`. */
  model: string | null;
  provider: ProviderName;
  /** Null: a model that stands for no tier. */
  tier: Tier | null;
  /** For a person: what decided. */
  why: string;
}

const bySize: readonly ModelTier[] = ['small', 'medium', 'frontier'];

export function routeModel(facts: RouteFacts): Route {
  const { models, role, cap } = facts;
  const { provider } = models;
  if (role.tier === 'none') {
    return { model: null, provider, tier: 'none', why: `role ${role.name} runs a command` };
  }
  const wanted = chooseModel(facts);
  const model = resolveModel(wanted.model, models);
  const tier = wanted.tier ?? tierOf(model, models);
  // Of a model that stands for no tier nothing says that it is small.
  if (cap === null || (tier !== null && bySize.indexOf(tier) <= bySize.indexOf(cap))) {
    return { model, provider, tier, why: wanted.why };
  }
  const why = `${wanted.why}; at most ${cap}, because money is running out`;
  return { model: resolveModel(models.tiers[cap], models), provider, tier: cap, why };
}

interface Choice {
  model: string;
  tier: ModelTier | null;
  why: string;
}

function chooseModel({ models, role, complexity }: RouteFacts): Choice {
  if (role.model !== null) {
    return { model: role.model, tier: null, why: `role ${role.name} names ${role.model}` };
  }
  if (complexity !== null) {
    const tier = tierForComplexity(complexity, models.route);
    return { model: models.tiers[tier], tier, why: `complexity ${complexity} of the task` };
  }
  if (role.tier !== null && role.tier !== 'none') {
    return { model: models.tiers[role.tier], tier: role.tier, why: `tier of role ${role.name}` };
  }
  return { model: models.default, tier: null, why: 'the default model' };
}

function tierForComplexity(complexity: number, route: ModelPolicy['route']): ModelTier {
  if (complexity <= route.smallUpTo) return 'small';
  return complexity <= route.mediumUpTo ? 'medium' : 'frontier';
}

/** The largest tier that the model stands for: one model may stand for several. */
function tierOf(model: string, models: RouteFacts['models']): ModelTier | null {
  return bySize.findLast((tier) => resolveModel(models.tiers[tier], models) === model) ?? null;
}

/** The model of the frontier tier, for comparisons; null: its price is not known. */
export function frontierOf({
  models,
  prices,
}: {
  models: RouteFacts['models'];
  prices: PriceOverrides;
}): { model: string; price: ListPrice } | null {
  const model = resolveModel(models.tiers.frontier, models);
  const price = priceOf(model, prices);
  return price && { model, price };
}
