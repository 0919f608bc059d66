/**
 * The stakeholder map of a process that runs for days: what the file says now, without a restart. A file that is broken or gone
 * changes nothing, because work and trust go on by what was last said; its problems are told once.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { formatDiagnostic } from '../yaml/diagnostic.ts';
import { loadStakeholders, stakeholdersFile } from './load-stakeholders.ts';
import type { Stakeholders } from './stakeholders.ts';

/** The file is looked at no more often than this. */
const lookEveryMs = 500;

export interface LiveOptions {
  repoDir: string;
  /** What held when the process began. */
  initial: Stakeholders;
  clock: Clock;
  /** Once for each state of the file that cannot be used; `problems`: lines for people. */
  report: (problems: readonly string[]) => void;
}

/** Never rejects. Asked at once by many, the file is read once. */
export function followStakeholders(options: LiveOptions): () => Promise<Stakeholders> {
  const { repoDir, clock } = options;
  const file = path.join(repoDir, stakeholdersFile);
  let current = options.initial;
  let known = '';
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    const state = await stateOf(file);
    if (state === known) return;
    known = state;
    const { value, problems } = await read(repoDir, { mayBeMissing: !current.isWritten });
    if (value) current = value;
    if (problems.length > 0) options.report(problems);
  }

  return async () => {
    if (looking === null && clock.monotonicMs() - lookedAtMs >= lookEveryMs) {
      lookedAtMs = clock.monotonicMs();
      looking = look().finally(() => {
        looking = null;
      });
    }
    await looking;
    return current;
  };
}

/** Changes with whatever is written to the file, and with the file that is there. */
async function stateOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join('/');
  } catch (error) {
    return messageOf(error);
  }
}

async function read(
  repoDir: string,
  { mayBeMissing }: { mayBeMissing: boolean },
): Promise<{ value: Stakeholders | undefined; problems: string[] }> {
  try {
    const { value, diagnostics } = await loadStakeholders(repoDir);
    if (value && !value.isWritten && !mayBeMissing)
      return {
        value: undefined,
        problems: [`${stakeholdersFile} is gone; what it said holds until it is back`],
      };
    const errors = diagnostics.filter((each) => each.severity === 'error');
    return { value, problems: errors.map(formatDiagnostic) };
  } catch (error) {
    return { value: undefined, problems: [messageOf(error)] };
  }
}
