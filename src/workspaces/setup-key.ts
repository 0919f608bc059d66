/** What a result of set-up depends on, as one hash. Contents are named by git's ids: no file of a workspace is read. */
import { realpathSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { hashJson, sha256Hex } from '../base/json.ts';
import { listGit } from '../git/run-git.ts';
import type { SetupStep } from '../policy/policy.ts';
import { type Checkout, onCheckout } from './check-out-commit.ts';

/** Raise it when the meaning of an entry changes. */
const format = 1;

/**
 * Package managers run scripts that these files name, so they decide the result as much as the lockfile: an item that
 * changes them gets a result of its own instead of spoiling everybody's.
 */
const manifestNames = [
  '.npmrc',
  '.yarnrc.yml',
  'Cargo.toml',
  'Makefile',
  'binding.gyp',
  'go.mod',
  'package.json',
  'pnpm-workspace.yaml',
  'pyproject.toml',
  'requirements.txt',
  'rust-toolchain.toml',
  'setup.cfg',
  'setup.py',
];

const programs = [
  'node',
  'npm',
  'pnpm',
  'yarn',
  'bun',
  'python3',
  'pip',
  'uv',
  'cargo',
  'rustc',
  'go',
  'make',
  'gcc',
];

export async function computeSetupKey(
  checkout: Checkout,
  request: { setup: readonly SetupStep[]; driverName: string },
): Promise<string> {
  const lockfiles = request.setup.flatMap((step) => step.lockfiles).map((path) => posix.normalize(path));
  const folders = new Set(['.', ...lockfiles.map((path) => posix.dirname(path))]);
  const manifests = [...folders].flatMap((folder) => manifestNames.map((name) => posix.join(folder, name)));
  const paths = [...new Set([...lockfiles, ...manifests])].sort();
  const entries = await listGit(
    onCheckout(checkout, [
      '--literal-pathspecs',
      'ls-tree',
      '-z',
      '--full-tree',
      checkout.commit,
      '--',
      ...paths,
    ]),
  );
  const value = {
    format,
    steps: request.setup.map(({ run, hosts }) => ({ run, hosts: [...hosts] })),
    inputs: entries.sort(),
    platform: `${process.platform}/${process.arch}`,
    driver: request.driverName,
    programs: fingerprintPrograms(process.env.PATH ?? ''),
  };
  return sha256Hex(hashJson(value)).slice(0, 40);
}

/** Real path, size and time of each program: cheaper than asking it for its version, and never older than the truth. */
function fingerprintPrograms(searchPath: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const program of programs) {
    for (const folder of searchPath.split(':')) {
      try {
        const path = realpathSync(join(folder, program));
        const { size, mtimeMs } = statSync(path);
        found[program] = `${dirname(path)} ${size} ${Math.trunc(mtimeMs)}`;
        break;
      } catch {
        // Not in this folder.
      }
    }
  }
  return found;
}
