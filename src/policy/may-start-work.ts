/** Who may have anything done: only people whom a written stakeholder map names. Pure. */
import { handleOf } from './handle.ts';
import type { Stakeholders } from './stakeholders.ts';

/** Without a map, everybody who may run commands. */
export function mayStartWork({ isWritten, people }: Stakeholders, person: string): boolean {
  return !isWritten || Object.hasOwn(people, handleOf(person));
}
