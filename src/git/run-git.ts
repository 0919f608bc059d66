/**
 * The one way git is started: an argument list, an environment of our own, bounded output and time. Nothing that a
 * repository or a person configures (hooks, fsmonitor, pagers, remote helpers) runs. Knows nothing of mirrors or items.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { devNull } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { MeshwrightError } from '../base/errors.ts';

export interface GitRequest {
  /** Everything after `git`; the first one names the subject in errors. */
  args: readonly string[];
  /** Where it runs; the repository is found from here unless `gitDir` says otherwise. */
  cwd: string;
  gitDir?: string;
  workTree?: string;
  indexFile?: string;
  /** Where new objects are written; those of the repository are read all the same. Needs `gitDir`. */
  objectDir?: string | undefined;
  /** Further settings, `name=value`, for this call alone. */
  config?: readonly string[];
  /** `user`: the person's own global and system settings count (their ignore file, line endings); hooks never. */
  trust?: 'none' | 'user';
  /** Fixed identity and dates of a commit; only names that begin with GIT_. */
  identity?: Readonly<Record<string, string>>;
  stdin?: string;
  timeoutMs?: number;
  /** Bytes of stdout beyond which the call is ended and fails. */
  outputBytes?: number;
  /** Exit codes besides 0 that are answers, not failures. */
  answers?: readonly number[];
  signal?: AbortSignal | undefined;
}

export interface GitResult {
  exitCode: number;
  stdout: Buffer;
  stderr: string;
}

const defaultTimeoutMs = 120_000;
const defaultOutputBytes = 256 * 1024 * 1024;
const stderrBytes = 64 * 1024;

/** Local repositories only: no transport that could start a program or open a connection. */
const hardening = [
  `core.hooksPath=${devNull}`,
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.protectHFS=true',
  'core.protectNTFS=true',
  'core.pager=cat',
  'core.alternateRefsCommand=',
  'diff.external=',
  'diff.ignoreSubmodules=all',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'fetch.bundleURI=',
  'protocol.allow=never',
  'protocol.file.allow=always',
  'gc.auto=0',
  'maintenance.auto=false',
  'commit.gpgSign=false',
  'advice.detachedHead=false',
  'advice.graftFileDeprecated=false',
  'safe.directory=*',
];

/**
 * The other side of a fetch is started by git without our settings and environment, so those that matter are in its
 * command line: no hook, no grafts, and nothing fetched from elsewhere for a repository that is not whole.
 */
export const uploadPackCommand =
  "GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_GRAFT_FILE=/dev/null GIT_NO_LAZY_FETCH=1 git -c safe.directory='*' -c core.hooksPath=/dev/null " +
  '-c advice.graftFileDeprecated=false -c protocol.allow=never upload-pack';

/**
 * Runs git to its end.
 * @throws MeshwrightError `git_missing` when there is none, `git_failed` (subject, last line of stderr) otherwise;
 *   the signal's reason when it aborts.
 */
export async function runGit(request: GitRequest): Promise<GitResult> {
  request.signal?.throwIfAborted();
  const outcome = await collect(request);
  const subject = `git ${request.args.find((arg) => !arg.startsWith('-')) ?? ''}`.trim();
  switch (outcome.kind) {
    case 'exited': {
      const { exitCode, stdout, stderr } = outcome;
      if (exitCode === 0 || request.answers?.includes(exitCode)) return { exitCode, stdout, stderr };
      throw gitFailed(subject, request, lastLine(stderr) || `exit code ${exitCode}`);
    }
    case 'aborted':
      throw outcome.reason;
    case 'missing':
      throw gitMissing();
    case 'ended':
      throw gitFailed(subject, request, outcome.why);
  }
}

/** stdout as text without the final newline. */
export async function readGit(request: GitRequest): Promise<string> {
  return (await runGit(request)).stdout.toString('utf8').replace(/\n$/, '');
}

/** NUL-terminated records of stdout (`-z`). */
export async function listGit(request: GitRequest): Promise<string[]> {
  const text = (await runGit(request)).stdout.toString('utf8');
  return text === '' ? [] : text.replace(/\0$/, '').split('\0');
}

type Outcome =
  | { kind: 'exited'; exitCode: number; stdout: Buffer; stderr: string }
  | { kind: 'aborted'; reason: unknown }
  | { kind: 'missing' }
  | { kind: 'ended'; why: string };

