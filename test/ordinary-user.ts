/** Who stands for an ordinary user where the tests run as root. */
import { spawnSync } from 'node:child_process';

export interface OrdinaryUser {
  uid: number;
  gid: number;
}

/** Null when the tests do not run as root, or when the checkout lies where only root may enter (its own home). */
export function findOrdinaryUser(): OrdinaryUser | null {
  if (process.getuid?.() !== 0) return null;
  const user = { uid: 1000, gid: 1000 };
  const isReachable = spawnSync(process.execPath, ['--version'], { ...user, cwd: '/' }).status === 0;
  return isReachable ? user : null;
}
