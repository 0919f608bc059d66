/** How a question that the observer of a month follows comes to the end of a wait, or of its life. */
import { endSpan, type Observation, patienceMs } from './observation.ts';
import { type Case, candidatesFrom, type Settled } from './observed-case.ts';
import { overlap } from './spans.ts';

export function settle(seen: Observation, known: Case, settled: Settled, atMs: number): void {
  if (settled.how !== 'defaulted') seen.lookAtTimers(known, atMs);
  if (known.status === 'asked') seen.rooms.move(known.holder, null, atMs);
  endSpan(seen.unrouted, `${known.kind} ${known.name}`, atMs);
  Object.assign(known, { status: 'settled', settled, settledAtMs: atMs, isMeshPaused: false });
}

/** While nobody had been asked, nobody could be. */
export function endWait(seen: Observation, known: Case, atMs: number): void {
  if (!seen.waiting.delete(known)) return;
  const wait = { fromMs: known.waitsSinceMs, toMs: atMs };
  for (const { person } of candidatesFrom(known, 0)) {
    const idle = seen.rooms
      .askableWithin(person, wait)
      .find((span) => seen.attendedMs(overlap(span, wait) ?? { fromMs: 0, toMs: 0 }) > patienceMs);
    if (idle)
      seen.find(
        'whoever can be asked first is asked',
        known,
        idle.fromMs,
        `${person} is not asked, and could be`,
      );
  }
}
