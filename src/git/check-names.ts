/** Names that others choose (mesh.yaml, models, users) before they become arguments of git: a name, never an option or a pattern. */
import { MeshwrightError } from '../base/errors.ts';

/** The rules of `git check-ref-format --branch`. Pure. */
export function isBranchName(name: string): boolean {
  if (name === '' || name === '@' || name === 'HEAD' || name.startsWith('-') || name.length > 1_000)
    return false;
  if ([...name].some((character) => character <= ' ' || character === '\x7f')) return false;
  if (/[~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|\.$/.test(name) || !name.isWellFormed()) return false;
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

/** @throws MeshwrightError `branch_name_invalid` (exit 2). */
export function requireBranchName(name: string): void {
  if (isBranchName(name)) return;
  throw new MeshwrightError('branch_name_invalid', `${JSON.stringify(name)} cannot be the name of a branch`, {
    hint: 'Name an existing branch as target in .mesh/mesh.yaml.',
    exitCode: 2,
  });
}

/** A full name under `refs/`. @throws MeshwrightError `git_failed`. */
export function requireRefName(ref: string): void {
  const isBranch = ref.startsWith('refs/heads/');
  if (ref.startsWith('refs/') && isBranchName(isBranch ? ref.slice('refs/heads/'.length) : ref)) return;
  throw new MeshwrightError('git_failed', `${JSON.stringify(ref)} cannot be the name of a ref`);
}

/** A commit, tree or ref; not an option. @throws MeshwrightError `git_failed`. */
export function requireRevision(text: string): void {
  if (text !== '' && !text.startsWith('-') && ![...text].some((character) => character < ' ')) return;
  throw new MeshwrightError('git_failed', `${JSON.stringify(text)} is no commit`);
}
