import { describe, expect, it } from 'vitest';
import { agentPresets } from './agent-presets.ts';
import { buildAgents, listAgents } from './agents-schema.ts';

describe('the agents of a policy', () => {
  it('are those that are known, without a line in the file', () => {
    expect(buildAgents()).toEqual(agentPresets);
    expect(buildAgents({ opencode: {} }).opencode).toEqual(agentPresets.opencode);
  });

  it('get their model by what they speak, and their own variables over that', () => {
    const { mine } = buildAgents({
      mine: { command: ['mine', 'acp'], protocol: 'openai', env: { OPENAI_MODEL: 'x', MORE: '1' } },
    });
    expect(mine).toEqual({
      command: ['mine', 'acp'],
      env: {
        OPENAI_BASE_URL: '{gateway_url}/v1',
        OPENAI_API_KEY: '{gateway_key}',
        OPENAI_MODEL: 'x',
        MORE: '1',
      },
      isMetered: true,
      hosts: [],
      install: null,
    });
  });

  it('that are not metered are not led to the gateway, and are shown as such', () => {
    const agents = buildAgents({ 'claude-code': { metered: false, hosts: ['api.anthropic.com'] } });
    const { env = {}, command } = agents['claude-code'] ?? {};
    expect(Object.keys(env).filter((name) => name.startsWith('ANTHROPIC_'))).toEqual([]);
    expect(env.DISABLE_TELEMETRY).toBe('1');
    expect(command).toEqual(['claude-agent-acp']);
    expect(listAgents(agents)).toContainEqual([
      'agents.claude-code',
      'claude-agent-acp (NOT METERED, reaches api.anthropic.com)',
    ]);
  });
});
