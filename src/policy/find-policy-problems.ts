/** What a mesh.yaml of the right shape can still get wrong: things that contradict each other or do not exist. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Diagnostic } from '../yaml/diagnostic.ts';
import { diagnosticAt, type YamlPath, type YamlSource } from '../yaml/yaml-source.ts';
import { type MeshFile, usdFromText } from './mesh-schema.ts';
import { defaultCeilings } from './policy-defaults.ts';

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

function findCeilingProblems(file: MeshFile, warning: Report): Diagnostic[] {
  const { item_usd: item, agent_usd: agent } = file.ceilings ?? {};
  if (agent === undefined) return [];
  const itemUsd = item === undefined ? defaultCeilings.itemMicroUsd / 1_000_000 : usdFromText(item);
  if (usdFromText(agent) <= itemUsd) return [];
  const message = `an agent's ceiling above its item's ($${itemUsd}) has no effect: the item's holds`;
  return [warning(['ceilings', 'agent_usd'], message)];
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
