/**
 * Checks what is kept beside the events: every stream's head, the journal's head, the claim units. They must say what
 * the events say; a cut-off end of a stream shows here.
 */
import type { EventAudit } from './audit-events.ts';
import {
  type Audit,
  type ClaimUnitRow,
  projectOfId,
  type ReportDamage,
  type StreamRow,
} from './journal-record.ts';

export function auditStreamHeads(report: ReportDamage, events: EventAudit): Audit {
  const rows: StreamRow[] = [];
  return {
    take(record) {
      if (record.table === 'stream') rows.push(record.row);
    },
    finish() {
      const known = new Set<string>();
      for (const row of rows) {
        known.add(row.stream);
        checkStreamRow(row, events, report);
      }
      for (const stream of events.ends.keys()) {
        if (!known.has(stream)) report(stream, 'has events and no head');
      }
    },
  };
}

function checkStreamRow(row: StreamRow, events: EventAudit, report: ReportDamage): void {
  const { stream, version } = row;
  if (projectOfId(stream) !== row.project) report(stream, `its head is stored under project ${row.project}`);
  const end = events.ends.get(stream);
  if (!end) {
    report(stream, `its head is at version ${version} and it has no events`);
    return;
  }
  if (end.version < version) {
    const lost =
      version - end.version === 1
        ? `version ${version} was`
        : `versions ${end.version + 1} to ${version} were`;
    report(stream, `ends at version ${end.version}; its head says ${version}: ${lost} cut off`);
  } else if (end.version > version) {
    report(`${stream} version ${version + 1}`, `is after the end of its stream, version ${version}`);
  } else if (end.hash !== row.hash) {
    report(stream, `its head's hash is not that of its last event, version ${version}`);
  }
  if (end.version === version && end.at !== row.at) {
    report(stream, `its head's time ${row.at} is not that of its last event, ${end.at}`);
  }
}

export function auditJournalHead(report: ReportDamage, events: EventAudit): Audit {
  let head: { position: number; fence: number } | null = null;
  let highestFence = 0;
  return {
    take(record) {
      if (record.table === 'journal_head') head = record.row;
      if (record.table === 'claim_unit') highestFence = Math.max(highestFence, record.row.fence);
    },
    finish() {
      if (!head) {
        report('journal_head', 'is missing');
        return;
      }
      const last = events.lastPosition();
      if (head.position !== last) {
        const what =
          head.position > last ? 'the end of the journal was cut off' : 'events were added past the end';
        report('journal_head', `says position ${head.position}; the last event is at ${last}: ${what}`);
      }
      if (head.fence !== highestFence) {
        report('journal_head', `says fence ${head.fence}; the highest of a claim unit is ${highestFence}`);
      }
    },
  };
}

/** Fences are counted over the whole journal: each belongs to one claim of one unit, and none is taken back. */
export function auditClaimUnits(report: ReportDamage): Audit {
  const units = new Map<string, ClaimUnitRow>();
  const byFence = new Map<number, string>();
  const streams: StreamRow[] = [];
  const reserved = new Map<string, number>();
  return {
    take(record) {
      if (record.table === 'stream') streams.push(record.row);
      if (record.table === 'reservation') {
        const { stream, fence } = record.row;
        reserved.set(stream, Math.max(fence ?? 0, reserved.get(stream) ?? 0));
      }
      if (record.table !== 'claim_unit') return;
      const { row } = record;
      const place = `claim unit ${row.unit}`;
      units.set(row.unit, row);
      if (projectOfId(row.unit) !== row.project) report(place, `is stored under project ${row.project}`);
      const other = byFence.get(row.fence);
      if (row.fence > 0 && other !== undefined) report(place, `has fence ${row.fence}, which is ${other}'s`);
      byFence.set(row.fence, row.unit);
    },
    finish() {
      for (const { stream, claimUnit } of streams) {
        const unit = units.get(claimUnit);
        if (!unit) report(stream, `belongs to claim unit ${claimUnit}, which does not exist`);
        else if ((reserved.get(stream) ?? 0) > unit.fence) {
          report(
            `claim unit ${claimUnit}`,
            `has fence ${unit.fence}; ${stream} was written under ${reserved.get(stream)}`,
          );
        }
      }
    },
  };
}
