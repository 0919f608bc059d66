/** Writes the `.mesh/mesh.yaml` that `init` leaves behind: working as it is, commented, short enough to be read. */
import { stringify } from 'yaml';
import { formatUsd } from '../base/money.ts';
import type { DetectedCheck, DetectedProject, DetectedSetup } from './detection.ts';
import type { ModelPolicy, Profile } from './policy.ts';
import {
  anthropicAliases,
  defaultCeilings,
  defaultFlow,
  defaultLimits,
  defaultMaxOutputTokens,
  defaultModel,
} from './policy-defaults.ts';

export interface RenderOptions {
  project: string;
  targetBranch: string;
  provider?: ModelPolicy['provider'];
  /** Needed by the scripted provider. */
  scenario?: string;
  /** Exact model id for `models.default`; needed by an openai-compatible provider. */
  model?: string;
  flow?: string;
  /** Coding agent of every role. */
  agent?: string;
  /** `no_worse` when a check is already red or flaky. */
  baseline?: Profile['baseline'];
}

/** The text loads back without a diagnostic whenever a check was detected. */
export function renderMeshYaml(detected: DetectedProject, options: RenderOptions): string {
  const { setup, checks, kinds, notes } = detected;
  const found = kinds.length > 0 ? `found: ${kinds.join(', ')}` : 'nothing was recognised';
  return [
    '# How agents may work on this repository. `meshwright check --explain` shows every setting and its default.',
    'version: 1',
    `project: ${scalar(options.project)}`,
    `target: ${scalar(options.targetBranch)} # accepted work lands on this branch`,
    '',
    'models:',
    ...renderModels(options),
    '',
    '# Hard limits: a call that could cross one is not made. The item pauses, keeps its work and asks.',
    'ceilings:',
    `  item_usd: ${formatUsd(defaultCeilings.itemMicroUsd).replace(/^\$|\.00$/g, '')}`,
    `  agent_usd: ${formatUsd(defaultCeilings.agentMicroUsd).replace(/^\$|\.00$/g, '')}`,
    '',
    'team:',
    `  flow: ${scalar(options.flow ?? defaultFlow)} # built in: solo, trio, feature; own ones go to .mesh/flows/`,
    options.agent === undefined
      ? '  # agent: claude-code # or opencode: a coding agent that you have installed takes the seats'
      : `  agent: ${scalar(options.agent)} # a coding agent that you have installed takes the seats`,
    '  seats:',
    '    developer: 2 # how many work side by side on the parts of one plan',
    '',
    `# Prepares a workspace before anybody works in it; cached until a lockfile changes (${found}).`,
    ...(setup.length === 0 ? ['setup: []'] : ['setup:', ...setup.flatMap(renderSetup)]),
    '',
    '# Decide whether work is done, run on the whole repository. No agent can overrule them.',
    ...(checks.length === 0 ? ['checks: []'] : ['checks:', ...checks.flatMap(renderCheck)]),
    ...notes.map((note) => `# Note: ${note.replace(/\s+/g, ' ')}.`),
    '',
    '# A check that is red before the work begins: `refuse` to start, or let nothing get worse (`no_worse`).',
    `baseline: ${options.baseline ?? 'refuse'}`,
    '',
    ...renderMore(),
    '',
  ].join('\n');
}

function renderModels(options: RenderOptions): string[] {
  const provider = options.provider ?? 'anthropic';
  const why = {
    scripted: 'answers from a file, no model and no key',
    anthropic: 'the key is read from ANTHROPIC_API_KEY',
    'openai-compatible': 'address and key are read from OPENAI_BASE_URL and OPENAI_API_KEY',
  };
  return [
    `  provider: ${provider} # ${why[provider]}`,
    ...(options.scenario === undefined ? [] : [`  scenario: ${scalar(options.scenario)}`]),
    `  default: ${scalar(options.model ?? defaultModel)} # exact id, for roles that name no model`,
    ...(provider === 'openai-compatible'
      ? ['  # aliases: { opus: some-exact-id } # short names in role files; unset ones mean the default']
      : ['  # aliases:', ...Object.entries(anthropicAliases).map(([name, id]) => `  #   ${name}: ${id}`)]),
    `  # max_output_tokens: ${defaultMaxOutputTokens}`,
  ];
}

function renderSetup(step: DetectedSetup): string[] {
  return [
    `  - run: ${scalar(step.run)}`,
    `    lockfiles: ${list(step.lockfiles)}`,
    `    hosts: ${list(step.hosts)} # the only hosts it may reach`,
  ];
}

function renderCheck(check: DetectedCheck): string[] {
  return [`  - name: ${scalar(check.name)}`, `    run: ${scalar(check.run)}`];
}

function renderMore(): string[] {
  return [
    '# More settings, shown with their defaults:',
    `# limits: { items_at_once: ${defaultLimits.itemsAtOnce}, turns: ${defaultLimits.turns}, step_minutes: ${defaultLimits.stepTimeoutMs / 60_000}, command_minutes: ${defaultLimits.commandTimeoutMs / 60_000} }`,
    '# cells: { driver: auto } # or bubblewrap; process isolates nothing and needs allow_no_isolation: true',
    '# prices: # dollars per million tokens, for models that the built-in list does not have',
    '#   some-exact-id: { input_usd_per_million: 1, output_usd_per_million: 5 }',
  ];
}

function scalar(value: string): string {
  return stringify(value, { lineWidth: 0, defaultStringType: 'PLAIN', blockQuote: false }).trimEnd();
}

function list(values: readonly string[]): string {
  return stringify(values, { lineWidth: 0, collectionStyle: 'flow', flowCollectionPadding: false }).trimEnd();
}
