/** The one sentence that says what happens when nobody answers, with the clock time at the reader's place; and clock times. Pure. */
import { DateTime } from 'luxon';
import { personOf } from '../policy/route-of.ts';
import type { Handle, Stakeholders } from '../policy/stakeholders.ts';
import { isRouted } from './decide-question.ts';
import type { QuestionState } from './question-state.ts';
import { pausesMesh, rungsOf, timeoutOf } from './timeout.ts';

export interface Reader {
  to: Handle;
  stakeholders: Stakeholders;
  nowMs: number;
  /** IANA zone in which they read it; not given: the one of their working hours. */
  timeZone?: string;
}

/** What happens at the question's due time; settled, or without a route: what it waits for. */
export function composeConsequence(state: QuestionState, reader: Reader): string {
  if (state.status === 'unrouted') {
    return `It waits until kind ${state.kind} has a route; nothing is decided without a person.`;
  }
  if (!isRouted(state)) return 'Nothing: it is settled.';
  const time = clockTime(state.dueAt, reader);
  const mustAcknowledge = state.route.requiresAcknowledgment && state.status !== 'acknowledged';
  if (timeoutOf(state) === 'default') {
    const what = mustAcknowledge ? 'no answer or acknowledgement' : 'no answer';
    return `Default if ${what} by ${time}: option ${state.defaultOption}, flagged for review.`;
  }
  const unless = `${mustAcknowledge ? 'Unless it is acknowledged' : 'Without an answer'} by ${time}`;
  if (pausesMesh(state)) return `${unless}, all clusters are paused${nextAsked(state, reader)}.`;
  return `${unless}, ${whatFollows(state, reader)}.`;
}

function nextAsked(state: QuestionState, { stakeholders }: Reader): string {
  const next = nextRung(state, stakeholders);
  return next === null ? '' : ` and ${next} is asked`;
}

function whatFollows(state: QuestionState, { to, stakeholders }: Reader): string {
  const whom = state.addressee === to || state.addressee === null ? 'you are' : `${state.addressee} is`;
  const next = nextRung(state, stakeholders);
  if (timeoutOf(state) === 'remind') {
    const isFirst = state.repings === 0 && state.rung === 0;
    const what = next !== null && !isFirst ? `${next} is asked` : `${whom} reminded`;
    return `${what}; the item stays parked, nothing is decided by default`;
  }
  const asked = next === null ? `${whom} asked again` : `${next} is asked`;
  return state.mode === 'block' ? `${asked}; the cluster stays stopped until it is answered` : asked;
}

function nextRung(state: QuestionState, stakeholders: Stakeholders): Handle | null {
  return rungsOf(state, stakeholders)[state.rung + 1] ?? null;
}

/** `15:45` at the reader's place, with the day where it is not today: `Mon 15:45`, `3 Dec 15:45`. */
export function clockTime(at: string, { to, stakeholders, nowMs, timeZone }: Reader): string {
  const zone = timeZone ?? zoneOf(to, stakeholders);
  const then = DateTime.fromISO(at, { zone }).setLocale('en');
  const now = DateTime.fromMillis(nowMs, { zone });
  const daysAhead = then.startOf('day').diff(now.startOf('day'), 'days').days;
  // A rehearsal's minutes are seconds, so its times are told to the second.
  const time = then.toFormat(stakeholders.isRehearsal ? 'HH:mm:ss' : 'HH:mm');
  if (daysAhead === 0) return time;
  return `${then.toFormat(daysAhead > 0 && daysAhead < 7 ? 'ccc' : 'd MMM')} ${time}`;
}

/** IANA name; UTC for somebody of whom no working hours are known. */
export function zoneOf(to: Handle, stakeholders: Stakeholders): string {
  return personOf(stakeholders, to).hours?.timeZone ?? 'UTC';
}

/** `60 min SLA`; in a rehearsal, where minutes run as seconds, `60 s SLA`. */
export function describeSla({ route }: Pick<QuestionState, 'route'>): string {
  if (route === null) return 'no SLA';
  const seconds = Math.round(route.slaMs / 1000);
  return seconds < 120 && seconds % 60 !== 0 ? `${seconds} s SLA` : `${Math.round(seconds / 60)} min SLA`;
}
