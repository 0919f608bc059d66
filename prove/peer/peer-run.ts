/** One run of the LangGraph.js graph under a list of boundaries to die at; started again until it says that it is done. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { peersDir } from '../peers/install-peers.ts';
import type { ProveServer } from '../prove-server.ts';
import { startEffectRecorder } from './effect-recorder.ts';

/** `nodes`: the effects of an agent are one node. `tasks`: each effect is a task. Both with durability `sync`. */
export type Variant = 'nodes' | 'tasks';

export interface PeerRun {
  boundaries: string[];
  killedAt: string[];
  effects: number;
  /** Effects done more often than once, each time counted. */
  duplicated: number;
  isDone: boolean;
}

interface PeerLine {
  what: 'boundary' | 'killed' | 'ready' | 'done';
  label?: string;
}

const threads = ['export', 'search', 'archive'];
const mostFailures = 3;

export async function runPeer(request: {
  server: ProveServer;
  variant: Variant;
  killAt: readonly string[];
  /** Of one life; it is killed then and counts as failed. */
  boundMs: number;
}): Promise<PeerRun> {
  const { server, variant, boundMs } = request;
  const database = await server.createDatabase();
  const recorder = await startEffectRecorder();
  const dir = mkdtempSync(path.join(tmpdir(), 'mesh-prove-peer-'));
  const killListFile = path.join(dir, 'kill-list');
  const pending = new Set(request.killAt);
  const run: PeerRun = { boundaries: [], killedAt: [], effects: 0, duplicated: 0, isDone: false };
  try {
    for (let failures = 0; failures < mostFailures && !run.isDone; ) {
      writeFileSync(killListFile, [...pending].join('\n'));
      const settings = { url: database.url, recorder: recorder.url, variant, threads, killListFile };
      const lines = await live(settings, boundMs);
      const killed = lines.find(({ what }) => what === 'killed')?.label;
      run.boundaries.push(
        ...lines.flatMap(({ what, label }) => (what === 'boundary' && label ? [label] : [])),
      );
      if (killed !== undefined) {
        pending.delete(killed);
        run.killedAt.push(killed);
      } else if (lines.some(({ what }) => what === 'done')) run.isDone = true;
      else failures += 1;
    }
    run.effects = recorder.counts.size;
    run.duplicated = [...recorder.counts.values()].reduce((sum, count) => sum + count - 1, 0);
    return run;
  } finally {
    await recorder.close();
    await database.drop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** From its start to its end, by whatever. */
function live(settings: object, boundMs: number): Promise<PeerLine[]> {
  const script = path.join(peersDir, 'langgraph-worker.mjs');
  const child = spawn(process.execPath, [script], {
    env: { PATH: process.env.PATH ?? '', PROVE_PEER: JSON.stringify(settings) },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: boundMs,
    killSignal: 'SIGKILL',
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () =>
      resolve(
        text
          .split('\n')
          .filter((line) => line.endsWith('}'))
          .map((line) => JSON.parse(line) as PeerLine),
      ),
    );
  });
}
