/** What happened to one question or approval, in words. */
import type { StoredEvent } from '../journal/event.ts';
import { describeEvent } from './describe-event.ts';

export interface HistoryEntry {
  /** ISO. */
  at: string;
  text: string;
}

/** Everything, in order. */
export function historyOf(events: readonly StoredEvent[]): HistoryEntry[] {
  return events.flatMap((event) => {
    const line = describeEvent(event, true);
    return line === null ? [] : [{ at: event.at, text: line.text }];
  });
}
