/** Looks at what hostile input must not reach, from outside of everything that is tested: files, a canary, a listener. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { sha256Hex } from '../../src/base/json.ts';

/** A program that says, on disk, that it was run; then it behaves like `cat`, which suits filters. */
export interface Trap {
  script: string;
  /** How it was called, one line each; empty: never. */
  calls(): string[];
}

export function setTrap(dir: string): Trap {
  mkdirSync(dir, { recursive: true });
  const script = join(dir, 'trap');
  const mark = join(dir, 'called');
  writeFileSync(script, `#!/bin/sh\necho "$0 $*" >> '${mark}'\nexec cat\n`);
  chmodSync(script, 0o755);
  chmodSync(dir, 0o777);
  return {
    script,
    calls: () => (existsSync(mark) ? readFileSync(mark, 'utf8').trim().split('\n') : []),
  };
}

/** Every file below `dir` with kind, mode and content, but for the folders in `except`. */
export function snapshot(dir: string, except: readonly string[] = []): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (path: string) => {
    if (except.includes(path)) return;
    const facts = lstatSync(path);
    if (facts.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else if (facts.isSymbolicLink()) found[path] = `link ${readlinkSync(path)}`;
    else if (facts.isFile()) found[path] = `${facts.mode.toString(8)} ${sha256Hex(readFileSync(path))}`;
    else found[path] = 'special';
  };
  visit(dir);
  return found;
}

export interface Listener {
  port: number;
  /** Connections so far. */
  count(): number;
  close(): void;
}

/** Accepts on loopback and counts. */
export async function listenLoopback(): Promise<Listener> {
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, count: () => connections, close: () => server.close() };
}
