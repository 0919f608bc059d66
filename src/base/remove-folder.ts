/** Deletes a folder whatever is in it: what nobody may enter, and paths longer than the system takes in one call. */
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';

/**
 * Gone when it resolves, also when it was not there. Links are never followed. Nothing may still write in it.
 * @throws what the last attempt failed with.
 */
export async function removeFolder(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    await run('chmod', ['-R', 'u+rwX', '--', path]);
    // Walks by open folders, so that no depth is too much for it.
    await run('rm', ['-rf', '--', path]);
    await rm(path, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore' });
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
}
