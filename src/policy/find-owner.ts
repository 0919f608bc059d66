/**
 * Who a role is: the engineering lead, the `cto` of `escalate_to_cto`. Said by the file where it says so, else guessed from the
 * handles in it, and then known to be a guess. Pure.
 */
import { handleOf } from './handle.ts';
import type { Handle } from './stakeholders.ts';
import type { StakeholdersFile } from './stakeholders-schema.ts';

export type Owner =
  | { handle: Handle; how: 'said' | 'guessed' | 'engineering_lead' }
  | { handle: null; how: 'nobody' };

const nobody: Owner = { handle: null, how: 'nobody' };

export const engineeringLeadRole = 'engineering_lead';

export function findEngineeringLead(file: StakeholdersFile): Owner {
  if (file.engineering_lead !== undefined) return { handle: handleOf(file.engineering_lead), how: 'said' };
  const said = peopleWithRole(file, engineeringLeadRole)[0];
  if (said !== undefined) return { handle: said, how: 'said' };
  const guess = listHandles(file).find((handle) =>
    isNamedAfter(handle, ['engineering', 'lead'], ['eng', 'lead']),
  );
  return guess === undefined ? nobody : { handle: guess, how: 'guessed' };
}

/** `role`: as written after `escalate_to_`. Where nobody fits it is the engineering lead. */
export function findRoleOwner(file: StakeholdersFile, role: string): Owner {
  const lead = findEngineeringLead(file);
  const wanted = wordsOf(role);
  if (wanted.join('_') === engineeringLeadRole) return lead;
  const handles = listHandles(file);
  const said = peopleWithRole(file, role)[0] ?? handles.find((handle) => handle === handleOf(role));
  if (said !== undefined) return { handle: said, how: 'said' };
  const guess = handles.find((handle) => isNamedAfter(handle, wanted));
  if (guess !== undefined) return { handle: guess, how: 'guessed' };
  return lead.handle === null ? nobody : { handle: lead.handle, how: 'engineering_lead' };
}

export function peopleWithRole(file: StakeholdersFile, role: string): Handle[] {
  return Object.entries(file.people ?? {})
    .filter(([, person]) => person?.role && wordsOf(person.role).join('_') === wordsOf(role).join('_'))
    .map(([handle]) => handleOf(handle));
}

/** Every handle that the file names, each once, in the order of `people`, lead, routes, tiers; deputies last. */
export function listHandles(file: StakeholdersFile): Handle[] {
  return [...new Set([...listAskedHandles(file), ...listDeputies(file)])];
}

/** Without those that are only somebody's deputy. */
export function listAskedHandles(file: StakeholdersFile): Handle[] {
  const routes = Object.values(file.escalation_routes ?? {});
  const tiers = Object.values(file.approval_tiers ?? {});
  const written = [
    ...Object.keys(file.people ?? {}),
    file.engineering_lead,
    ...routes.flatMap(({ primary, fallback, secondary }) => [primary, fallback, secondary]),
    ...tiers.flatMap(({ approvers }) => approvers ?? []),
  ];
  return [...new Set(written.filter((each) => each !== undefined).map(handleOf))];
}

function listDeputies(file: StakeholdersFile): Handle[] {
  return Object.values(file.people ?? {}).flatMap((person) =>
    person?.deputy ? [handleOf(person.deputy)] : [],
  );
}

/** `@cto-channel` is named after `cto`, `@director` is not. */
function isNamedAfter(handle: Handle, ...names: (readonly string[])[]): boolean {
  const words = wordsOf(handle).join(' ');
  return names.some((name) => ` ${words} `.includes(` ${name.join(' ')} `));
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
}
