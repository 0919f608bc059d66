/**
 * The rules of packs of a process that runs for days: what their files say now, without a restart. While one of them is broken or
 * gone all stay as they were; what is wrong is told once.
 */
import { messageOf } from '../base/errors.ts';
import { formatDiagnostic } from '../yaml/diagnostic.ts';
import { loadPacks, type PackRequest } from './load-packs.ts';
import type { MemoryRecord } from './memory-record.ts';

export interface LivePacksOptions extends PackRequest {
  /** What held when the process began. */
  initial: readonly MemoryRecord[];
  /** Once for what is wrong, until something else is; lines for people. */
  report: (problems: readonly string[]) => void;
}

/** Never rejects. Reads the files at every call: it is asked once a prompt and once a change. */
export function followPacks({
  initial,
  report,
  ...request
}: LivePacksOptions): () => Promise<readonly MemoryRecord[]> {
  let current = initial;
  let told = '';

  async function look(): Promise<string[]> {
    try {
      const { rules, diagnostics } = await loadPacks(request);
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      if (errors.length === 0) current = rules;
      return errors.map(formatDiagnostic);
    } catch (error) {
      return [messageOf(error)];
    }
  }

  return async () => {
    const problems = await look();
    const text = problems.join('\n');
    if (text !== told && problems.length > 0) report(problems);
    told = text;
    return current;
  };
}
