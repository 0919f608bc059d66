/** Writes to a shared stream: fold, decide, append at the folded version, and again when somebody was faster. */
import type { NewEvent, StreamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';

const maxTries = 20;

/** `decide` gets the current version and returns the events, or none to leave things as they are. */
export async function appendShared(options: {
  journal: Journal;
  newId: () => string;
  project: string;
  stream: StreamId;
  decide: () => Promise<{ version: number; events: NewEvent[] }>;
}): Promise<void> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const { version, events } = await options.decide();
    if (events.length === 0) return;
    const outcome = await options.journal.append({
      id: options.newId(),
      project: options.project,
      stream: options.stream,
      expectedVersion: version,
      fence: null,
      events,
    });
    if (outcome.outcome === 'appended') return;
  }
  throw new Error(`${options.stream}: gave up after ${maxTries} conflicting writes`);
}
