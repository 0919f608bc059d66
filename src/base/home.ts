/** Where state lives: one directory outside every repository. Computes paths only; creates and reads nothing. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { MeshwrightError } from './errors.ts';

export interface HomePaths {
  home: string;
  /** The log file and its rotated predecessors. */
  logs: string;
  /** Binaries' data directory, socket and lock of the embedded server. */
  postgres: string;
  /** One bare repository per project. */
  mirrors: string;
  /** Checkouts of agents and gates, and their trash; may be deleted when nothing runs. */
  workspaces: string;
  /** Private directories of running cells. */
  cells: string;
  /** Set-up results by lockfile; may be deleted at any time. */
  cache: string;
}

/**
 * `$MESHWRIGHT_HOME`; else `$XDG_DATA_HOME/meshwright`; else `~/.local/share/meshwright`, on macOS
 * `~/Library/Application Support/meshwright`. A relative `$XDG_DATA_HOME` is ignored, as its specification says.
 * @throws MeshwrightError home_not_absolute
 */
export function meshwrightHome(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string {
  const chosen = env.MESHWRIGHT_HOME;
  if (chosen) {
    if (isAbsolute(chosen)) return chosen;
    throw new MeshwrightError('home_not_absolute', `MESHWRIGHT_HOME is not an absolute path: ${chosen}`, {
      hint: 'Set it to an absolute path, or unset it to use the default.',
      exitCode: 2,
    });
  }
  const xdg = env.XDG_DATA_HOME;
  if (xdg && isAbsolute(xdg)) return join(xdg, 'meshwright');
  const user = personHome(env);
  if (platform === 'darwin') return join(user, 'Library', 'Application Support', 'meshwright');
  return join(user, '.local', 'share', 'meshwright');
}

/** What `~` stands for. */
export function personHome(env: Readonly<Record<string, string | undefined>>): string {
  return env.HOME && isAbsolute(env.HOME) ? env.HOME : homedir();
}

export function homePaths(home: string): HomePaths {
  return {
    home,
    logs: join(home, 'logs'),
    postgres: join(home, 'postgres'),
    mirrors: join(home, 'mirrors'),
    workspaces: join(home, 'workspaces'),
    cells: join(home, 'cells'),
    cache: join(home, 'cache'),
  };
}
