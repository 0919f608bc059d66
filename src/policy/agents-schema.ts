/** `agents:` in mesh.yaml: coding agents of others that may take seats, over the Agent Client Protocol. Shape, problems, meaning. */
import { z } from 'zod';
import type { Diagnostic } from '../yaml/diagnostic.ts';
import type { YamlPath } from '../yaml/yaml-source.ts';
import { agentPresets } from './agent-presets.ts';
import type { OutsideAgent } from './policy.ts';

/** In a role: our own loop, where the policy names another agent for the team. */
export const ownAgent = 'own';

const agentSchema = z.strictObject({
  command: z
    .array(z.string().min(1).max(4_096))
    .min(1)
    .max(100)
    .optional()
    .describe(
      'Program and arguments that speak the Agent Client Protocol: a name on your PATH, or an absolute path.',
    ),
  protocol: z
    .enum(['anthropic', 'openai'])
    .optional()
    .describe('What it speaks to its model: sets ANTHROPIC_BASE_URL or OPENAI_BASE_URL, and the key.'),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/), z.string().max(20_000))
    .optional()
    .describe('Variables for it; {gateway_url}, {gateway_key} and {model} are filled in.'),
  metered: z
    .boolean()
    .optional()
    .describe('false: its model is not asked through the gateway; only time and turns are limited.'),
  hosts: z
    .array(z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/))
    .max(200)
    .optional()
    .describe('The only hosts that it and its commands reach; only of an agent that is not metered.'),
});

export const agentNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be the name of an agent: small letters, digits, `-`');

export const agentsSchema = z
  .record(agentNameSchema, agentSchema)
  .describe('Coding agents that may take seats, by name. Known without a line here: claude-code, opencode.');

type AgentsFile = z.infer<typeof agentsSchema>;
type AgentFile = AgentsFile[string];

const protocolEnv: Readonly<Record<'anthropic' | 'openai', Readonly<Record<string, string>>>> = {
  anthropic: {
    ANTHROPIC_BASE_URL: '{gateway_url}',
    ANTHROPIC_API_KEY: '{gateway_key}',
    ANTHROPIC_MODEL: '{model}',
  },
  openai: { OPENAI_BASE_URL: '{gateway_url}/v1', OPENAI_API_KEY: '{gateway_key}', OPENAI_MODEL: '{model}' },
};

/** Those that are known without a line in the file included. */
export function buildAgents(file: AgentsFile = {}): Record<string, OutsideAgent> {
  const own = Object.entries(file).map(([name, agent]) => [name, buildAgent(agentPresets[name], agent)]);
  return { ...agentPresets, ...Object.fromEntries(own) };
}

function buildAgent(preset: OutsideAgent | undefined, file: AgentFile): OutsideAgent {
  const isMetered = file.metered ?? preset?.isMetered ?? true;
  const model = file.protocol === undefined ? (preset?.env ?? {}) : protocolEnv[file.protocol];
  // An agent with a login of its own is not led to our gateway for its model.
  const led = isMetered ? model : withoutGateway(model);
  return {
    command: file.command ?? preset?.command ?? [],
    env: { ...led, ...file.env },
    isMetered,
    hosts: file.hosts ?? preset?.hosts ?? [],
    install: preset?.install ?? null,
  };
}

function withoutGateway(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => !/\{(gateway_|model)/.test(value)));
}

export function findAgentProblems(
  file: AgentsFile | undefined,
  error: (at: YamlPath, message: string) => Diagnostic,
): Diagnostic[] {
  return Object.entries(file ?? {}).flatMap(([name, agent]) => {
    const found: Diagnostic[] = [];
    const isKnown = Object.hasOwn(agentPresets, name);
    if (name === ownAgent) {
      found.push(error(['agents', name], `\`${ownAgent}\` means Meshwright's own loop; choose another name`));
    }
    if (!isKnown && agent.command === undefined) {
      const known = Object.keys(agentPresets).join(', ');
      found.push(error(['agents', name], `the agent ${name} needs \`command\`; known without one: ${known}`));
    }
    const isLed = agent.protocol !== undefined || mentionsGateway(agent);
    if (!isKnown && agent.command !== undefined && agent.metered !== false && !isLed) {
      const message = `the agent ${name} needs \`protocol\`, or \`env\` with {gateway_url} and {gateway_key}; or say \`metered: false\``;
      found.push(error(['agents', name], message));
    }
    if (agent.hosts?.length && agent.metered !== false) {
      const message = `with \`hosts\` the agent ${name} could ask a model past the gateway: say \`metered: false\` beside it`;
      found.push(error(['agents', name, 'hosts'], message));
    }
    return found;
  });
}

function mentionsGateway({ env = {} }: AgentFile): boolean {
  return Object.values(env).some((value) => value.includes('{gateway_url}'));
}

export function listAgents(agents: Readonly<Record<string, OutsideAgent>>): [key: string, value: string][] {
  return Object.entries(agents).map(([name, { command, isMetered, hosts }]) => [
    `agents.${name}`,
    `${command.join(' ')} (${isMetered ? 'metered' : `NOT METERED, reaches ${hosts.join(' ') || 'no host'}`})`,
  ]);
}
