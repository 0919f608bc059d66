/**
 * The same question to our own worker: killed at the boundaries around what the world outside sees, how often is a paid call,
 * a written file, a commit or a landing done again? Counted by the model server and by git, and for files at the cell.
 */
import { type RunResult, runOnce } from '../kill/run-once.ts';
import type { ProveServer } from '../prove-server.ts';

/** Right before and after an effect, and before and after what is stored about it: the kinds that the peer is killed at. */
export function isEffectBoundary(label: string): boolean {
  return /^(before|after) (model |cell\.writeFile |commitTree |moveRef .* to agent|advanceBranch |append agent:.* (model|tool)\.call_)/.test(
    label,
  );
}

export interface OwnRun {
  killedAt: string[];
  duplicatedCalls: number;
  duplicatedWrites: number;
  /** Commits or landings that are there twice; the run's check would have said so. */
  problems: string[];
  run: RunResult;
}

export async function runOwnUnderKills(
  server: ProveServer,
  killAt: readonly string[],
  expectedTree: string | null,
): Promise<OwnRun> {
  const run = await runOnce({
    server,
    killAt,
    takesNotes: true,
    expectedTree,
    boundMs: 60_000 + killAt.length * 6_000,
  });
  return {
    killedAt: run.killedAt,
    duplicatedCalls: run.paidCalls - run.distinctCalls,
    duplicatedWrites: countRepeats(run.notes),
    problems: run.problems,
    run,
  };
}

/** Writes that had been done and were done once more. */
function countRepeats(notes: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const note of notes) {
    if (!note.startsWith('after cell.writeFile ')) continue;
    const write = note.replace(/ #\d+$/, '');
    counts.set(write, (counts.get(write) ?? 0) + 1);
  }
  return [...counts.values()].reduce((sum, count) => sum + count - 1, 0);
}
