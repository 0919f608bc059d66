/** Lists the files of the workspace and searches them in a thread of its own, so that no pattern can hold up the cell. */
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Answer, GlobParams, GrepParams } from './protocol.ts';
import type { SearchOrder, SearchResult } from './search-thread.ts';

export interface SearchScope {
  workspace: string;
  /** Environment for git. */
  env: Record<string, string>;
  fileBytes: number;
}

const listTimeoutMs = 20_000;
const searchTimeoutMs = 20_000;
const listBytes = 64 * 1024 * 1024;
/** A walk without git ends here. */
const walkedFiles = 200_000;

export async function globFiles(
  scope: SearchScope,
  params: GlobParams,
): Promise<Answer<{ paths: string[]; isCut: boolean }>> {
  const files = await listFiles(scope);
  const answer = await searchInThread({ kind: 'glob', workspace: scope.workspace, files, ...params });
  if (!answer.ok || answer.value.kind !== 'glob') return answer.ok ? unexpected() : answer;
  return { ok: true, value: { paths: answer.value.paths, isCut: answer.value.isCut } };
}

export async function grepFiles(
  scope: SearchScope,
  params: GrepParams,
): Promise<Answer<{ hits: { path: string; line: number; text: string }[]; isCut: boolean }>> {
  const files = await listFiles(scope);
  const { workspace, fileBytes } = scope;
  const answer = await searchInThread({ kind: 'grep', workspace, fileBytes, files, ...params });
  if (!answer.ok || answer.value.kind !== 'grep') return answer.ok ? unexpected() : answer;
  return { ok: true, value: { hits: answer.value.hits, isCut: answer.value.isCut } };
}

/** Tracked and untracked files, ignored ones left out; without a usable git, everything outside `.git` folders. */
async function listFiles(scope: SearchScope): Promise<string[]> {
  const listed = (await listWithGit(scope)) ?? (await walk(scope.workspace));
  return [...new Set(listed)].sort();
}

function listWithGit(scope: SearchScope): Promise<string[] | null> {
  return new Promise((resolve) => {
    const settings = ['core.fsmonitor=false', 'core.untrackedCache=false', 'safe.directory=*'];
    const args = [
      ...settings.flatMap((setting) => ['-c', setting]),
      'ls-files',
      '-z',
      '-co',
      '--exclude-standard',
    ];
    const env = { ...scope.env, GIT_OPTIONAL_LOCKS: '0', GIT_CONFIG_NOSYSTEM: '1' };
    const child = spawn('git', args, {
      cwd: scope.workspace,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: listTimeoutMs,
      killSignal: 'SIGKILL',
    });
    const chunks: Buffer[] = [];
    let size = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > listBytes) child.kill('SIGKILL');
      else chunks.push(chunk);
    });
    child.on('error', () => resolve(null));
    child.on('close', (code) => {
      if (code !== 0) return resolve(null);
      resolve(Buffer.concat(chunks).toString('utf8').split('\0').filter(Boolean));
    });
  });
}

async function walk(workspace: string): Promise<string[]> {
  const files: string[] = [];
  const folders = [''];
  for (
    let folder = folders.pop();
    folder !== undefined && files.length < walkedFiles;
    folder = folders.pop()
  ) {
    const entries = await readdir(join(workspace, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.name.toLowerCase() === '.git') continue;
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile() || entry.isSymbolicLink()) files.push(path);
    }
  }
  return files;
}

function searchInThread(order: SearchOrder): Promise<Answer<SearchResult>> {
  return new Promise((resolve) => {
    // The same file runs as source and compiled; only its extension differs.
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
    const script = fileURLToPath(new URL(`./search-thread${extension}`, import.meta.url));
    const worker = new Worker(script, { workerData: order, resourceLimits: { maxOldGenerationSizeMb: 512 } });
    const settle = (answer: Answer<SearchResult>) => {
      clearTimeout(timer);
      void worker.terminate();
      resolve(answer);
    };
    const timer = setTimeout(() => {
      settle({
        ok: false,
        message: `the search took more than ${searchTimeoutMs / 1000} s; use a simpler pattern`,
      });
    }, searchTimeoutMs);
    worker.once('message', (answer: Answer<SearchResult>) => settle(answer));
    worker.once('error', (error) => settle({ ok: false, message: `the search failed: ${error.message}` }));
  });
}

function unexpected(): Answer<never> {
  return { ok: false, message: 'the search failed' };
}
