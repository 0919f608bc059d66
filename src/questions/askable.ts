/** Who can be asked at this moment: at work, and with room for one more open question. Pure. */
import { personOf } from '../policy/route-of.ts';
import type { Handle, Stakeholders } from '../policy/stakeholders.ts';
import { isAtWork, nextAtWork } from './working-hours.ts';

export interface PeopleNow {
  nowMs: number;
  stakeholders: Stakeholders;
  openAsks: ReadonlyMap<Handle, number>;
}

export interface Askable {
  to: Handle;
  rung: number;
  /** Why them, when another was to come first. */
  why: 'asked' | 'deputy' | 'off_hours' | 'busy';
}

/** @param how `anyway`: it is theirs already, so there is no question of room. */
export function isAskable(
  handle: Handle,
  { nowMs, stakeholders, openAsks }: PeopleNow,
  how?: 'anyway',
): boolean {
  const person = personOf(stakeholders, handle);
  if (!isAtWork(person, nowMs)) return false;
  return how === 'anyway' || (openAsks.get(person.handle) ?? 0) < person.attentionLimit;
}

/** From the rung `from` upwards: the person, else their deputy, else the next; `except` has it already. Null: nobody now. */
export function findAskable(
  rungs: readonly Handle[],
  { from, except = null }: { from: number; except?: Handle | null },
  people: PeopleNow,
): Askable | null {
  let why: Askable['why'] = 'asked';
  for (let rung = from; rung < rungs.length; rung += 1) {
    const handle = rungs[rung] as Handle;
    if (handle !== except && isAskable(handle, people)) return { to: handle, rung, why };
    const { deputy } = personOf(people.stakeholders, handle);
    if (deputy !== null && deputy !== except && isAskable(deputy, people))
      return { to: deputy, rung, why: 'deputy' };
    if (rung === from) why = isAskable(handle, people, 'anyway') ? 'busy' : 'off_hours';
  }
  return null;
}

/** When those of them who are off, or their deputies, are at work again. */
export function nextChange(handles: readonly Handle[], { nowMs, stakeholders }: PeopleNow): number[] {
  return handles
    .flatMap((handle) => {
      const person = personOf(stakeholders, handle);
      return person.deputy === null ? [person] : [person, personOf(stakeholders, person.deputy)];
    })
    .map((person) => nextAtWork(person, nowMs))
    .filter((ms) => ms > nowMs);
}
