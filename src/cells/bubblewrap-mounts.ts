/**
 * What a bubblewrap cell sees of the machine: programs and libraries read-only, a few harmless files of /etc, known
 * toolchains, nothing of anybody's home. Decides the arguments; starts nothing.
 */
import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CellHost } from './cell-host.ts';

/** Names under /etc. As root the cell could read whatever is bound, so passwords, keys and tokens must not be. */
const etcNames = [
  'alternatives',
  'bash.bashrc',
  'ca-certificates',
  'ca-certificates.conf',
  'crypto-policies',
  'debian_version',
  'fonts',
  'group',
  'inputrc',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'locale.alias',
  'locale.conf',
  'localtime',
  'magic',
  'magic.mime',
  'mime.types',
  'nsswitch.conf',
  'os-release',
  'passwd',
  'perl',
  'pki/ca-trust/extracted',
  'pki/tls/certs',
  'protocols',
  'services',
  'ssl/certs',
  'ssl/openssl.cnf',
  'terminfo',
  'timezone',
  'xml',
];
const etcPatterns = [/^java-\d+/, /^python3/];

/** Toolchains that live in a home: the folder of a PATH entry → the folders to show and the variables they need. */
const toolchains: readonly {
  entry: RegExp;
  show: readonly string[];
  env?: Readonly<Record<string, string>>;
}[] = [
  { entry: /^\.nvm\/versions\/node\/[^/]+\/bin$/, show: ['../'] },
  { entry: /^\.local\/share\/fnm\/.*\/bin$/, show: ['../'] },
  {
    entry: /^\.cargo\/bin$/,
    show: ['.', '~/.rustup/toolchains', '~/.rustup/settings.toml'],
    env: { RUSTUP_HOME: '~/.rustup' },
  },
  { entry: /^\.pyenv\//, show: ['~/.pyenv'], env: { PYENV_ROOT: '~/.pyenv' } },
  { entry: /^\.rbenv\//, show: ['~/.rbenv'], env: { RBENV_ROOT: '~/.rbenv' } },
  { entry: /^\.asdf\//, show: ['~/.asdf'], env: { ASDF_DATA_DIR: '~/.asdf' } },
  { entry: /^\.local\/share\/mise\//, show: ['~/.local/share/mise'] },
  { entry: /^\.volta\/bin$/, show: ['~/.volta'], env: { VOLTA_HOME: '~/.volta' } },
  { entry: /^\.sdkman\/candidates\//, show: ['~/.sdkman/candidates'] },
  { entry: /^\.bun\/bin$/, show: ['.'] },
  { entry: /^\.deno\/bin$/, show: ['.'] },
  { entry: /^go\/bin$/, show: ['.'] },
  { entry: /^\.local\/share\/pnpm$/, show: ['.'] },
];

export interface VisibleTools {
  /** Absolute paths to bind read-only at the same place. */
  folders: string[];
  /** The PATH inside: entries the cell can see, in the person's order, with a Node at the end at the latest. */
  path: string;
  env: Record<string, string>;
}

/** Which entries of the person's PATH a cell can use, and what must be shown for them. */
export function findVisibleTools(host: CellHost): VisibleTools {
  const folders = new Set<string>();
  const entries = new Set<string>();
  const env: Record<string, string> = {};
  const nodePath = realpathSync(host.nodePath);
  const nodeFolder = dirname(nodePath);
  if (!isSystemPath(nodeFolder)) folders.add(nodeFolder);
  for (const entry of host.path.split(':')) {
    if (!entry.startsWith('/') || !existsSync(entry)) continue;
    if (isSystemPath(entry)) entries.add(entry);
    else if (entry.startsWith(`${host.home}/`) && addToolchain(entry, host.home, { folders, env }))
      entries.add(entry);
    // A project's .bin folder that leads to the Node we run on: keep its place in the order, show only the program.
    else if (resolvesTo(join(entry, 'node'), nodePath)) entries.add(nodeFolder);
  }
  for (const entry of ['/usr/local/bin', '/usr/bin', '/bin', nodeFolder]) entries.add(entry);
  return { folders: [...folders], path: [...entries].join(':'), env };
}

function addToolchain(
  entry: string,
  home: string,
  found: { folders: Set<string>; env: Record<string, string> },
): boolean {
  const inHome = entry.slice(home.length + 1);
  const known = toolchains.find((toolchain) => toolchain.entry.test(inHome));
  if (known === undefined) return false;
  for (const shown of known.show) {
    const path = shown.startsWith('~') ? join(home, shown.slice(2)) : join(entry, shown);
    if (existsSync(path)) found.folders.add(path.replace(/\/$/, ''));
  }
  for (const [name, value] of Object.entries(known.env ?? {})) found.env[name] = join(home, value.slice(2));
  return true;
}

const systemFolders = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/opt', '/nix/store'];

function isSystemPath(path: string): boolean {
  return systemFolders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

function resolvesTo(path: string, target: string): boolean {
  try {
    return realpathSync(path) === target;
  } catch {
    return false;
  }
}

/** Arguments for the read-only view of the machine. */
export function systemMounts(): string[] {
  const args: string[] = [];
  for (const folder of systemFolders) {
    const facts = lstatSync(folder, { throwIfNoEntry: false });
    if (facts === undefined) continue;
    if (facts.isSymbolicLink()) args.push('--symlink', readlinkSync(folder), folder);
    else args.push('--ro-bind', folder, folder);
  }
  const inEtc = existsSync('/etc') ? readdirSync('/etc') : [];
  const names = [...etcNames, ...inEtc.filter((name) => etcPatterns.some((pattern) => pattern.test(name)))];
  for (const name of names) args.push('--ro-bind-try', join('/etc', name), join('/etc', name));
  return args;
}

/** Read-only binds at the same place; what does not exist is left out. */
export function readOnlyMounts(paths: readonly string[]): string[] {
  return paths.filter((path) => !isSystemPath(path)).flatMap((path) => ['--ro-bind-try', path, path]);
}
