/**
 * Installs the real coding agents from the registry into a temporary folder, in exact versions. Where the registry cannot be
 * reached the tests are left out with a word, but not in CI.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const agentVersions: Readonly<Record<string, string>> = {
  'opencode-ai': '1.18.33',
  '@agentclientprotocol/claude-agent-acp': '0.100.0',
};

export interface InstalledAgents {
  /** Folder with the programs, to be put on a PATH. */
  bin: string;
  remove(): Promise<void>;
}

/** Null: there is no registry here. */
export async function installAgents(names: readonly string[]): Promise<InstalledAgents | null> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mw-agents-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  const packages = names.map((name) => `${name}@${agentVersions[name]}`);
  const args = ['install', '--no-audit', '--no-fund', '--no-save', '--loglevel=error', ...packages];
  try {
    await promisify(execFile)('npm', args, { cwd: folder, timeout: 100_000 });
  } catch (error) {
    await remove();
    if (process.env.CI === 'true') throw error;
    const why = error instanceof Error ? error.message.split('\n').at(-2) : '';
    console.warn(
      `Tests of real outside agents are left out here: npm could not install ${names.join(', ')}: ${why}`,
    );
    return null;
  }
  return { bin: path.join(folder, 'node_modules', '.bin'), remove };
}
