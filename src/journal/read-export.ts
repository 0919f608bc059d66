/**
 * Reads an export: whether it is whole, and its rows as if they came from a database. What is in the file is not trusted:
 * a line that cannot be read is damage, never an exception.
 */
import { createHash } from 'node:crypto';
import { sha256Hex } from '../base/json.ts';
import { canonicalData } from './audit-events.ts';
import { type ExportHeader, exportFormat, exportVersion, trailerLine } from './export-journal.ts';
import type { Damage, EventRow, JournalRecord, JournalRows } from './journal-record.ts';
import { parseExportLine } from './parse-export-line.ts';
import { createSeal, type Seal } from './seal.ts';

/** Opens the file from its start, each time it is called. */
export type OpenBytes = () => AsyncIterable<Uint8Array>;

export interface ExportFile {
  /** Null when the file does not begin as an export. */
  header: ExportHeader | null;
  /** Of the file itself: cut off, changed, not readable. Empty: every byte is as it was written. */
  damage: Damage[];
  /** Its end is missing, and with it whatever else it had. */
  isCutOff: boolean;
  digest: string | null;
  seal: Seal | null;
  rows: JournalRows;
}

const maxDamage = 100;

/** Reads the file once for its own integrity; its rows are read again by whoever asks for them. */
export async function readExport(open: OpenBytes): Promise<ExportFile> {
  const damage: Damage[] = [];
  const report = (place: string, text: string) => {
    if (damage.length < maxDamage) damage.push({ place, text });
  };
  const digest = createHash('sha256');
  let header: ExportHeader | null = null;
  let seal = createSeal(null);
  let count = 0;
  let trailer: string | null = null;
  for await (const { text, bytes, number } of readLines(open())) {
    if (trailer !== null) {
      report(`line ${number}`, 'comes after the end');
      break;
    }
    const parsed = parseExportLine(text);
    if (number === 1) {
      header = headerOf(parsed);
      if (!header) {
        report('line 1', 'is not the header of an export that this version reads');
        break;
      }
      seal = createSeal(header.project);
    } else if (parsed !== null && typeof parsed === 'object' && 'end' in parsed) {
      trailer = text ?? '';
      continue;
    } else {
      const record = recordOf(parsed);
      if (!record) report(`line ${number}`, 'is not a record of an export');
      else if (record.table === 'event') seal.take(record.row);
    }
    digest.update(bytes);
    count = number;
  }
  if (count === 0 && damage.length === 0) report('line 1', 'is missing: the file is empty');
  const expected = trailerLine(count, digest);
  if (header && trailer === null) report('end', 'is missing: the file was cut off');
  else if (header && trailer !== expected.line)
    report('end', 'does not match the lines before it: the file was changed');
  const isSound = header !== null && damage.length === 0;
  return {
    header,
    damage,
    isCutOff: trailer === null,
    digest: isSound ? expected.digest : null,
    seal: isSound ? seal.value() : null,
    rows: rowsOf(open, header),
  };
}

function rowsOf(open: OpenBytes, header: ExportHeader | null): JournalRows {
  const records = async function* (): AsyncIterable<JournalRecord> {
    for await (const { text } of readLines(open())) {
      const record = recordOf(parseExportLine(text));
      if (record) yield record;
    }
  };
  return {
    project: header?.project ?? null,
    migrations: Array.from({ length: header?.schema ?? 0 }, () => null),
    records,
    async *eventsOfKind(kind): AsyncIterable<EventRow> {
      for await (const record of records())
        if (record.table === 'event' && record.row.kind === kind) yield record.row;
    },
  };
}

function headerOf(value: unknown): ExportHeader | null {
  if (value === null || typeof value !== 'object') return null;
  const header = value as Partial<ExportHeader>;
  const isKnown = header.format === exportFormat && header.version === exportVersion;
  const { schema = -1 } = header;
  const isWhole =
    Number.isSafeInteger(schema) &&
    schema >= 0 &&
    schema < 10_000 &&
    (header.project === null || typeof header.project === 'string');
  return isKnown && isWhole ? (value as ExportHeader) : null;
}

function recordOf(value: ReturnType<typeof parseExportLine>): JournalRecord | null {
  if (value === null || !('table' in value)) return null;
  switch (value.table) {
    case 'event':
      return { table: 'event', row: { ...value.row, data: canonicalData(value.row.data) } };
    case 'blob': {
      // What the file says of its own bytes proves nothing.
      const { bytes } = value.row;
      const actualHash = bytes === null ? null : sha256Hex(Buffer.from(bytes, 'base64'));
      return { table: 'blob', row: { ...value.row, actualHash } };
    }
    default:
      return value;
  }
}

interface Line {
  /** With its newline; null when it is not UTF-8. */
  text: string | null;
  bytes: Uint8Array;
  /** From 1. */
  number: number;
}

/** A last line without a newline is a line too: its text says so by its missing end. */
async function* readLines(source: AsyncIterable<Uint8Array>): AsyncIterable<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let number = 0;
  let pending: Uint8Array[] = [];
  const lineOf = (last: Uint8Array): Line => {
    const bytes = pending.length === 0 ? last : Buffer.concat([...pending, last]);
    pending = [];
    number += 1;
    try {
      return { text: decoder.decode(bytes), bytes, number };
    } catch {
      return { text: null, bytes, number };
    }
  };
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(10, start); end >= 0; end = chunk.indexOf(10, start)) {
      yield lineOf(chunk.subarray(start, end + 1));
      start = end + 1;
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  }
  if (pending.length > 0) yield lineOf(new Uint8Array());
}
