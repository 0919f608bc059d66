/** Suite `kills`: the kill switch at every level, in the middle of everything; what happens later than a second after it. */
import type { JsonObject } from '../../src/base/json.ts';
import { describeSample } from '../percentile.ts';
import { openProveServer } from '../prove-server.ts';
import type { Suite, SuiteContext, SuiteResult } from '../suite.ts';
import { dealKill, type KillResult } from './deal-kill.ts';
import { describeCase, killCases, sampleCases } from './kill-case.ts';

interface KillsState {
  results: (KillResult & { what: string })[];
}

export const kills: Suite = {
  name: 'kills',
  what: 'meshwright kill of agent, item, cluster and mesh, in the middle of everything, seen from outside',
  boundMinutes: { full: 30, quick: 10 },
  async run(context) {
    const server = await openProveServer(context.databaseUrl);
    try {
      const state = (context.saved as KillsState | null) ?? { results: [] };
      const cases = context.isQuick ? sampleCases : killCases;
      for (const dealt of cases.slice(state.results.length)) {
        context.signal.throwIfAborted();
        const result = await dealKill(server, dealt);
        state.results.push({ what: describeCase(dealt), ...result });
        context.save(state);
        say(context, state);
      }
      return report(state, server.version);
    } finally {
      await server.close();
    }
  },
};

function say(context: SuiteContext, { results }: KillsState): void {
  const last = results.at(-1);
  if (!last) return;
  context.say(
    `${results.length}: ${last.what}, ${last.effectMs ?? '-'} ms, ${last.problems.length} problems`,
  );
  for (const problem of last.problems) context.say(`  ${problem}`);
}

function report({ results }: KillsState, postgres: string): SuiteResult {
  const effectMs = results.flatMap((result) => result.effectMs ?? []);
  const isLate = ({ effectMs: ms }: KillResult) => ms !== null && ms >= 1_000;
  return {
    postgres,
    problems: [
      ...results.flatMap(({ what, problems }) => problems.map((problem) => `${what}: ${problem}`)),
      ...results.filter(isLate).map(({ what, effectMs: ms }) => `${what}: carried out after ${ms} ms`),
    ],
    rows: [
      { what: 'kills', value: String(results.length) },
      {
        what: 'with a write, a call, a process or an event later than one second after the command',
        value: String(results.filter(({ problems }) => problems.length > 0).length),
        aim: '0',
      },
      {
        what: 'from the recorded kill to the word of the last worker',
        value: describeSample(effectMs, 'ms'),
        aim: 'under 1,000 ms',
      },
    ],
    details: { kills: results } as unknown as JsonObject,
  };
}
