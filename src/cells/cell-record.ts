/**
 * What is written down about a cell in its private folder, so that whoever comes after a crash can find its processes.
 * Isolated cells see folders inside the private one, never the record itself.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { identifyProcess } from '../base/process-identity.ts';

const identity = z.object({ pid: z.number().int(), startedAt: z.string() });

const shape = z.object({
  format: z.literal(1),
  /** The CellSpec's id. */
  id: z.string(),
  /** In the environment of the cell's first processes; also names the private folder. */
  token: z.string(),
  driver: z.enum(['process', 'bubblewrap']),
  opener: identity,
  /** First processes, noted as soon as they are known. */
  processes: z.array(identity),
  /** A further folder of the cell outside of the private one. */
  egressDir: z.string().nullable(),
});

export type CellRecord = z.infer<typeof shape>;

const fileName = 'cell.json';

/** Complete or not at all. */
export function writeCellRecord(dir: string, record: CellRecord): void {
  const place = join(dir, fileName);
  writeFileSync(`${place}.new`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${place}.new`, place);
}

/** Null when there is none that makes sense. */
export function readCellRecord(dir: string): CellRecord | null {
  try {
    const parsed = shape.safeParse(JSON.parse(readFileSync(join(dir, fileName), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/**
 * Adds a process to the record. A record that cannot be written is no reason to fail: the token finds the process too
 * (Linux), and where the folder is gone, somebody ended this cell.
 */
export function noteProcess(dir: string, pid: number | undefined): void {
  const record = readCellRecord(dir);
  const known = pid === undefined ? undefined : identifyProcess(pid);
  if (record === null || known === undefined) return;
  try {
    writeCellRecord(dir, { ...record, processes: [...record.processes, known] });
  } catch {
    // See above.
  }
}
