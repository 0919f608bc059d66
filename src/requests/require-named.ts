/** The one place where a person is turned away whom the written stakeholder map does not name. */
import { MeshwrightError } from '../base/errors.ts';
import { handleOf } from '../policy/handle.ts';
import { stakeholdersFile } from '../policy/load-stakeholders.ts';
import { mayStartWork } from '../policy/may-start-work.ts';
import type { Stakeholders } from '../policy/stakeholders.ts';

const mostNamed = 8;

/** Every door calls it before it has something done in a person's name. @throws MeshwrightError `person_not_named`. */
export function requireNamed(stakeholders: Stakeholders, person: string): void {
  if (mayStartWork(stakeholders, person)) return;
  const handle = handleOf(person);
  throw new MeshwrightError(
    'person_not_named',
    `${handle} may not have anything done here: ${stakeholdersFile} names ${listNames(stakeholders)}`,
    {
      hint: `Ask one of them, or be listed there: \`people: { "${handle}": {} }\`. Who you are is said by MESHWRIGHT_PERSON.`,
    },
  );
}

function listNames({ people }: Stakeholders): string {
  const names = Object.keys(people);
  if (names.length === 0) return 'nobody';
  const rest = names.length - mostNamed;
  return rest > 0 ? `${names.slice(0, mostNamed).join(', ')} and ${rest} more` : names.join(', ');
}
