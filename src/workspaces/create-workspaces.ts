/**
 * Makes workspaces: a shared clone of the mirror at a commit, set-up done, and takes them away again. Knows nothing of
 * items or roles; which commit and which set-up is the caller's word.
 */
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshwrightError } from '../base/errors.ts';
import type { Redactor } from '../secrets/redactor.ts';
import { captureTree, captureWhatCanBe } from './capture-tree.ts';
import { type Checkout, checkOutCommit, checkoutAt } from './check-out-commit.ts';
import { relocateOutputs } from './copy-outputs.ts';
import { createSetupCache, removeOldDrafts, type SetupCacheOptions } from './setup-cache.ts';
import { createTrash } from './trash.ts';
import type { PrepareOutcome, ReopenRequest, Workspace, Workspaces } from './workspace.ts';
import { readWorkspaceRecord, writeWorkspaceRecord } from './workspace-record.ts';

export interface WorkspacesOptions extends SetupCacheOptions {
  /** Absolute; every workspace is a folder in it, and so is the trash. */
  root: string;
  /** Files with what it finds never become a commit. */
  redactor: Redactor;
  newId: () => string;
}

export interface WorkspaceStore extends Workspaces {
  /** Deletes what was discarded, here or by a process that died; resolves when it is gone. */
  emptyTrash(): Promise<void>;
}

export function createWorkspaces(options: WorkspacesOptions): WorkspaceStore {
  const { redactor } = options;
  const trash = createTrash(join(options.root, '.trash'), options.newId);
  const cache = createSetupCache(options);
  const folderOf = (id: string) => {
    checkId(id);
    return join(options.root, id);
  };
  const reopen = async ({ id, from, mirror }: ReopenRequest): Promise<Workspace | null> => {
    const [old, dir] = [folderOf(from), folderOf(id)];
    const record = await readWorkspaceRecord(old);
    if (record === null) return null;
    if (old !== dir) {
      await trash.throwAway(dir);
      await rename(old, dir);
    }
    const checkout = checkoutAt(dir, { commit: record.commit, mirrorDir: mirror.dir });
    const { outputs, env } = await movedSetup(record, checkout);
    await writeWorkspaceRecord(dir, { commit: record.commit, outputs, env, tree: checkout.tree });
    return workspaceOn(checkout, { outputs, env, redactor }, () => trash.throwAway(dir));
  };
  return {
    emptyTrash: async () => {
      await trash.empty();
      await removeOldDrafts(options.cacheRoot, Date.now());
    },
    reopen,
    list: async () =>
      (await readdir(options.root).catch(() => [])).filter((name) => !name.startsWith('.')).sort(),
    discard: (id) => trash.throwAway(folderOf(id)),
    prepare: async (request) => {
      const dir = folderOf(request.id);
      await mkdir(options.root, { recursive: true });
      // A process that died while preparing it: nothing in there was ever handed out.
      if (await exists(dir)) await trash.throwAway(dir);
      try {
        const checkout = await checkOutCommit({ ...request, dir });
        const setup = await cache.setUp(checkout, request);
        if (setup.ok) {
          const { outputs, env } = setup;
          await writeWorkspaceRecord(dir, { commit: request.commit, outputs, env, tree: checkout.tree });
          const workspace = workspaceOn(checkout, { outputs, env, redactor }, () => trash.throwAway(dir));
          return { ok: true, workspace };
        }
        await trash.throwAway(dir);
        return setup satisfies PrepareOutcome;
      } catch (error) {
        await trash.throwAway(dir);
        throw error;
      }
    },
  };
}

/** What set-up left knows its own place (a Python environment does): told of the new one, as when it comes from the cache. */
async function movedSetup(
  record: { outputs: string[]; env: Record<string, string>; tree: string },
  { tree }: Checkout,
): Promise<{ outputs: string[]; env: Record<string, string> }> {
  const { outputs, tree: origin } = record;
  if (origin !== tree) await relocateOutputs({ tree, outputs, origin });
  const env = Object.entries(record.env).map(([name, value]) => [name, value.replaceAll(origin, tree)]);
  return { outputs, env: Object.fromEntries(env) as Record<string, string> };
}

function workspaceOn(
  checkout: Checkout,
  setup: { outputs: readonly string[]; env: Record<string, string>; redactor: Redactor },
  discard: () => Promise<void>,
): Workspace {
  let captured: Promise<unknown> = Promise.resolve();
  return {
    dir: checkout.tree,
    commit: checkout.commit,
    readable: checkout.readable,
    env: setup.env,
    captureTree: ({ isUnfinished = false, emptyPlaces = [] } = {}) => {
      // One index, one capture at a time.
      const next = captured.then(() =>
        (isUnfinished ? captureWhatCanBe : captureTree)(checkout, setup.outputs, {
          redactor: setup.redactor,
          emptyPlaces: new Set(emptyPlaces),
        }),
      );
      captured = next.catch(() => undefined);
      return next;
    },
    discard,
  };
}

function checkId(id: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(id)) return;
  throw new MeshwrightError('bad_workspace_id', `${JSON.stringify(id)} cannot be the name of a workspace`);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
