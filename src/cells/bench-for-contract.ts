import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { Cell, CellDriver, CellSpec } from './cell.ts';

export interface CellBench {
  workspace: string;
  spec(changes?: Partial<CellSpec>): CellSpec;
  /** Opened cells are closed after the test. */
  open(changes?: Partial<CellSpec>): Promise<Cell>;
}

/** Prepares a workspace per test; `base` is a temporary folder that the driver may use too. */
export function setUpBench(createDriver: (base: string) => CellDriver): CellBench & { base: () => string } {
  let base = '';
  let cells: Cell[] = [];
  const bench = {
    workspace: '',
    base: () => base,
    spec: (changes: Partial<CellSpec> = {}): CellSpec => ({
      id: `cell-${cells.length}`,
      workspace: bench.workspace,
      isWorkspaceWritable: true,
      readable: [],
      env: {},
      allowedHosts: [],
      limits: {
        memoryMb: 1024,
        processes: 64,
        commandTimeoutMs: 20_000,
        outputBytes: 10_000,
        fileBytes: 100_000,
      },
      ...changes,
    }),
    open: async (changes: Partial<CellSpec> = {}) => {
      const cell = await createDriver(base).open(bench.spec(changes));
      cells.push(cell);
      return cell;
    },
  };
  beforeEach(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'mw-cells-')));
    bench.workspace = join(base, 'workspace');
    mkdirSync(bench.workspace);
    cells = [];
  });
  afterEach(async () => {
    await Promise.all(cells.map((cell) => cell.close()));
    await rm(base, { recursive: true, force: true });
  });
  return bench;
}

/** Host pids of running processes whose command line has `text`; zombies have none. */
export function findProcesses(text: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });
}

/** Asks for a URL the way curl would: through the proxy of the environment, plainly or through a tunnel. */
export const askThroughProxy = `
  const [url, way] = process.argv.slice(1);
  const http = require('node:http');
  const proxy = new URL(process.env.HTTP_PROXY);
  const target = new URL(url);
  const print = (r) => r.on('data', (d) => process.stdout.write(d)).on('end', () => process.exit(0));
  const to = { host: proxy.hostname, port: proxy.port };
  if (way === 'plain') http.get({ ...to, path: url, headers: { host: target.host } }, print);
  else http.request({ ...to, method: 'CONNECT', path: target.hostname + ':' + (target.port || 80) })
    .on('connect', (r, socket) => {
      if (r.statusCode !== 200) { console.log(r.statusCode); process.exit(0); }
      http.get({ createConnection: () => socket, path: target.pathname, headers: { host: target.host } }, print);
    }).end();`;

/** A number of seconds nobody else sleeps: marks the processes of one test. */
export function uniqueSeconds(): string {
  return `${3000 + Math.floor(Math.random() * 1e6)}.${Math.floor(Math.random() * 1e6)}`;
}
