/** The machine as far as figures depend on it; nothing that names it. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, totalmem } from 'node:os';

export interface MachineFacts {
  platform: string;
  cores: number;
  memoryGib: number;
  node: string;
  git: string;
}

export function readMachineFacts(): MachineFacts {
  return {
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    git: firstLine('git', ['--version']).replace('git version ', ''),
  };
}

/** The commit of the sources, with `+` when they differ from it. */
export function readCommit(dir: string): string {
  const commit = firstLine('git', ['-C', dir, 'rev-parse', '--short=12', 'HEAD']);
  const changed = firstLine('git', ['-C', dir, 'status', '--porcelain', '--', 'src', 'prove', 'assets']);
  return changed === '' ? commit : `${commit}+`;
}

function firstLine(program: string, args: string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8' }).trim().split('\n')[0] ?? '';
  } catch {
    return '?';
  }
}
