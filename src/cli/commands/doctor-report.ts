/** What `doctor` has to say, as lines or as JSON. */
import type { Damage } from '../../journal/journal-record.ts';
import type { ExitCode } from '../door.ts';
import type { Session } from '../session.ts';
import { table } from '../terminal.ts';
import type { Examination } from './doctor-examination.ts';
import type { EndedOrphan } from './doctor-fix.ts';
import type { Orphan } from './doctor-orphan.ts';

/** One edit can contradict very much; the first lines say where to look. */
const mostShown = 20;

export interface DoctorReport {
  examinations: Examination[];
  damage: Damage[];
  orphans: Orphan[];
  ended: EndedOrphan[];
}

/** Returns the exit code: 1 when something is bad; advice and orphans are not. */
export function printReport({ terminal }: Session, report: DoctorReport): ExitCode {
  const { examinations, damage, orphans, ended } = report;
  const isHealthy = examinations.every((each) => each.result !== 'bad');
  if (terminal.isJson) {
    const outcomes = new Map(ended.map(({ orphan, outcome }) => [orphan, outcome]));
    terminal.json({
      ok: isHealthy,
      examinations,
      damage,
      orphans: orphans.map((orphan) => ({
        kind: orphan.kind,
        name: orphan.name,
        text: orphan.text,
        canBeEnded: orphan.ending !== null,
        outcome: outcomes.get(orphan) ?? null,
      })),
    });
    return isHealthy ? 0 : 1;
  }
  const sign = {
    good: terminal.style('green', '✓'),
    bad: terminal.style('red', '✗'),
    advice: terminal.style('yellow', '!'),
  };
  for (const line of table(examinations.map((each) => [sign[each.result], each.name, each.text])))
    terminal.line(line);
  for (const { place, text } of damage.slice(0, mostShown)) {
    terminal.line(`${terminal.style('red', 'damage')} ${place}: ${text}`);
  }
  const hidden = damage.length - mostShown;
  if (hidden > 0) terminal.line(`and ${hidden} more; --json lists them`);
  for (const { kind, name, text } of orphans) terminal.line(`${kind.replace('_', ' ')} ${name}: ${text}`);
  for (const { orphan, isEnded, outcome } of ended) {
    terminal.line(
      `${isEnded ? sign.good : sign.bad} ${orphan.kind.replace('_', ' ')} ${orphan.name}: ${outcome}`,
    );
  }
  for (const each of examinations) if (each.fix) terminal.line(`${each.name}: ${each.fix}`);
  return isHealthy ? 0 : 1;
}
