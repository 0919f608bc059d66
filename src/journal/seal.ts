/**
 * A seal: one short line that stands for every event up to a position. Kept outside the database (in a mail, on paper) it
 * shows any later change of what it covers, also one that was made consistently inside.
 */
import { createHash } from 'node:crypto';
import type { EventRow } from './journal-record.ts';

export interface Seal {
  /** Null: the whole journal. */
  project: string | null;
  /** Of the last event that it covers. */
  position: number;
  /** Lower-case hex sha256 of the events' hashes, in order of position. */
  digest: string;
}

export interface SealMaker {
  take(event: EventRow): void;
  /** Of what was taken so far; may be asked once. */
  value(): Seal;
}

export function createSeal(project: string | null): SealMaker {
  const digest = createHash('sha256');
  let position = 0;
  return {
    take(event) {
      position = event.position;
      digest.update(`${event.position} ${event.hash}\n`);
    },
    value: () => ({ project, position, digest: digest.digest('hex') }),
  };
}

/** `seal:*:1234:ab…` or `seal:orders-api:1234:ab…`. */
export function formatSeal({ project, position, digest }: Seal): string {
  return `seal:${project ?? '*'}:${position}:${digest}`;
}

/** Undefined when the text is none. */
export function parseSeal(text: string): Seal | undefined {
  const match = /^seal:(\*|[^:/]+):(\d{1,15}):([0-9a-f]{64})$/.exec(text.trim());
  const [, project, position, digest] = match ?? [];
  if (project === undefined || position === undefined || digest === undefined) return undefined;
  return { project: project === '*' ? null : project, position: Number(position), digest };
}
