/** What a mesh.yaml of the right shape can still get wrong: things that contradict each other or do not exist. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Diagnostic } from '../yaml/diagnostic.ts';
import { diagnosticAt, type YamlPath, type YamlSource } from '../yaml/yaml-source.ts';
import { buildAgents, findAgentProblems, ownAgent } from './agents-schema.ts';
import { findChannelProblems } from './channels-schema.ts';
import type { MeshFile } from './mesh-schema.ts';
import { findPermissionProblems } from './permission-settings.ts';
import { defaultCeilings, defaultRoute } from './policy-defaults.ts';
import { findSecretProblems } from './secrets-schema.ts';
import { usdFromText } from './usd-schema.ts';

/**
 * In no particular order. Looks at the disk only to see whether a scenario file is there. `isSound`: the file has
 * the right shape; otherwise `file` is what is left of it, and what is missing may have been misspelt.
 */
export async function findPolicyProblems(
  file: MeshFile,
  source: YamlSource,
  options: { repoDir: string; isSound: boolean },
): Promise<Diagnostic[]> {
  const { repoDir, isSound } = options;
  const error = (at: YamlPath, message: string) => diagnosticAt(source.locate(at), message);
  const warning = (at: YamlPath, message: string) => diagnosticAt(source.locate(at), message, 'warning');
  const found = [
    ...findCheckProblems(file, error),
    ...(isSound && !file.checks?.length ? [warning(['checks'], noChecks)] : []),
    ...findCeilingProblems(file, warning),
    ...findLimitProblems(file, error, warning),
    ...findSecretProblems(file.secrets ?? {}, { error, warning, isSound }),
    ...findChannelProblems(file.channels ?? {}, { error, warning, isSound }),
    ...findPermissionProblems(file.permissions, error),
    ...findAgentProblems(file.agents, error),
    ...findTeamAgentProblems(file, error),
  ];
  const models = file.models ?? {};
  if (models.provider === 'scripted') {
    if (models.scenario === undefined)
      found.push(
        error(
          ['models', 'provider'],
          'the scripted provider needs `models.scenario`, the file with its answers',
        ),
      );
    else if (!(await isFile(path.resolve(repoDir, models.scenario))))
      found.push(error(['models', 'scenario'], `there is no scenario file \`${models.scenario}\``));
  } else if (models.scenario !== undefined) {
    found.push(
      warning(['models', 'scenario'], 'only the scripted provider reads a scenario; this one ignores it'),
    );
  }
  if (models.provider === 'openai-compatible' && models.default === undefined)
    found.push(
      error(
        ['models', 'provider'],
        'an openai-compatible provider needs `models.default`, the exact id of a model it serves',
      ),
    );
  if (file.cells?.driver === 'process' && !file.cells.allow_no_isolation && models.provider !== 'scripted')
    found.push(
      error(
        ['cells', 'driver'],
        'the process driver isolates nothing; a real model needs `allow_no_isolation: true` beside it, or another driver',
      ),
    );
  return found;
}

const noChecks =
  'no checks: nothing but other agents decides whether work is done; list the test command under `checks`';

type Report = (at: YamlPath, message: string) => Diagnostic;

function findCheckProblems(file: MeshFile, error: Report): Diagnostic[] {
  const checks = file.checks ?? [];
  const seen = new Map<string, number>();
  return checks.flatMap((check, index) => {
    const [key, place, words]: [string, YamlPath, string] =
      typeof check === 'string'
        ? [`run ${check}`, ['checks', index], `the check \`${check}\` is listed twice`]
        : [`name ${check.name}`, ['checks', index, 'name'], `two checks are called \`${check.name}\``];
    const first = seen.get(key);
    seen.set(key, index);
    return first === undefined ? [] : [error(place, words)];
  });
}

function findTeamAgentProblems(file: MeshFile, error: Report): Diagnostic[] {
  const name = file.team?.agent;
  const known = Object.keys(buildAgents(file.agents)).filter((each) => each !== ownAgent);
  if (name === undefined || known.includes(name)) return [];
  return [error(['team', 'agent'], `there is no agent ${name}; there are: ${known.join(', ')}`)];
}

function findCeilingProblems(file: MeshFile, warning: Report): Diagnostic[] {
  const { item_usd: item, agent_usd: agent } = file.ceilings ?? {};
  if (agent === undefined) return [];
  const itemUsd = item === undefined ? defaultCeilings.itemMicroUsd / 1_000_000 : usdFromText(item);
  if (usdFromText(agent) <= itemUsd) return [];
  const message = `an agent's ceiling above its item's ($${itemUsd}) has no effect: the item's holds`;
  return [warning(['ceilings', 'agent_usd'], message)];
}

function findLimitProblems(file: MeshFile, error: Report, warning: Report): Diagnostic[] {
  const found: Diagnostic[] = [];
  const { breaker, step_attempts: older, rates } = file.limits ?? {};
  if (older !== undefined) {
    const at: YamlPath = ['limits', 'step_attempts'];
    found.push(
      breaker === undefined
        ? warning(at, '`step_attempts` is called `breaker` now; it still counts')
        : error(at, '`step_attempts` is the older name of `breaker`; give one of them'),
    );
  }
  for (const tool of Object.keys(rates?.tools ?? {})) {
    if (limitableTools.includes(tool)) continue;
    const message = `there is no tool \`${tool}\`; tools are ${limitableTools.join(', ')}`;
    found.push(error(['limits', 'rates', 'tools', tool], message));
  }
  const { small_up_to: small, medium_up_to: medium } = { ...file.models?.route };
  const smallUpTo = small ?? defaultRoute.smallUpTo;
  const mediumUpTo = medium ?? defaultRoute.mediumUpTo;
  if (smallUpTo > mediumUpTo) {
    const key = small === undefined ? 'medium_up_to' : 'small_up_to';
    const message = `\`small_up_to\` (${smallUpTo}) is above \`medium_up_to\` (${mediumUpTo})`;
    found.push(error(['models', 'route', key], message));
  }
  return found;
}

/** As role files name them in small letters, and `deliver`, which every seat has. */
const limitableTools = ['read', 'write', 'edit', 'glob', 'grep', 'run', 'shell', 'deliver'];

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
