/**
 * Does the profile's set-up in a workspace, or copies what an earlier one with the same inputs left behind. Outputs
 * are the untracked paths that appeared; changes of tracked files are undone, so that both ways give the same tree.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Finding } from '../artifacts/finding.ts';
import { removeFolder } from '../base/remove-folder.ts';
import type { CellDriver } from '../cells/cell.ts';
import { listGit, runGit } from '../git/run-git.ts';
import { type Checkout, onCheckout, writeAgentExcludes } from './check-out-commit.ts';
import { copyOutputs, relocateOutputs } from './copy-outputs.ts';
import { runSetup } from './run-setup.ts';
import { setupEnvironment, storeFolder } from './setup-environment.ts';
import { computeSetupKey } from './setup-key.ts';
import type { PrepareRequest } from './workspace.ts';

export type SetupOutcome =
  | { ok: true; outputs: string[]; env: Record<string, string> }
  | { ok: false; findings: Finding[] };

export interface SetupCacheOptions {
  /** Absolute; results of set-up, shared by all workspaces. Safe to delete while nothing runs. */
  cacheRoot: string;
  driver: CellDriver;
  /** Environment of set-up commands: registries and certificates. */
  setupEnv: Readonly<Record<string, string>>;
}

export interface SetupCache {
  setUp(checkout: Checkout, request: PrepareRequest): Promise<SetupOutcome>;
}

const manifestShape = z.object({ outputs: z.array(z.string()), origin: z.string() });
type Manifest = z.infer<typeof manifestShape>;

export function createSetupCache(options: SetupCacheOptions): SetupCache {
  const underWay = new Map<string, Promise<SetupOutcome>>();

  const restore = async (key: string, checkout: Checkout): Promise<SetupOutcome | null> => {
    const entry = join(options.cacheRoot, key);
    const manifest = await readManifest(entry);
    if (manifest === null) return null;
    const { origin } = manifest;
    const from = join(entry, 'files');
    const outputs = await copyOutputs({ from, to: checkout.tree, outputs: manifest.outputs });
    await relocateOutputs({ tree: checkout.tree, outputs, origin });
    return finish(checkout, outputs);
  };

  const perform = async (key: string, checkout: Checkout, request: PrepareRequest): Promise<SetupOutcome> => {
    const { driver, setupEnv } = options;
    const env = { ...setupEnv, ...setupEnvironment(checkout.tree) };
    const findings = await runSetup({ driver, env, checkout, request });
    if (findings.length > 0) return { ok: false, findings };
    await runGit(onCheckout(checkout, ['checkout-index', '--all', '--force', '--index', '--quiet']));
    const outputs = await listOutputs(checkout);
    await store(options.cacheRoot, key, { checkout, outputs });
    return finish(checkout, outputs);
  };

  return {
    setUp: async (checkout, request) => {
      if (request.setup.length === 0) return { ok: true, outputs: [], env: {} };
      const key = await computeSetupKey(checkout, { setup: request.setup, driverName: options.driver.name });
      for (;;) {
        const restored = await restore(key, checkout);
        if (restored !== null) return restored;
        const other = underWay.get(key);
        if (other === undefined) break;
        // Theirs may fail or be aborted: then this one tries for itself.
        await other.catch(() => undefined);
        request.signal?.throwIfAborted();
      }
      const work = perform(key, checkout, request);
      underWay.set(key, work);
      try {
        return await work;
      } finally {
        underWay.delete(key);
      }
    },
  };
}

async function finish(checkout: Checkout, copied: readonly string[]): Promise<SetupOutcome> {
  // Later commands may fill the store even when set-up itself put nothing there.
  const outputs = [...new Set([...copied, storeFolder])];
  await writeAgentExcludes(checkout, outputs);
  return { ok: true, outputs, env: setupEnvironment(checkout.tree) };
}

/** Untracked and ignored paths, whole folders as one, without the agent's git directory. */
async function listOutputs(checkout: Checkout): Promise<string[]> {
  const paths = await listGit(onCheckout(checkout, ['ls-files', '--others', '--directory', '-z']));
  return paths.map((path) => path.replace(/\/$/, '')).filter((path) => path !== '.git' && path !== '');
}

/** Complete or not at all: written beside its place and renamed into it. Whoever comes second drops his. */
async function store(
  cacheRoot: string,
  key: string,
  result: { checkout: Checkout; outputs: string[] },
): Promise<void> {
  const draft = join(cacheRoot, `.${key}.${randomBytes(6).toString('hex')}`);
  const { tree } = result.checkout;
  await mkdir(join(draft, 'files'), { recursive: true });
  try {
    await copyOutputs({ from: tree, to: join(draft, 'files'), outputs: result.outputs });
    const manifest: Manifest = { outputs: result.outputs, origin: tree };
    await writeFile(join(draft, 'manifest.json'), JSON.stringify(manifest));
    await rename(draft, join(cacheRoot, key));
  } catch (error) {
    if ((await readManifest(join(cacheRoot, key))) === null) throw error;
  } finally {
    await removeFolder(draft);
  }
}

/** Of a process that died while it stored a result; a living one needs minutes. */
const draftAgeMs = 24 * 3_600_000;

export async function removeOldDrafts(cacheRoot: string, now: number): Promise<void> {
  for (const name of await readdir(cacheRoot).catch(() => [])) {
    if (!/^\.[0-9a-f]{40}\.[0-9a-f]{12}$/.test(name)) continue;
    const place = join(cacheRoot, name);
    const facts = await stat(place).catch(() => null);
    if (facts !== null && now - facts.mtimeMs > draftAgeMs) await removeFolder(place).catch(() => undefined);
  }
}

async function readManifest(entry: string): Promise<Manifest | null> {
  try {
    return manifestShape.parse(JSON.parse(await readFile(join(entry, 'manifest.json'), 'utf8')));
  } catch {
    return null;
  }
}
