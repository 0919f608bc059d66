/**
 * The command line as a person's process: own HOME and MESHWRIGHT_HOME, nothing else of this environment. One world per
 * test file, so that its embedded server is shared; remove() ends whatever is left and takes every folder away.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase, waitForServerEnd } from '../../src/postgres/open-database.ts';
import { registryEnvironment } from '../../src/workspaces/registry-environment.ts';
import { packageDir } from '../harness/project.ts';

export interface CliResult {
  /** Null: ended by a signal. */
  code: number | null;
  out: string;
  err: string;
}

export interface RunningCli {
  /** Resolves when the pattern was printed to standard output; rejects when the process ended without it. */
  waitFor(pattern: RegExp): Promise<void>;
  signal(name: 'SIGINT' | 'SIGTERM'): void;
  ended: Promise<CliResult>;
}

export interface CliOptions {
  cwd?: string;
  env?: Record<string, string>;
  stdin?: string;
  /** Then it is killed and the call fails with what it had printed. */
  timeoutMs?: number;
}

export interface CliWorld {
  /** Of this file, empty at first; repositories go below it. */
  dir: string;
  /** MESHWRIGHT_HOME. */
  home: string;
  env: Readonly<Record<string, string>>;
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  start(args: readonly string[], options?: CliOptions): RunningCli;
  /** A new git repository below `dir` with these files in one commit. */
  makeRepository(name: string, files: Record<string, string>): string;
  remove(): Promise<void>;
}

export const mainFile = findMain();
const binDir = path.join(packageDir, 'node_modules/.bin');

export async function openCliWorld(): Promise<CliWorld> {
  const dir = realpathSync(mkdtempSync(path.join(tmpdir(), 'mesh-cli-')));
  const home = path.join(dir, 'home/meshwright');
  mkdirSync(home, { recursive: true });
  const env = {
    // A person's own settings of npm and pip lie in the HOME that these processes do not get.
    ...(await registryEnvironment(process.env)).env,
    PATH: `${binDir}${path.delimiter}${process.env.PATH ?? ''}`,
    HOME: path.dirname(home),
    MESHWRIGHT_HOME: home,
    MESHWRIGHT_PERSON: 'tess',
    LANG: 'C.UTF-8',
    ...(process.env.DATABASE_URL ? { DATABASE_URL: process.env.DATABASE_URL } : {}),
  };
  // Held open here, so that the server does not start anew for every command.
  const held = await openDatabase({ home, databaseUrl: process.env.DATABASE_URL });
  const children = new Set<ChildProcess>();
  const start = (args: readonly string[], options: CliOptions = {}) =>
    startProcess([process.execPath, mainFile, ...args], {
      ...options,
      env: { ...env, ...options.env },
      children,
    });
  return {
    dir,
    home,
    env,
    start,
    run: (args, options) => start(args, options).ended,
    makeRepository(name, files) {
      const root = path.join(dir, name);
      mkdirSync(root, { recursive: true });
      writeFiles(root, files);
      git(root, 'init', '-q', '-b', 'main');
      commitAll(root, 'Start');
      return root;
    },
    async remove() {
      const left = [...children];
      for (const child of left) child.kill('SIGKILL');
      await Promise.all(left.map((child) => new Promise((resolve) => child.once('close', resolve))));
      await held.close();
      await waitForServerEnd(home);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What the package ships, where it was built from the sources as they are now; it starts in half the time. Else the sources. */
function findMain(): string {
  const built = path.join(packageDir, 'dist/cli/main.js');
  const builtMs = statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = path.join(packageDir, 'src');
  const isNewer = (file: string) => statSync(path.join(sources, file)).mtimeMs > builtMs;
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' });
  const shipped = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  return shipped.some(isNewer) ? path.join(sources, 'cli/main.ts') : built;
}

interface StartOptions extends CliOptions {
  env: Record<string, string>;
  children: Set<ChildProcess>;
}

function startProcess([file = '', ...args]: readonly string[], options: StartOptions): RunningCli {
  // Only what hangs is ended: on a loaded machine several of these share a core.
  const { children, timeoutMs = 120_000 } = options;
  const child = spawn(file, args, {
    cwd: options.cwd ?? '/',
    env: options.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.add(child);
  const result: CliResult = { code: null, out: '', err: '' };
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    result.out += chunk;
    for (const look of watchers) look();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    result.err += chunk;
  });
  // It may end before it has read anything.
  child.stdin.on('error', () => {}).end(options.stdin ?? '');
  let isTooLate = false;
  const timer = setTimeout(() => {
    isTooLate = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      children.delete(child);
      result.code = code;
      if (isTooLate)
        reject(new Error(`${args.join(' ')} took longer than ${timeoutMs} ms:\n${transcript(result)}`));
      else resolve(result);
    });
  });
  ended.catch(() => {});
  return {
    ended,
    signal: (name) => child.kill(name),
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(result.out)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
        const refuse = () => reject(new Error(`it ended without ${pattern}:\n${transcript(result)}`));
        ended.then(refuse, reject);
      }),
  };
}

/** For the message of an assertion. */
export function transcript({ code, out, err }: CliResult): string {
  return `exit code ${code}\n${out}\n${err}`;
}

export function writeFiles(root: string, files: Record<string, string>): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), content);
  }
}

/** The person's own git, with no settings of the machine's users. */
export function git(cwd: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=Tess', '-c', 'user.email=tess@example.invalid'];
  const env = { PATH: process.env.PATH ?? '', HOME: '/nonexistent', LC_ALL: 'C' };
  return execFileSync('git', [...identity, ...args], { cwd, env, encoding: 'utf8' }).trim();
}

export function commitAll(root: string, message: string): string {
  git(root, 'add', '-A');
  git(root, 'commit', '-q', '-m', message);
  return git(root, 'rev-parse', 'HEAD');
}
