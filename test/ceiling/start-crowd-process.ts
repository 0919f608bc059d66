/** Starts a crowd in a process of its own and holds it at the start line, so that several begin together. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CrowdOptions, CrowdReport } from './crowd.ts';

export interface CrowdProcess {
  /** It is connected and waits. Rejects when it ended before that. */
  ready: Promise<void>;
  /** Lets it run. Rejects when it fails. */
  go(): Promise<CrowdReport>;
  /** Does nothing when it has ended. */
  kill(): void;
}

const main = fileURLToPath(new URL('./crowd-process.ts', import.meta.url));

export function startCrowdProcess(url: string, options: CrowdOptions): CrowdProcess {
  const args = ['--disable-warning=ExperimentalWarning', main, url, JSON.stringify(options)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  let complained = '';
  const ended = new Promise<CrowdReport>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(said.slice(said.indexOf('\n') + 1)) as CrowdReport);
      else reject(new Error(`a crowd's process ended with ${code}: ${complained}`));
    });
  });
  ended.catch(() => {});
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      if (said.includes('\n')) resolve();
    });
    ended.catch(reject);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complained += chunk;
  });
  return {
    ready,
    go() {
      child.stdin.end();
      return ended;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
