/** `retain`: deletes what ended items held, once it is old enough; events stay. */
import { systemClock } from '../../base/clock.ts';
import { formatDuration, parseDuration } from '../../base/duration.ts';
import { MeshwrightError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { minRetentionMs, retainBlobs } from '../../requests/retain-blobs.ts';
import type { ExitCode } from '../door.ts';
import { parseItemNumber } from '../parse-arguments.ts';
import { type Session, withProject } from '../session.ts';

export interface RetainOptions {
  olderThan?: string;
  item?: string;
  dryRun: boolean;
}

export async function retainCommand(session: Session, options: RetainOptions): Promise<ExitCode> {
  const { terminal } = session;
  const item = options.item === undefined ? null : parseItemNumber(options.item);
  const olderThanMs = readAge(options.olderThan, item);
  const isDryRun = options.dryRun;
  return withProject<ExitCode>(session, { willWork: false, for: 'named' }, async (project) => {
    const decision = await retainBlobs({
      journal: project.store.journal,
      clock: systemClock,
      newId,
      project: project.project,
      olderThanMs,
      item,
      isDryRun,
      by: `person:${project.person}`,
    });
    const { delete: gone, keptInUse, keptYoung } = decision;
    const blobs = gone.length;
    const bytes = gone.reduce((sum, blob) => sum + blob.bytes, 0);
    if (terminal.isJson) {
      terminal.json({ isDryRun, olderThanMs, item, blobs, bytes, keptInUse, keptYoung });
      return 0;
    }
    const verb = isDryRun ? 'Would delete' : 'Deleted';
    terminal.line(`${verb} ${blobs} blobs (${(bytes / 1e6).toFixed(1)} MB); the events stay.`);
    terminal.line(
      terminal.style('dim', `Kept: ${keptInUse} in use, ${keptYoung} of ended items, too young.`),
    );
    return 0;
  });
}

/** @throws MeshwrightError `usage`. */
function readAge(given: string | undefined, item: number | null): number {
  if (given === undefined && item !== null) return minRetentionMs;
  const olderThanMs = parseDuration(given ?? '');
  if (olderThanMs !== undefined && olderThanMs >= minRetentionMs) return olderThanMs;
  const least = formatDuration(minRetentionMs);
  const problem =
    given === undefined
      ? '--older-than is missing'
      : `--older-than takes a time of at least ${least}: ${given}`;
  throw new MeshwrightError('usage', problem, { hint: 'For example `--older-than 90d`.', exitCode: 2 });
}
