import { describe, expect, it } from 'vitest';
import { makeRole } from '../../test/doubles/make-role.ts';
import { buildAgents } from '../policy/agents-schema.ts';
import type { Policy } from '../policy/policy.ts';
import type { Role, Team } from '../teams/team.ts';
import { chooseOutsideAgent, requireOutsideAgents } from './choose-outside-agent.ts';

const findProgram = ([name = '']: readonly string[]) =>
  name === 'opencode' ? { argv: ['/bin/opencode', 'acp'], readable: ['/bin/opencode'] } : null;

function policyWith(agent: string | null, agents = buildAgents()): Policy {
  return { team: { flow: 'solo', agent, seats: {} }, agents } as unknown as Policy;
}

function choose(team: string | null, role: Partial<Role>) {
  return chooseOutsideAgent({ policy: policyWith(team), findProgram }, makeRole(role));
}

describe('who sits in a role’s seats', () => {
  it('is our own loop, unless the role or the team names somebody; the role wins', () => {
    expect(choose(null, {})).toBeNull();
    expect(choose('opencode', {})).toMatchObject({ ok: true, name: 'opencode' });
    expect(choose(null, { agent: 'opencode' })).toMatchObject({ ok: true, name: 'opencode' });
    expect(choose('opencode', { agent: 'own' })).toBeNull();
    expect(choose('opencode', { agent: 'claude-code' })).toMatchObject({ ok: false });
  });

  it('is a command where the role has no model, whoever has the other seats', () => {
    expect(choose('opencode', { tier: 'none', run: 'npm run format' })).toBeNull();
  });

  it('is nobody, with one clear line, where the agent is unknown or not on this machine', () => {
    expect(choose(null, { agent: 'nobody' })).toEqual({
      ok: false,
      message: 'role developer asks for the agent nobody; there are: claude-code, opencode',
    });
    expect(choose('claude-code', {})).toMatchObject({
      message: expect.stringContaining('no claude-agent-acp on the PATH; install it: npm install -g'),
    });
  });
});

describe('before the work begins', () => {
  const team = (role: Partial<Role>) => ({ roles: { developer: makeRole(role) } }) as unknown as Team;

  it('whoever is needed must be there', () => {
    expect(requireOutsideAgents(policyWith('opencode'), team({}), findProgram)).toEqual({ notices: [] });
    expect(() => requireOutsideAgents(policyWith('claude-code'), team({}), findProgram)).toThrow(
      expect.objectContaining({ code: 'agent_not_found', exitCode: 2 }),
    );
  });

  it('it is said who is not metered, and what they reach', () => {
    const agents = buildAgents({ opencode: { metered: false, hosts: ['api.example.org'] } });
    const { notices } = requireOutsideAgents(policyWith('opencode', agents), team({}), findProgram);
    expect(notices).toEqual([
      'NOT METERED: agent opencode (role developer); only time and turns are limited, it reaches api.example.org.',
    ]);
  });
});
