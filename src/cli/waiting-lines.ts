/** What waits for people, as lines: what it is, who is asked, until when, and below it what to type. */
import { localDue, type Moment } from '../views/local-time.ts';
import type { WaitingRow } from '../views/waiting-view.ts';
import type { Terminal } from './terminal.ts';

export function describeWaiting(
  terminal: Pick<Terminal, 'style'>,
  rows: readonly WaitingRow[],
  moment: Moment,
): string[] {
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  return rows.flatMap(({ name, whom, what, dueAt, isOverdue, command }) => {
    const due = dueAt === null ? '' : ` · ${localDue(dueAt, moment)}`;
    const text = `${whom === null ? '' : `${whom}: `}${what}`;
    const end = isOverdue ? terminal.style('red', due) : due;
    return [
      `  ${terminal.style('bold', name.padEnd(width))}  ${text}${end}`,
      `  ${' '.repeat(width)}  ${terminal.style('dim', command)}`,
    ];
  });
}
