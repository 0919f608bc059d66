/** What follows when nobody answers in time: the modes and declared timeouts of a route, as one rule. Pure. */
import { chainOf, isComplianceKind } from '../policy/route-of.ts';
import type { Handle, Stakeholders } from '../policy/stakeholders.ts';
import type { QuestionState } from './question-state.ts';

/**
 *   default   the documented default holds, flagged
 *   climb     the next rung is asked and the primary again, more urgently; at the end of the chain the last one, for ever
 *   remind    parked: the primary is reminded, then the next rung has it; nothing is ever taken by default
 */
export type Timeout = 'default' | 'climb' | 'remind';

type Timed = Pick<QuestionState, 'kind' | 'route' | 'mode' | 'defaultOption' | 'isCompliance'>;

export function timeoutOf({ kind, route, mode, defaultOption, isCompliance }: Timed): Timeout {
  // Whatever is declared, and whoever found out that it is one: what a regulator asks about is not decided by a clock.
  if (mode === 'block' && (isCompliance || isComplianceKind(kind))) return 'climb';
  const declared = route?.onTimeout?.action ?? implied[mode];
  if (declared === 'default_and_flag') return defaultOption === null ? 'climb' : 'default';
  return declared === 'remind' ? 'remind' : 'climb';
}

const implied = { wait: 'default_and_flag', block: 'climb', park: 'remind' } as const;

/** The mesh is paused as well where the route says so and nobody has said that they have it. */
export function pausesMesh({ route, status, isMeshPaused }: QuestionState): boolean {
  return route?.onTimeout?.action === 'pause_all_clusters' && status !== 'acknowledged' && !isMeshPaused;
}

/** Who is asked in turn; of what is parked nobody else is bothered than the route names. */
export function rungsOf(state: Timed, stakeholders: Stakeholders): Handle[] {
  const { route } = state;
  if (route === null) return [];
  if (timeoutOf(state) !== 'remind') return chainOf(route, stakeholders);
  const named = [route.primary, route.fallback, route.secondary];
  return [...new Set(named.filter((handle) => handle !== null))];
}
