/** `export`: the journal as a file that proves itself, and a seal to keep where nobody reaches it. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { MeshwrightError, messageOf } from '../../base/errors.ts';
import { visibleJson } from '../../base/visible-text.ts';
import { openJournal } from '../../compose/project.ts';
import { type ExportSummary, exportJournal } from '../../journal/export-journal.ts';
import { formatSeal } from '../../journal/seal.ts';
import { blobNames } from '../../views/blob-names.ts';
import type { ExitCode } from '../door.ts';
import { packageVersion } from '../package-version.ts';
import type { Session } from '../session.ts';

export interface ExportOptions {
  /** One project; all without it. */
  project?: string;
  blobs: boolean;
}

/** `file` `-`: standard output, and the summary to standard error. */
export async function exportCommand(
  session: Session,
  file: string,
  options: ExportOptions,
): Promise<ExitCode> {
  const { terminal, env, log } = session;
  const project = options.project ?? null;
  const store = await openJournal(env, log);
  try {
    if (project !== null && !(await store.journal.projects()).includes(project)) {
      throw new MeshwrightError('no_such_project', `there is no project ${project} in this database`, {
        exitCode: 2,
      });
    }
    const opened = await store.openRows({ project, blobs: options.blobs ? 'bytes' : 'hashes' });
    try {
      const about = {
        meshwright: packageVersion(),
        at: new Date().toISOString(),
        hasBlobs: options.blobs,
        names: blobNames,
      };
      const run = (write: (line: string) => Promise<void>) => exportJournal(opened.rows, about, write);
      const summary =
        file === '-' ? await run(writeOut) : await writeWhole(path.resolve(session.dir, file), run);
      printSummary(terminal, summary, file);
    } finally {
      await opened.close();
    }
  } finally {
    await store.close();
  }
  return 0;
}

function printSummary(terminal: Session['terminal'], summary: ExportSummary, file: string): void {
  const { events, lines, digest } = summary;
  const seal = formatSeal(summary.seal);
  if (terminal.isJson && file !== '-') {
    terminal.json({ file, events, lines, digest, seal });
    return;
  }
  const print = file === '-' ? terminal.warn : terminal.line;
  print(`${events} events, ${lines} lines${file === '-' ? '' : ` in ${file}`}`);
  print(`digest ${digest}`);
  print(seal);
  print('Keep the seal where nobody who can write to the database can reach it:');
  print('`meshwright doctor --against <seal>` then shows whether anything up to now was changed.');
}

/** Under another name until it is whole; 0600, because it holds what was worked on. */
async function writeWhole(
  place: string,
  run: (write: (line: string) => Promise<void>) => Promise<ExportSummary>,
): Promise<ExportSummary> {
  const draft = `${place}.writing`;
  const stream = createWriteStream(draft, { mode: 0o600 });
  const done = finished(stream);
  done.catch(() => {});
  try {
    const summary = await run(async (line) => {
      if (!stream.write(line)) await Promise.race([once(stream, 'drain'), done]);
    });
    stream.end();
    await done;
    await rename(draft, place);
    return summary;
  } catch (error) {
    stream.destroy();
    await rm(draft, { force: true });
    if (error instanceof MeshwrightError) throw error;
    throw new MeshwrightError('export_not_written', `cannot write ${place}: ${messageOf(error)}`, {
      hint: 'check that the folder exists, may be written and has space',
    });
  }
}

/** Byte for byte into a pipe or a file; a terminal gets the same JSON in a spelling that does not act on it. */
async function writeOut(line: string): Promise<void> {
  if (!process.stdout.write(process.stdout.isTTY ? visibleJson(line) : line))
    await once(process.stdout, 'drain');
}
