/**
 * How to run PostgreSQL, which refuses to run as root: as it is for an ordinary user; for root in a user namespace
 * where its id looks like another, or under an unprivileged uid. Containers forbid now one, now the other, so each
 * is tried for real. Knows nothing of what is launched.
 */
import { type SpawnOptions, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MeshwrightError } from '../base/errors.ts';

export interface Launcher {
  name: 'plain' | 'namespace' | 'other-uid' | 'other-uid-with-capability';
  /** Goes before the program and its arguments. */
  prefix: string[];
  /** Owner, as seen from here, of the files that the launched program must own; undefined: whoever makes them. */
  ownerUid: number | undefined;
  spawn: Pick<SpawnOptions, 'uid' | 'gid'>;
}

/** Nobody's id on most systems; it owns nothing else that matters here. */
const OTHER_UID = 65_534;

const PLAIN: Launcher = { name: 'plain', prefix: [], ownerUid: undefined, spawn: {} };

/** In this order: the namespace keeps every file root's own and works under a home that only root can enter. */
export const ROOT_LAUNCHERS: readonly Launcher[] = [
  { name: 'namespace', prefix: ['unshare', '-U', '--map-user=1000'], ownerUid: 0, spawn: {} },
  { name: 'other-uid', prefix: [], ownerUid: OTHER_UID, spawn: { uid: OTHER_UID, gid: OTHER_UID } },
  // A home below a 0700 directory where namespaces are forbidden: the one capability to pass through it.
  {
    name: 'other-uid-with-capability',
    prefix: [
      'setpriv',
      `--reuid=${OTHER_UID}`,
      `--regid=${OTHER_UID}`,
      '--clear-groups',
      // Without it the kernel takes the capability away for access(2), with which PostgreSQL looks for its own programs.
      '--securebits=+no_setuid_fixup',
      '--inh-caps=+dac_override',
      '--ambient-caps=+dac_override',
    ],
    ownerUid: OTHER_UID,
    spawn: {},
  },
];

/**
 * The first launcher under which `program --version` runs and a file can be made below `dir`.
 * @throws MeshwrightError `database_cannot_start_as_root`.
 */
export function chooseLauncher(
  dir: string,
  program: { path: string; env: NodeJS.ProcessEnv },
  candidates: readonly Launcher[] = process.getuid?.() === 0 ? ROOT_LAUNCHERS : [PLAIN],
): Launcher {
  const reasons: string[] = [];
  for (const launcher of candidates) {
    if (launcher.name === 'plain') return launcher;
    const reason = probe(launcher, dir, program);
    if (reason === undefined) return launcher;
    reasons.push(`${launcher.name}: ${reason}`);
  }
  throw new MeshwrightError(
    'database_cannot_start_as_root',
    `PostgreSQL does not run as root, and no other way worked (${reasons.join('; ')}).`,
    {
      hint: 'Run as an ordinary user, set DATABASE_URL, or put MESHWRIGHT_HOME where other users may enter.',
    },
  );
}

/** Undefined when it works, else why not. */
function probe(
  launcher: Launcher,
  dir: string,
  program: { path: string; env: NodeJS.ProcessEnv },
): string | undefined {
  const playground = join(dir, `probe.${process.pid}`);
  mkdirSync(playground, { recursive: true, mode: 0o700 });
  try {
    giveTo(launcher, playground);
    const script = '[ "$(id -u)" != 0 ] && : > "$1/file" && cd "$1" && "$2" --version >&2';
    const [command, ...args] = [...launcher.prefix, '/bin/sh', '-c', script, 'sh', playground, program.path];
    const result = spawnSync(command ?? '', args, {
      ...launcher.spawn,
      env: program.env,
      cwd: '/',
      encoding: 'utf8',
      timeout: 10_000,
    });
    if (result.status === 0) return undefined;
    return result.error?.message ?? (result.stderr.trim().split('\n').at(-1) || `status ${result.status}`);
  } finally {
    rmSync(playground, { recursive: true, force: true });
  }
}

/** Makes a file tree the launched program's own, unless it is already. */
export function giveTo(launcher: Launcher, path: string): void {
  const { ownerUid } = launcher;
  if (ownerUid === undefined || statSync(path).uid === ownerUid) return;
  const result = spawnSync('chown', ['-R', `${ownerUid}:${ownerUid}`, path], { encoding: 'utf8' });
  if (result.status !== 0) chownSync(path, ownerUid, ownerUid);
}
