/** npm, pnpm and yarn projects: which manager, how to install from the lockfile, which scripts are checks. */
import {
  type DetectedCheck,
  type DetectedProject,
  type DetectedSetup,
  type Folder,
  hostOfUrl,
} from './detection.ts';

type Manager = 'npm' | 'pnpm' | 'yarn';

interface PackageJson {
  packageManager?: unknown;
  scripts?: unknown;
  workspaces?: unknown;
  dependencies?: unknown;
  devDependencies?: unknown;
  optionalDependencies?: unknown;
}

/** Quick ones first: a red lint is known before the tests have run. One script of each row is taken. */
const checkScripts: readonly (readonly string[])[] = [
  ['format:check', 'check:format', 'format-check', 'fmt:check', 'prettier:check'],
  ['lint', 'lint:check', 'eslint'],
  ['typecheck', 'type-check', 'check:types', 'check-types', 'types', 'tsc'],
  ['build'],
  ['test'],
];

const lockfiles: Readonly<Record<Manager, readonly string[]>> = {
  npm: ['package-lock.json', 'npm-shrinkwrap.json'],
  pnpm: ['pnpm-lock.yaml'],
  yarn: ['yarn.lock'],
};

export async function detectNode(folder: Folder): Promise<DetectedProject | undefined> {
  const text = await folder.readText('package.json');
  if (text === undefined) return undefined;
  const notes: string[] = [];
  const manifest = parseManifest(text);
  if (!manifest)
    return { kinds: ['package.json'], setup: [], checks: [], notes: ['package.json is not valid JSON'] };
  const manager = chooseManager(manifest, folder, notes);
  const lockfile = lockfiles[manager].find((file) => folder.files.has(file));
  const setup = await planInstall(manifest, folder, { manager, lockfile, notes });
  const checks = chooseChecks(manager, manifest, notes);
  return { kinds: [`${manager} (${lockfile ?? 'no lockfile'})`], setup, checks, notes };
}

function parseManifest(text: string): PackageJson | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function chooseManager(manifest: PackageJson, folder: Folder, notes: string[]): Manager {
  const managers: Manager[] = ['pnpm', 'yarn', 'npm'];
  const locked = managers.filter((each) => lockfiles[each].some((file) => folder.files.has(file)));
  const named =
    typeof manifest.packageManager === 'string' ? manifest.packageManager.split('@')[0] : undefined;
  const chosen = managers.find((each) => each === named) ?? locked[0] ?? 'npm';
  if (locked.length > 1) notes.push(`lockfiles of ${locked.join(' and ')} are present; ${chosen} is used`);
  if (folder.files.has('bun.lock') || folder.files.has('bun.lockb'))
    notes.push('a bun lockfile is present; bun is not detected, adapt `setup` and `checks` if it is in use');
  return chosen;
}

async function planInstall(
  manifest: PackageJson,
  folder: Folder,
  found: { manager: Manager; lockfile: string | undefined; notes: string[] },
): Promise<DetectedSetup[]> {
  const { manager, lockfile, notes } = found;
  const hasPackages = [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies].some(
    (each) => typeof each === 'object' && each !== null && Object.keys(each).length > 0,
  );
  if (!lockfile && !hasPackages && manifest.workspaces === undefined) return [];
  const lockText = lockfile ? ((await folder.readText(lockfile)) ?? '') : '';
  if (!lockfile) notes.push('there is no lockfile, so two set-ups may differ; commit one');
  if (/git\+ssh:|git@/.test(lockText)) notes.push('a dependency comes over ssh, which set-up cannot reach');
  const fromLock = lockfile ? hostsOfLockfile(lockText) : [];
  const hosts = [...new Set([...fromLock, ...folder.options.registryHosts])].sort();
  if (hosts.length === 0) notes.push('no registry host is known: name it under `setup` → `hosts`');
  const files = [
    ...(lockfile ? [lockfile] : ['package.json']),
    ...(folder.files.has('.npmrc') ? ['.npmrc'] : []),
  ];
  return [{ run: installCommand(manager, lockfile, lockText), lockfiles: files, hosts }];
}

function installCommand(manager: Manager, lockfile: string | undefined, lockText: string): string {
  switch (manager) {
    case 'npm':
      return `npm ${lockfile ? 'ci' : 'install'} --no-audit --no-fund`;
    case 'pnpm':
      return lockfile ? 'pnpm install --frozen-lockfile' : 'pnpm install';
    case 'yarn':
      if (!lockfile) return 'yarn install';
      return /^__metadata:/m.test(lockText) ? 'yarn install --immutable' : 'yarn install --frozen-lockfile';
  }
}

/** Hosts of the addresses that packages were resolved to; other addresses in the file (funding, homepages) do not count. */
export function hostsOfLockfile(text: string): string[] {
  const addresses = [
    ...text.matchAll(
      /\b(?:resolved|tarball|resolution)"?:? *\{?[^\n]{0,300}?"?((?:git\+)?https?:\/\/[^\s"',}]+)/g,
    ),
  ];
  const hosts = addresses.flatMap((match) => (match[1] === undefined ? [] : [hostOfUrl(match[1])]));
  return [...new Set(hosts.flatMap((host) => host ?? []))].sort();
}

function chooseChecks(manager: Manager, manifest: PackageJson, notes: string[]): DetectedCheck[] {
  const scripts = (manifest.scripts ?? {}) as Record<string, unknown>;
  return checkScripts.flatMap((names) => {
    const name = names.find((each) => typeof scripts[each] === 'string');
    if (name === undefined) return [];
    const command = String(scripts[name]);
    if (name === 'test' && /no test specified/.test(command)) {
      notes.push("the `test` script is npm's placeholder and is left out");
      return [];
    }
    if (/--watch(?!=false|All=false)\b/.test(command))
      notes.push(`the script \`${name}\` seems to watch and may never end`);
    const run = name === 'test' ? `${manager} test` : `${manager} run ${name}`;
    return [{ name: names[0] === 'format:check' ? 'format' : (names[0] ?? name), run }];
  });
}
