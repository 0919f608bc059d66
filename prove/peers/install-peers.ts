/** Installs what the suites compare with, from its own lockfile, when it is not there. Never part of the product. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

export const peersDir = import.meta.dirname;

/** Returns the version of LangGraph.js. */
export async function installPeers(say: (line: string) => void): Promise<string> {
  const manifest = path.join(peersDir, 'node_modules/@langchain/langgraph/package.json');
  if (!existsSync(manifest)) {
    say('npm ci in prove/peers');
    const options = { timeout: 240_000 };
    await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund', '--prefix', peersDir], options);
  }
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
