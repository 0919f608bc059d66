/** One line of an export, checked by shape: whatever a damaged file says, an audit gets rows of the right types. */
import { z } from 'zod';
import type { JournalRecord } from './journal-record.ts';

const amount = z.number().nullable();
const shapes = {
  migration: z.object({ number: z.number(), oldestProgram: amount }),
  journal_head: z.object({ position: z.number(), fence: z.number() }),
  stream: z.object({
    stream: z.string(),
    project: z.string(),
    claimUnit: z.string(),
    version: z.number(),
    hash: z.string(),
    at: z.string(),
  }),
  claim_unit: z.object({ unit: z.string(), project: z.string(), fence: z.number() }),
  account: z.object({
    account: z.string(),
    project: z.string(),
    ceilingMicroUsd: amount,
    spentMicroUsd: z.number(),
    reservedMicroUsd: z.number(),
  }),
  reservation: z.object({
    reservation: z.string(),
    project: z.string(),
    accounts: z.array(z.string()),
    amountMicroUsd: z.number(),
    state: z.enum(['held', 'settled', 'released']),
    settledMicroUsd: amount,
    stream: z.string(),
    fence: amount,
  }),
  snapshot: z.object({ stream: z.string(), version: z.number(), reducerHash: z.string(), state: z.string() }),
  event: z.object({
    stream: z.string(),
    version: z.number(),
    position: z.number(),
    project: z.string(),
    at: z.string(),
    kind: z.string(),
    schema: z.number(),
    actor: z.string(),
    unit: z.string(),
    data: z.unknown(),
    hash: z.string(),
  }),
  blob: z.object({
    hash: z.string(),
    size: z.number(),
    actualHash: z.string().nullable(),
    bytes: z.string().nullable(),
  }),
};

type Parsed =
  | Exclude<JournalRecord, { table: 'event' }>
  | {
      table: 'event';
      row: Omit<Extract<JournalRecord, { table: 'event' }>['row'], 'data'> & { data: unknown };
    };

/** A record; the header or the trailer as they are; null when it is nothing of an export. */
export function parseExportLine(text: string | null): Parsed | { end: unknown } | { format: unknown } | null {
  const value = parseObject(text);
  if (!value) return null;
  if ('end' in value || 'format' in value) return value as { end: unknown } | { format: unknown };
  const [table, ...others] = Object.keys(value);
  if (table === undefined || others.length > 0 || !Object.hasOwn(shapes, table)) return null;
  const parsed = shapes[table as keyof typeof shapes].safeParse(value[table]);
  return parsed.success ? ({ table, row: parsed.data } as unknown as Parsed) : null;
}

function parseObject(text: string | null): Record<string, unknown> | null {
  if (text === null || !text.endsWith('}\n')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
