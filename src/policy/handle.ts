/** One spelling of a person's handle, however it was typed: `sarah-pm` and `@sarah-pm` are the same person. */
import type { Handle } from './stakeholders.ts';

/** As the stakeholder map has it. What no handle can contain becomes a dash: `Sarah PM` is `@Sarah-PM`. */
export function handleOf(person: string): Handle {
  const name = person.normalize('NFC').trim().replace(/^@/, '');
  return `@${name.replaceAll(/[\s@]+/g, '-')}`;
}