function collect(request: GitRequest): Promise<Outcome> {
  const timeoutMs = request.timeoutMs ?? defaultTimeoutMs;
  const limit = request.outputBytes ?? defaultOutputBytes;
  return new Promise((resolve) => {
    const child = spawn('git', argvOf(request), {
      cwd: request.cwd,
      env: environmentOf(request),
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let ended: Outcome | undefined;
    const end = (why: Outcome) => {
      if (ended) return;
      ended = why;
      killGroup(child.pid);
    };
    const timer = setTimeout(() => end({ kind: 'ended', why: `no end after ${timeoutMs} ms` }), timeoutMs);
    const onAbort = () => end({ kind: 'aborted', reason: request.signal?.reason });
    request.signal?.addEventListener('abort', onAbort, { once: true });
    const settle = (outcome: Outcome) => {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', onAbort);
      resolve(ended ?? outcome);
    };
    const chunks: Buffer[] = [];
    let size = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) end({ kind: 'ended', why: `more than ${limit} bytes of output` });
      else chunks.push(chunk);
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-stderrBytes);
    });
    child.on('error', (error: NodeJS.ErrnoException) =>
      settle(error.code === 'ENOENT' ? missingOrNoFolder(request) : { kind: 'ended', why: error.message }),
    );
    child.on('close', (code, signal) =>
      settle(
        code === null
          ? { kind: 'ended', why: `killed by ${signal}` }
          : { kind: 'exited', exitCode: code, stdout: Buffer.concat(chunks), stderr },
      ),
    );
    // git may end before it has read everything; its exit code tells why.
    child.stdin.on('error', () => {});
    child.stdin.end(request.stdin ?? '');
  });
}

function argvOf(request: GitRequest): string[] {
  const trust = request.trust ?? 'none';
  const settings = [
    ...hardening,
    ...(trust === 'none' ? [`core.attributesFile=${devNull}`, `core.excludesFile=${devNull}`] : []),
    ...(request.config ?? []),
  ];
  return ['--no-pager', ...settings.flatMap((setting) => ['-c', setting]), ...request.args];
}

function environmentOf(request: GitRequest): NodeJS.ProcessEnv {
  const trust = request.trust ?? 'none';
  const env: NodeJS.ProcessEnv = {
    PATH: absoluteEntries(process.env.PATH ?? ''),
    LC_ALL: 'C',
    HOME: trust === 'user' ? process.env.HOME : devNull,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_EDITOR: ':',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_GRAFT_FILE: devNull,
    ...request.identity,
  };
  if (trust === 'none') {
    env.GIT_CONFIG_NOSYSTEM = '1';
    env.GIT_CONFIG_GLOBAL = devNull;
  } else if (process.env.XDG_CONFIG_HOME !== undefined) {
    env.XDG_CONFIG_HOME = process.env.XDG_CONFIG_HOME;
  }
  if (request.gitDir !== undefined) env.GIT_DIR = request.gitDir;
  if (request.workTree !== undefined) env.GIT_WORK_TREE = request.workTree;
  if (request.indexFile !== undefined) env.GIT_INDEX_FILE = request.indexFile;
  if (request.objectDir !== undefined) {
    env.GIT_OBJECT_DIRECTORY = request.objectDir;
    env.GIT_ALTERNATE_OBJECT_DIRECTORIES = join(request.gitDir ?? '', 'objects');
  }
  return env;
}

/** An entry like `.` would find programs in whatever folder git runs in. */
function absoluteEntries(searchPath: string): string {
  return searchPath.split(delimiter).filter(isAbsolute).join(delimiter);
}

/** spawn says ENOENT both for a missing program and for a missing working directory. */
function missingOrNoFolder(request: GitRequest): Outcome {
  return existsSync(request.cwd)
    ? { kind: 'missing' }
    : { kind: 'ended', why: `no such folder: ${request.cwd}` };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? '';
}

function gitFailed(subject: string, request: GitRequest, why: string): MeshwrightError {
  const where = request.workTree ?? request.gitDir ?? request.cwd;
  return new MeshwrightError('git_failed', `${subject} failed in ${where}: ${why}`);
}

function gitMissing(): MeshwrightError {
  return new MeshwrightError('git_missing', 'git was not found on the PATH', {
    hint: 'Install git 2.38 or newer (Debian, Ubuntu: apt-get install git; macOS: brew install git).',
    exitCode: 2,
  });
}
