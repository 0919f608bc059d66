/**
 * How the coding agents that are known are started, and what tells each to ask our gateway for its model and to keep to itself
 * otherwise. They are what the person has installed: nothing of them is part of this product.
 */
import type { OutsideAgent } from './policy.ts';

export const agentPresets: Readonly<Record<string, OutsideAgent>> = {
  'claude-code': {
    command: ['claude-agent-acp'],
    env: {
      ANTHROPIC_BASE_URL: '{gateway_url}',
      ANTHROPIC_API_KEY: '{gateway_key}',
      ANTHROPIC_MODEL: '{model}',
      ANTHROPIC_SMALL_FAST_MODEL: '{model}',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
      // Answers to questions that nobody asked are paid for too.
      CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION: 'false',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      // Else it finds our tools only after it has searched for them.
      ENABLE_TOOL_SEARCH: 'false',
    },
    isMetered: true,
    hosts: [],
    install: 'npm install -g @agentclientprotocol/claude-agent-acp',
  },
  opencode: {
    command: ['opencode', 'acp'],
    env: {
      OPENCODE_CONFIG_CONTENT: JSON.stringify({
        model: 'meshwright/{model}',
        small_model: 'meshwright/{model}',
        enabled_providers: ['meshwright'],
        provider: {
          meshwright: {
            npm: '@ai-sdk/anthropic',
            name: 'Meshwright',
            options: { baseURL: '{gateway_url}/v1', apiKey: '{gateway_key}' },
            models: { '{model}': { name: '{model}', limit: { context: 200_000, output: 32_000 } } },
          },
        },
        permission: { edit: 'ask', bash: 'ask', webfetch: 'deny', websearch: 'deny' },
        autoupdate: false,
        share: 'disabled',
        snapshot: false,
      }),
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
    },
    isMetered: true,
    hosts: [],
    install: 'npm install -g opencode-ai',
  },
};
