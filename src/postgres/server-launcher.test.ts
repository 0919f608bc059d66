import { spawnSync } from 'node:child_process';
import { closeSync, cpSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findBinaries } from './embedded-binaries.ts';
import { startPostgres } from './postgres-process.ts';
import { chooseLauncher, giveTo, type Launcher, ROOT_LAUNCHERS } from './server-launcher.ts';
import { preparePaths } from './server-paths.ts';

const program = { path: join(findBinaries().nativeDir, 'bin', 'postgres'), env: { PATH: process.env.PATH } };

/** A directory below one that only its owner may enter, as root's own home is. */
async function withPrivateHome(test: (home: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'meshwright-launcher-'));
  const home = join(dir, 'home');
  mkdirSync(home);
  try {
    await test(home);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function works(launcher: Launcher, dir: string): boolean {
  try {
    return chooseLauncher(dir, program, [launcher]) === launcher;
  } catch {
    return false;
  }
}

describe.skipIf(process.getuid?.() !== 0)(
  'PostgreSQL for root, below a directory that only root may enter',
  () => {
    it('is not run under a uid that could not reach it', async () => {
      await withPrivateHome(async (home) => {
        const otherUid = ROOT_LAUNCHERS.filter((launcher) => launcher.name === 'other-uid');
        expect(() => chooseLauncher(home, program, otherUid)).toThrow(
          expect.objectContaining({ code: 'database_cannot_start_as_root' }),
        );
        expect(() => chooseLauncher(home, program)).not.toThrow();
      });
    });

    it('finds its own programs, installed below that directory too, in every way that this machine allows', async () => {
      await withPrivateHome(async (home) => {
        const native = join(home, 'native');
        cpSync(findBinaries().nativeDir, native, { recursive: true, verbatimSymlinks: true });
        const initdb = join(native, 'bin', 'initdb');
        const launchers = ROOT_LAUNCHERS.filter((launcher) => works(launcher, home));
        for (const launcher of launchers) {
          const dir = join(home, launcher.name);
          mkdirSync(dir, { mode: 0o700 });
          giveTo(launcher, dir);
          const [command = '', ...args] = [...launcher.prefix, initdb, '-D', join(dir, 'data'), '--no-sync'];
          const env = { ...program.env, LD_LIBRARY_PATH: join(native, 'lib') };
          const result = spawnSync(command, args, { ...launcher.spawn, env, cwd: '/', encoding: 'utf8' });
          expect(result.status, `${launcher.name}: ${result.stderr}`).toBe(0);
        }
      });
    });

    // Which of these a machine allows differs: containers forbid namespaces, others lack setpriv.
    it('starts in every way that this machine allows, one after the other on the same data', async (context) => {
      await withPrivateHome(async (home) => {
        const paths = preparePaths(home);
        const launchers = ROOT_LAUNCHERS.filter((launcher) => works(launcher, paths.root));
        if (launchers.length === 0) context.skip('neither namespaces nor capabilities are allowed here');
        for (const launcher of launchers) {
          const logFd = openSync(paths.log, 'a');
          try {
            const server = await startPostgres(paths, { logFd, launchers: [launcher] });
            expect(statSync(paths.data).uid).toBe(launcher.ownerUid);
            await server.stop();
          } finally {
            closeSync(logFd);
          }
        }
      });
    });
  },
);
