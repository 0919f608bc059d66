/** Suite `peer`: LangGraph.js with its PostgreSQL saver under the same kills: effects that are done twice, per kill. */
import type { JsonObject } from '../../src/base/json.ts';
import { runOnce } from '../kill/run-once.ts';
import { installPeers } from '../peers/install-peers.ts';
import { openProveServer, type ProveServer } from '../prove-server.ts';
import type { Row, Suite, SuiteResult } from '../suite.ts';
import { isEffectBoundary, runOwnUnderKills } from './own-run.ts';
import { runPeer, type Variant } from './peer-run.ts';

/** Sums over runs. */
interface Tally {
  kills: number;
  runs: number;
  duplicated: number;
  /** Kills right after an effect, when nothing can know that it was done. */
  inDoubt: number;
}

interface PeerState {
  tallies: Partial<Record<Variant | 'own', Tally>>;
  problems: string[];
}

const killsPerRun = 10;
const runsOf = { full: 6, quick: 1 };
const lifeBoundMs = 60_000;

export const peer: Suite = {
  name: 'peer',
  what: 'effects that are done again after a kill, beside LangGraph.js with its PostgreSQL saver',
  boundMinutes: { full: 30, quick: 6 },
  async run(context) {
    const version = await installPeers(context.say);
    const state: PeerState = (context.saved as PeerState | null) ?? { tallies: {}, problems: [] };
    const server = await openProveServer(context.databaseUrl);
    try {
      const runs = runsOf[context.isQuick ? 'quick' : 'full'];
      for (const who of ['own', 'nodes', 'tasks'] as const) {
        context.signal.throwIfAborted();
        state.tallies[who] ??=
          who === 'own' ? await killOwn(server, runs, state) : await killPeer(server, who, runs, state);
        context.save(state);
        context.say(`${who}: ${JSON.stringify(state.tallies[who])}`);
      }
      return report(server, version, state);
    } finally {
      await server.close();
    }
  },
};

/** Every n-th of them, beginning with another one in each run, so that the kills of a run are spread over it. */
function spread(labels: readonly string[], run: number, runs: number): string[] {
  const stride = Math.max(1, Math.floor(labels.length / killsPerRun));
  const offset = Math.floor((run * stride) / runs);
  return labels.filter((_, index) => index % stride === offset).slice(0, killsPerRun);
}

async function killOwn(server: ProveServer, runs: number, state: PeerState): Promise<Tally> {
  const quiet = { server, killAt: [], takesNotes: true, expectedTree: null, boundMs: 120_000 };
  const { notes, tree } = await runOnce(quiet);
  const labels = notes.filter(isEffectBoundary);
  const tally: Tally = { kills: 0, runs, duplicated: 0, inDoubt: 0 };
  for (let run = 0; run < runs; run += 1) {
    const own = await runOwnUnderKills(server, spread(labels, run, runs), tree);
    state.problems.push(...own.problems);
    tally.kills += own.killedAt.length;
    tally.duplicated += own.duplicatedCalls + own.duplicatedWrites;
    tally.inDoubt += own.killedAt.filter(isInDoubt).length;
  }
  return tally;
}

async function killPeer(
  server: ProveServer,
  variant: Variant,
  runs: number,
  state: PeerState,
): Promise<Tally> {
  const quiet = await runPeer({ server, variant, killAt: [], boundMs: lifeBoundMs });
  if (!quiet.isDone || quiet.duplicated > 0)
    throw new Error(`the undisturbed run of ${variant} did not end well`);
  const tally: Tally = { kills: 0, runs, duplicated: 0, inDoubt: 0 };
  for (let run = 0; run < runs; run += 1) {
    const killAt = spread(quiet.boundaries, run, runs);
    const killed = await runPeer({ server, variant, killAt, boundMs: lifeBoundMs });
    if (!killed.isDone || killed.effects !== quiet.effects)
      state.problems.push(
        `LangGraph.js (${variant}): ${killed.effects} of ${quiet.effects} effects were done`,
      );
    tally.kills += killed.killedAt.length;
    tally.duplicated += killed.duplicated;
    tally.inDoubt += killed.killedAt.filter(isInDoubt).length;
  }
  return tally;
}

function isInDoubt(label: string): boolean {
  return /^after (effect|model|cell\.writeFile|commitTree|moveRef|advanceBranch) /.test(label);
}

function report(server: ProveServer, version: string, state: PeerState): SuiteResult {
  const names = {
    own: 'Meshwright',
    nodes: `LangGraph.js ${version}, an agent is a node`,
    tasks: `LangGraph.js ${version}, every effect a task of its own`,
  };
  const rows: Row[] = Object.entries(state.tallies).map(([who, tally]) => ({
    what: names[who as keyof typeof names],
    value: `${(tally.duplicated / Math.max(1, tally.kills)).toFixed(2)} effects done again per kill (${tally.duplicated} in ${tally.kills} kills, ${tally.inDoubt} of them right after an effect)`,
  }));
  return {
    rows,
    details: { langgraph: version, ...state.tallies } as unknown as JsonObject,
    problems: state.problems,
    postgres: server.version,
  };
}
