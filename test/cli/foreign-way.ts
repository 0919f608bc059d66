/** The way of a repository that is not ours, step by step as a person goes it: from `init` to a landed commit. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { type CliWorld, commitAll, git, transcript, writeFiles } from './run-cli.ts';

export interface ForeignWay {
  world: CliWorld;
  dir: string;
  env?: Record<string, string>;
  scenario: string;
  flow: 'trio' | 'feature';
  /** Text of the brief; its first line is the title. */
  brief: string;
}

export interface WayHome {
  /** What init printed. */
  init: string;
  /** What init wrote, before it was edited. */
  policy: string;
  run: string;
  diff: string;
  /** Head of the target before and after. */
  before: string;
  landed: string;
}

export async function goHome(way: ForeignWay): Promise<WayHome> {
  const { world, dir } = way;
  const step = async (code: number, ...args: string[]) => {
    const options = { cwd: dir, timeoutMs: 110_000, ...(way.env ? { env: way.env } : {}) };
    const result = await world.run(args, options);
    expect(result.code, `${args.join(' ')}: ${transcript(result)}`).toBe(code);
    return result.out;
  };
  const init = await step(0, 'init');
  const madeByInit = setUpResults(world);
  const policy = readFileSync(path.join(dir, '.mesh/mesh.yaml'), 'utf8');
  writeFiles(dir, { '.mesh/mesh.yaml': makeScripted(policy, way.flow), '.mesh/scenario.yaml': way.scenario });
  const before = commitAll(dir, 'Let agents work here');
  expect(await step(0, 'check')).toMatch(/^All good: /m);
  await step(0, 'add', way.brief);
  const run = await step(3, 'run', '--until-idle');
  // Every workspace of the run took what the set-up of `init` had left: nothing was made anew.
  expect(madeByInit).toHaveLength(1);
  expect(setUpResults(world)).toEqual(madeByInit);
  expect(git(dir, 'rev-parse', 'main')).toBe(before);
  const diff = await step(0, 'diff', '1');
  await step(0, 'accept', '1');
  const landed = git(dir, 'rev-parse', 'main');
  expect(git(dir, 'rev-parse', 'main~1')).toBe(before);
  expect(git(dir, 'status', '--porcelain')).toBe('');
  return { init, policy, run, diff, before, landed };
}

/** What a person does who wants no model: the provider and its scenario, and the flow. */
function makeScripted(policy: string, flow: string): string {
  const edited = policy
    .replace(/^ {2}provider: .*$/m, '  provider: scripted\n  scenario: .mesh/scenario.yaml')
    .replace(/^ {2}flow: .*$/m, `  flow: ${flow}`);
  expect(edited).not.toBe(policy);
  return edited;
}

/** The kept results of set-up: name, and which file it is. */
function setUpResults(world: CliWorld): string[] {
  const dir = path.join(world.home, 'cache/setup');
  if (!existsSync(dir)) return [];
  return readdirSync(dir).map((name) => {
    const { ino, mtimeMs } = statSync(path.join(dir, name, 'manifest.json'));
    return `${name} ${ino} ${mtimeMs}`;
  });
}
