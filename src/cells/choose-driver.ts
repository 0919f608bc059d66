/** Which driver runs agents' commands. Never falls to no isolation without a word: it is asked for, or said, or refused. */
import type { CellPolicy } from '../policy/policy.ts';
import { bubblewrapDriver } from './bubblewrap-cell.ts';
import type { CellDriver } from './cell.ts';
import type { CellHost } from './cell-host.ts';
import { processDriver } from './process-cell.ts';

export type DriverChoice =
  | {
      ok: true;
      driver: CellDriver /** What a person must be told before anything runs. */;
      notice: string | null;
    }
  | { ok: false; problem: string /** A command, or a sentence where none exists. */; fix: string };

export interface DriverCandidates {
  isModelScripted: boolean;
  /** Where cells live and what they may see; the platform's own environment where not given. */
  host?: Partial<CellHost>;
  /** For tests. */
  bubblewrap?: CellDriver;
}

export async function chooseDriver(policy: CellPolicy, options: DriverCandidates): Promise<DriverChoice> {
  const unisolated = processDriver(options.host);
  const { isModelScripted } = options;
  if (policy.driver === 'process') {
    if (policy.allowNoIsolation) {
      return {
        ok: true,
        driver: unisolated,
        notice: 'NO ISOLATION: commands run as you, by your own consent in mesh.yaml.',
      };
    }
    if (isModelScripted)
      return { ok: true, driver: unisolated, notice: scriptedNotice('the driver is set to process') };
    return {
      ok: false,
      problem: 'cells.driver is process, which isolates nothing, and a real model would run commands as you',
      fix: 'set cells.driver: auto in .mesh/mesh.yaml, or consent with cells.allow_no_isolation: true',
    };
  }
  const bubblewrap = options.bubblewrap ?? bubblewrapDriver(options.host);
  const checked = await bubblewrap.preflight();
  if (checked.ok) return { ok: true, driver: bubblewrap, notice: null };
  if (policy.driver === 'auto' && isModelScripted) {
    return {
      ok: true,
      driver: unisolated,
      notice: scriptedNotice(`${checked.problem}; to have it: ${checked.fix}`),
    };
  }
  return { ok: false, problem: checked.problem, fix: checked.fix };
}

function scriptedNotice(why: string): string {
  return `NO ISOLATION (${why}). It runs only because the model is scripted: every command is known beforehand.`;
}
