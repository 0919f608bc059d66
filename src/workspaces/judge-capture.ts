/**
 * May these changes become a commit? Pure: what git has taken in, names, modes and link targets; findings out. Judged after
 * git has read the files, so that nothing can change between the check and what is committed.
 */
import { visibleLine } from '../base/visible-text.ts';
import { type CaptureFinding, captureFinding } from './capture-refused.ts';

export interface CapturedChange {
  path: string;
  isNew: boolean;
  /** Where a symbolic link leads; null for files. */
  linkTarget: string | null;
}

/** @param existing paths of the tree besides the new ones: names that differ from them by case alone are refused. */
export function judgeCapture(
  changes: readonly CapturedChange[],
  existing: readonly string[],
): CaptureFinding[] {
  const findings: CaptureFinding[] = [];
  for (const { path, linkTarget } of changes) {
    const link = linkTarget === null ? null : judgeLink(path, linkTarget);
    if (link !== null) findings.push(captureFinding(path, link));
  }
  const added = changes.filter(({ isNew }) => isNew).map(({ path }) => path);
  return [...findings, ...findTwins(added, existing)];
}

/** What is wrong with a new name, else null. Names like options (`-rf`) are fine: nothing of ours takes them for one. */
export function judgeName(path: string): string | null {
  if (/[\t\n]/.test(path) || visibleLine(path) !== path) {
    return 'the name has control characters or invisible ones; rename it';
  }
  if (path.split('/').some(isLikeGit)) {
    return 'the name is taken for .git on some systems; rename it';
  }
  return null;
}

/** `.git` as Windows and macOS read it: any case, short names, trailing dots and spaces, streams, ignored characters. */
function isLikeGit(part: string): boolean {
  const plain = part.replaceAll(/\p{Cf}/gu, '').toLowerCase();
  return plain.split(/[\\:]/).some((piece) => /^(\.git|git~\d+)[. ]*$/.test(piece));
}

const readByGit = /(^|\/)\.(gitmodules|gitattributes|gitignore|mailmap)$/i;

/**
 * Links stay links, and lead to something of the same tree. `..` only in front: behind a name it could climb out of
 * wherever another link leads, which no check of one link can see.
 */
export function judgeLink(path: string, target: string): string | null {
  const shown = `the link leads to ${JSON.stringify(target)}`;
  if (readByGit.test(path)) return 'git does not take a link for this file; make it a file';
  if (target === '' || target.startsWith('/') || /^[A-Za-z]:|\\/.test(target)) {
    return `${shown}, which is no relative path; make it relative to its folder, inside of the workspace`;
  }
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const climbs = parts.findIndex((part) => part !== '..');
  const ups = climbs === -1 ? parts.length : climbs;
  const depth = path.split('/').length - 1;
  if (ups > depth || (climbs !== -1 && parts.slice(climbs).includes('..'))) {
    return `${shown}, out of the workspace; links may only lead to files of the workspace, with .. in front alone`;
  }
  const inTree = [...path.split('/').slice(0, depth - ups), ...parts.slice(ups)];
  return inTree.some(isLikeGit) ? `${shown}, into a .git folder` : null;
}

/** New paths that are one file with another on systems that do not tell the cases apart. */
function findTwins(added: readonly string[], existing: readonly string[]): CaptureFinding[] {
  if (added.length === 0) return [];
  const spellings = new Map<string, string>();
  const findings: CaptureFinding[] = [];
  const visit = (path: string, isAdded: boolean) => {
    const parts = path.split('/');
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const prefix = parts.slice(0, depth).join('/');
      const folded = prefix.normalize('NFC').toLowerCase();
      const known = spellings.get(folded);
      if (known === undefined) spellings.set(folded, prefix);
      else if (known !== prefix && isAdded) {
        const message = `differs from ${JSON.stringify(known)} by case or accents alone: one file on macOS and Windows`;
        findings.push(captureFinding(path, message));
        return;
      }
    }
  };
  for (const path of existing) visit(path, false);
  for (const path of added) visit(path, true);
  return findings;
}

/** `.gitmodules` as `key`, `value`: nothing in it may become a program, an option or a place outside. One finding per module. */
export function judgeSubmodules(settings: readonly (readonly [string, string])[]): CaptureFinding[] {
  const bad = new Map<string, string>();
  for (const [key, value] of settings) {
    const name = key.split('.').slice(1, -1).join('.');
    if (isHostileSetting(key, value) || name.split(/[\\/]/).includes('..')) {
      bad.set(name, `${key} = ${JSON.stringify(value)}`);
    }
  }
  const advice = 'could start a program or lead elsewhere; use a plain https or ssh address and path';
  return [...bad.values()].map((setting) => captureFinding('.gitmodules', `${setting} ${advice}`));
}

function isHostileSetting(key: string, value: string): boolean {
  switch (key.slice(key.lastIndexOf('.') + 1)) {
    case 'url':
      return /^-|^[A-Za-z0-9+.-]*::|[\n\r]/.test(value) || /^(file|ext|fd):/i.test(value);
    case 'path':
      return /^[-/]/.test(value) || value.split(/[\\/]/).includes('..');
    case 'update':
      return value.startsWith('!');
    default:
      return false;
  }
}
