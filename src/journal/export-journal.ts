/**
 * Writes a journal as JSON lines: a header, every record, a trailer with the number of lines and the digest of every byte
 * before it. The trailer is spelled in one way only, so that no byte of the file can change or be missing unnoticed.
 */
import { createHash, type Hash } from 'node:crypto';
import { canonicalJson } from '../base/json.ts';
import type { BlobNames } from './audit-blobs.ts';
import type { EventRow, JournalRecord, JournalRows } from './journal-record.ts';
import { createSeal, type Seal } from './seal.ts';

export const exportFormat = 'meshwright-export';
export const exportVersion = 1;

export interface ExportHeader {
  format: typeof exportFormat;
  version: number;
  /** Of the program that wrote it. */
  meshwright: string;
  /** ISO time. */
  at: string;
  /** Null: all projects. */
  project: string | null;
  /** Migrations that its storage had. */
  schema: number;
  /** Whether the blobs' bytes are in it. */
  hasBlobs: boolean;
}

export interface ExportSummary {
  lines: number;
  events: number;
  /** Lower-case hex sha256 of every byte before the trailer. */
  digest: string;
  seal: Seal;
}

/** @param options.names which blobs a project's events name: its export holds no others. */
export async function exportJournal(
  rows: JournalRows,
  options: { meshwright: string; at: string; hasBlobs: boolean; names: BlobNames },
  write: (line: string) => Promise<void>,
): Promise<ExportSummary> {
  const digest = createHash('sha256');
  const seal = createSeal(rows.project);
  const named = new Set<string>();
  let lines = 0;
  let events = 0;
  const put = async (value: unknown) => {
    const line = `${canonicalJson(value)}\n`;
    digest.update(line);
    lines += 1;
    await write(line);
  };
  const { meshwright, at, hasBlobs } = options;
  const header: ExportHeader = {
    format: exportFormat,
    version: exportVersion,
    meshwright,
    at,
    project: rows.project,
    schema: rows.migrations.length,
    hasBlobs,
  };
  await put(header);
  for await (const record of rows.records()) {
    if (record.table === 'event') {
      events += 1;
      seal.take(record.row);
      if (rows.project !== null) for (const hash of options.names.namedBy(record.row)) named.add(hash);
    }
    if (record.table === 'blob' && rows.project !== null && !named.has(record.row.hash)) continue;
    await put(lineOf(record, hasBlobs));
  }
  const trailer = trailerLine(lines, digest);
  await write(trailer.line);
  return { lines, events, digest: trailer.digest, seal: seal.value() };
}

/** The only spelling of the end of a file whose lines so far hash to `digest`. */
export function trailerLine(lines: number, digest: Hash): { line: string; digest: string } {
  const hex = digest.digest('hex');
  return { line: `${canonicalJson({ end: { digest: hex, lines } })}\n`, digest: hex };
}

/** An event's data stands in its line as JSON, not as text, so that other programs can read it. */
function lineOf(record: JournalRecord, hasBlobs: boolean): unknown {
  switch (record.table) {
    case 'event':
      return { event: { ...record.row, data: parsed(record.row) } };
    case 'blob':
      return { blob: hasBlobs ? record.row : { ...record.row, bytes: null } };
    default:
      return { [record.table]: record.row };
  }
}

function parsed(row: EventRow): unknown {
  try {
    return JSON.parse(row.data);
  } catch {
    return row.data;
  }
}
