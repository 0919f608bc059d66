import { describe, expect, it } from 'vitest';
import { defaultRoute, defaultTiers } from '../policy/policy-defaults.ts';
import { type RouteFacts, routeModel } from './route-model.ts';

const facts: RouteFacts = {
  models: {
    provider: 'anthropic',
    default: 'claude-sonnet-4-6',
    aliases: {},
    tiers: defaultTiers,
    route: defaultRoute,
  },
  role: { name: 'developer', model: null, tier: null },
  complexity: null,
  cap: null,
};

function route(role: Partial<RouteFacts['role']>, more: Partial<RouteFacts> = {}) {
  const { model, tier, why } = routeModel({ ...facts, ...more, role: { ...facts.role, ...role } });
  return [model, tier, why];
}

describe("a step's model", () => {
  it('is what the role names, before anything else', () => {
    const named = route({ model: 'opus', tier: 'small' }, { complexity: 1 });
    expect(named).toEqual(['claude-opus-5-5', 'frontier', 'role developer names opus']);
  });

  it.each([
    [1, 'small', 'claude-haiku-5-5'],
    [3, 'small', 'claude-haiku-5-5'],
    [4, 'medium', 'claude-sonnet-5-5'],
    [7, 'medium', 'claude-sonnet-5-5'],
    [8, 'frontier', 'claude-opus-5-5'],
    [10, 'frontier', 'claude-opus-5-5'],
  ])(
    'for a task of complexity %i is of the tier %s, whatever the tier of the role',
    (complexity, tier, model) => {
      const why = `complexity ${complexity} of the task`;
      expect(route({ tier: 'medium' }, { complexity })).toEqual([model, tier, why]);
    },
  );

  it('is of the tier of the role where the plan says nothing, and else the default', () => {
    expect(route({ tier: 'small' })).toEqual(['claude-haiku-5-5', 'small', 'tier of role developer']);
    expect(route({})).toEqual(['claude-sonnet-4-6', null, 'the default model']);
  });

  it('is none for a role that runs a command, even for a task', () => {
    expect(route({ tier: 'none' }, { complexity: 9 })).toEqual([
      null,
      'none',
      'role developer runs a command',
    ]);
  });

  it('is never of a larger tier than the cap, and never made larger by it', () => {
    const capped = route({ model: 'opus' }, { cap: 'small' });
    expect(capped).toEqual([
      'claude-haiku-5-5',
      'small',
      'role developer names opus; at most small, because money is running out',
    ]);
    expect(route({ tier: 'small' }, { cap: 'medium' })[0]).toBe('claude-haiku-5-5');
    // Nothing says how large a model is that stands for no tier.
    expect(route({}, { cap: 'medium' })[0]).toBe('claude-sonnet-5-5');
    expect(route({ tier: 'none' }, { cap: 'small' })[1]).toBe('none');
  });
});
