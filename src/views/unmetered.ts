/** Which outside agents worked past the meter, as their tapes say: what they spent is known nowhere here. */
import { readTapeEvent } from '../gateway/tape-codec.ts';
import { tapeKinds } from '../gateway/tape-kinds.ts';
import type { Journal } from '../journal/journal.ts';
import { isKnown } from '../journal/upcast.ts';

export interface UnmeteredAgent {
  item: number;
  /** Its name in the policy. */
  agent: string;
}

/** A session begins right after its agent was seated; later ones of the same agent are metered alike. */
const firstEvents = 12;

/** @param item only of this one; default: of all. Each agent of an item once. */
export async function findUnmetered(
  journal: Pick<Journal, 'streams' | 'read'>,
  project: string,
  item?: number,
): Promise<UnmeteredAgent[]> {
  const prefix = item === undefined ? `agent:${project}/` : `agent:${project}/${item}/`;
  const found = new Map<string, UnmeteredAgent>();
  for (const { stream } of await journal.streams(project, { prefix })) {
    const number = Number(stream.slice(`agent:${project}/`.length).split('/')[0]);
    for (const stored of await journal.read(stream, { limit: firstEvents })) {
      const event = isKnown(tapeKinds, stored) ? readTapeEvent(stored) : null;
      if (event?.kind !== 'outside.session_started' || event.data.isMetered) continue;
      const { agent } = event.data;
      found.set(`${number} ${agent}`, { item: number, agent });
    }
  }
  return [...found.values()];
}

/** For every screen that shows money. */
export function describeUnmetered(agents: readonly UnmeteredAgent[]): string | null {
  if (agents.length === 0) return null;
  const names = agents.map(({ item, agent }) => `#${item} ${agent}`).join(', ');
  return `NOT METERED: ${names}; what they spent is not known here, only their time and turns are limited`;
}
