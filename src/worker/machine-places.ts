/** Where on this machine cells and workspaces are, and how much a cell may use, as the home and the policy say. */
import path from 'node:path';
import type { HomePaths } from '../base/home.ts';
import { newId } from '../base/ids.ts';
import type { CellDriver, CellLimits } from '../cells/cell.ts';
import type { CellHost } from '../cells/cell-host.ts';
import type { Policy } from '../policy/policy.ts';
import type { HeldSecrets } from '../secrets/held-secrets.ts';
import { createWorkspaces, type WorkspaceStore } from '../workspaces/create-workspaces.ts';

/** Where cells live and which tools they find; everything else is the driver's. */
export function cellHost(paths: HomePaths, env: { readonly PATH?: string | undefined }): Partial<CellHost> {
  return { cellsDir: paths.cells, ...(env.PATH ? { path: env.PATH } : {}) };
}

export function buildWorkspaces(
  paths: HomePaths,
  driver: CellDriver,
  { setupEnv, secrets }: { setupEnv: Readonly<Record<string, string>>; secrets: HeldSecrets },
): WorkspaceStore {
  return createWorkspaces({
    root: paths.workspaces,
    cacheRoot: path.join(paths.cache, 'setup'),
    driver,
    setupEnv,
    redactor: secrets.redactor,
    newId,
  });
}

export function cellLimits(policy: Policy): CellLimits {
  return {
    memoryMb: policy.cells.memoryMb,
    processes: policy.cells.processes,
    commandTimeoutMs: policy.limits.commandTimeoutMs,
    outputBytes: policy.cells.outputBytes,
    fileBytes: policy.cells.fileBytes,
  };
}
