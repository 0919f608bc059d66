/** `agent.finished` through the versions. */
import type { JsonObject } from '../../base/json.ts';
import type { Upcast } from '../../journal/upcast.ts';

/**
 * Schema 1 (0.1.0) was written before the agent's work was taken out, and says nothing of it. Whoever needs the ending
 * needs it because no result of the step followed: then `done` means that the work was lost, as it was in that version.
 */
function nameTheWork(data: JsonObject): JsonObject {
  const outcome = data.outcome === 'done' ? 'interrupted' : data.outcome;
  return { ...data, outcome: outcome ?? 'interrupted', commit: null, findings: [] };
}

export const agentFinished: readonly Upcast[] = [nameTheWork];
