/** How long things take that people are asked: ends of SLAs and times between asks. ISO times out, so that they can be promised. */
import { personOf } from '../policy/route-of.ts';
import type { Handle, Route, Stakeholders } from '../policy/stakeholders.ts';
import { addWorkingMs, workingMsBetween } from './working-hours.ts';

/** When one SLA, or `ms` of its kind of time, is over for that person. */
export function slaEndsAt(
  route: Route,
  stakeholders: Stakeholders,
  { of, fromMs, ms = route.slaMs }: { of: Handle; fromMs: number; ms?: number },
): string {
  const person = personOf(stakeholders, of);
  const endMs = route.clock === 'always' ? fromMs + ms : addWorkingMs(person, fromMs, ms);
  return new Date(endMs).toISOString();
}

/** How much of an SLA passed for that person between two instants. */
export function slaTimeBetween(
  route: Route,
  stakeholders: Stakeholders,
  { of, fromMs, toMs }: { of: Handle; fromMs: number; toMs: number },
): number {
  if (route.clock === 'always') return Math.max(0, toMs - fromMs);
  return workingMsBetween(personOf(stakeholders, of), fromMs, toMs);
}

const dayMs = 86_400_000;

/** After so many asks without an answer: SLA × 2ⁿ, at most a day (or one SLA, where that is longer). */
export function repingMs({ slaMs }: Route, asks: number, { isRehearsal }: Stakeholders): number {
  const mostMs = isRehearsal ? dayMs / 60 : dayMs;
  return Math.min(doubled(slaMs, asks), Math.max(slaMs, mostMs));
}

/** For what is parked nobody is reminded daily: SLA × 2ⁿ without an end. */
export function parkedReminderMs({ slaMs }: Route, asks: number): number {
  return doubled(slaMs, asks);
}

function doubled(ms: number, times: number): number {
  return ms * 2 ** Math.min(times, 20);
}
