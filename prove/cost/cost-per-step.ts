/** Suite `cost-per-step`: does the five-thousandth step of a run cost what the tenth did, and what does a run leave behind? */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { JsonObject } from '../../src/base/json.ts';
import { installPeers, peersDir } from '../peers/install-peers.ts';
import { openProveServer, type ProveServer } from '../prove-server.ts';
import type { Row, Suite } from '../suite.ts';
import { type CostFigures, measureOwn } from './measure-own.ts';

interface CostState {
  own?: CostFigures;
  peer?: CostFigures;
}

const sizes = {
  full: { steps: 5_000, shortRuns: 50 },
  quick: { steps: 600, shortRuns: 10 },
};
/** Beyond this a step is not flat. Judged by processor time: the clock of a shared machine is noisy. */
const flatTime = 1.5;
const flatBytes = 1.2;
const mostStored = 1.5;

export const costPerStep: Suite = {
  name: 'cost-per-step',
  what: 'time and bytes of a step at the start and at the end of one run of 5,000, with 45 KB of state',
  boundMinutes: { full: 20, quick: 6 },
  async run(context) {
    const state = (context.saved ?? {}) as CostState;
    const version = await installPeers(context.say);
    const size = sizes[context.isQuick ? 'quick' : 'full'];
    const server = await openProveServer(context.databaseUrl);
    try {
      state.own ??= await measureOwn(server, size);
      context.save(state);
      context.say(`own: ${JSON.stringify(state.own)}`);
      context.signal.throwIfAborted();
      state.peer ??= await measurePeer(server, size);
      context.save(state);
      context.say(`LangGraph.js ${version}: ${JSON.stringify(state.peer)}`);
      return {
        rows: describe(state.own, state.peer),
        details: { langgraph: version, own: state.own, peer: state.peer } as unknown as JsonObject,
        problems: judge(state.own),
        postgres: server.version,
      };
    } finally {
      await server.close();
    }
  },
};

async function measurePeer(
  server: ProveServer,
  size: { steps: number; shortRuns: number },
): Promise<CostFigures> {
  const database = await server.createDatabase();
  try {
    const script = path.join(peersDir, 'langgraph-cost.mjs');
    const argument = JSON.stringify({ url: database.url, ...size });
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', script, argument],
      { timeout: 900_000 },
    );
    return JSON.parse(stdout) as CostFigures;
  } finally {
    await database.drop();
  }
}

function describe(own: CostFigures, peer: CostFigures): Row[] {
  const both = (what: string, show: (figures: CostFigures) => string, aim?: string): Row => ({
    what,
    value: `${show(own)} (LangGraph.js: ${show(peer)})`,
    ...(aim === undefined ? {} : { aim }),
  });
  const last = own.steps.toLocaleString('en-US');
  return [
    both('time of a step, from step 10 on', ({ early }) => `${early.stepMs} ms`),
    both(`time of a step, up to step ${last}`, ({ late }) => `${late.stepMs} ms`),
    both('processor time of a step, from step 10 on', ({ early }) => `${early.cpuMs} ms`),
    both(`processor time of a step, up to step ${last}`, ({ late }) => `${late.cpuMs} ms`),
    both('the last ÷ the first', ({ early, late }) => (late.cpuMs / early.cpuMs).toFixed(2), `≤ ${flatTime}`),
    both('bytes of a step, from step 10 on', ({ early }) => early.bytesPerStep.toLocaleString('en-US')),
    both('bytes of a step, at the end', ({ late }) => late.bytesPerStep.toLocaleString('en-US')),
    both(
      'a run of 10 steps stores, its 45 KB being a document that is changed',
      ({ storedPerState }) => `${storedPerState.document} ×`,
      `≤ ${mostStored} ×`,
    ),
    both(
      '… being what its steps read',
      ({ storedPerState }) => `${storedPerState.conversation} ×`,
      `≤ ${mostStored} ×`,
    ),
    both('… being what its steps write', ({ storedPerState }) => `${storedPerState.authored} ×`),
  ];
}

function judge({ early, late, storedPerState }: CostFigures): string[] {
  const problems: string[] = [];
  if (late.cpuMs > flatTime * early.cpuMs)
    problems.push(
      `a step takes ${late.cpuMs} ms of the processor at the end and ${early.cpuMs} at the start`,
    );
  if (late.bytesPerStep > flatBytes * early.bytesPerStep)
    problems.push(
      `a step stores ${late.bytesPerStep} bytes at the end and ${early.bytesPerStep} at the start`,
    );
  for (const shape of ['document', 'conversation'] as const) {
    if (storedPerState[shape] > mostStored)
      problems.push(`a run whose state is a ${shape} stores ${storedPerState[shape]} times its state`);
  }
  return problems;
}
