/** A Cell over a temporary folder without any isolation: for tests of what stands before a cell, never for agents' work. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import picomatch from 'picomatch';
import type { Cell, ExecRequest, ExecResult } from '../../src/cells/cell.ts';

export interface FolderCell extends Cell {
  dir: string;
  /** What was executed, in order. */
  executed: ExecRequest[];
}

export async function openFolderCell(files: Record<string, string> = {}): Promise<FolderCell> {
  const dir = await mkdtemp(join(tmpdir(), 'folder-cell-'));
  const executed: ExecRequest[] = [];
  const cell: FolderCell = {
    id: dir,
    dir,
    pid: process.pid,
    executed,
    gatewayPort: null,
    spawn: async () => ({ ok: false, message: 'this cell starts no long-lived program' }),
    exec: (request, signal) => {
      executed.push(request);
      return execute(dir, request, signal);
    },
    readFile: async (path) => {
      try {
        return { ok: true, value: await readFile(join(dir, path), 'utf8') };
      } catch {
        return { ok: false, message: `${path} does not exist` };
      }
    },
    writeFile: async (path, content) => {
      const isNew = !(await cell.readFile(path)).ok;
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), content);
      return { ok: true, value: { isNew } };
    },
    glob: async (pattern, limit) => {
      const paths = (await listFiles(dir)).filter((path) => picomatch.isMatch(path, pattern));
      return { ok: true, value: { paths: paths.slice(0, limit), isCut: paths.length > limit } };
    },
    grep: async (pattern, { glob, limit }) => {
      const hits = [];
      for (const path of await listFiles(dir)) {
        if (glob !== undefined && !picomatch.isMatch(path, glob)) continue;
        const lines = (await readFile(join(dir, path), 'utf8')).split('\n');
        for (const [index, text] of lines.entries()) {
          if (new RegExp(pattern).test(text)) hits.push({ path, line: index + 1, text });
        }
      }
      return { ok: true, value: { hits: hits.slice(0, limit), isCut: hits.length > limit } };
    },
    close: () => rm(dir, { recursive: true, force: true }),
  };
  for (const [path, content] of Object.entries(files)) await cell.writeFile(path, content);
  return cell;
}

async function listFiles(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
}

function execute(dir: string, request: ExecRequest, signal?: AbortSignal): Promise<ExecResult> {
  const [program = '', ...args] = request.argv;
  const startedMs = performance.now();
  const options = {
    cwd: join(dir, request.cwd ?? ''),
    timeout: request.timeoutMs ?? 10_000,
    ...(signal ? { signal } : {}),
  };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({
        exitCode: code,
        signal: error?.signal ?? null,
        stdout,
        stderr,
        isTimedOut: error?.killed === true && signal?.aborted !== true,
        isTruncated: false,
        durationMs: performance.now() - startedMs,
      });
    });
  });
}
