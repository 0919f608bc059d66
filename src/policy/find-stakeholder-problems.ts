/**
 * What a stakeholders.yaml of the right shape can still get wrong: people who are nobody, routes that contradict themselves or
 * end nowhere, times that never come. Routes are judged one by one in find-route-problems.ts.
 */
import { distance } from 'fastest-levenshtein';
import { IANAZone } from 'luxon';
import type { Diagnostic } from '../yaml/diagnostic.ts';
import { suggestWord } from '../yaml/yaml-shape.ts';
import { diagnosticAt, type YamlPath, type YamlSource } from '../yaml/yaml-source.ts';
import { buildHours, buildStakeholders } from './build-stakeholders.ts';
import { engineeringLeadRole, findEngineeringLead, listAskedHandles, peopleWithRole } from './find-owner.ts';
import { findRouteProblems } from './find-route-problems.ts';
import { handleOf } from './handle.ts';
import { withDeputies } from './route-of.ts';
import type { Report, Reports } from './stakeholder-reports.ts';
import type { Handle, Stakeholders } from './stakeholders.ts';
import type { HoursFile, StakeholdersFile } from './stakeholders-schema.ts';

/**
 * In no particular order. `isSound`: the file has the right shape; otherwise `file` is what is left of it, and who seems to be
 * missing may have been misspelt.
 */
export function findStakeholderProblems(
  file: StakeholdersFile,
  source: YamlSource,
  { isSound }: { isSound: boolean },
): Diagnostic[] {
  const reports: Reports = {
    error: (at, message) => diagnosticAt(source.locate(at), message),
    warning: (at, message) => diagnosticAt(source.locate(at), message, 'warning'),
    errorAtKey: (at, message) => diagnosticAt(source.locateKey(at), message),
  };
  const stakeholders = buildStakeholders(file);
  return [
    ...findPeopleProblems(file, reports),
    ...findDeputyProblems(file, stakeholders, reports),
    ...findLookalikes(file, reports),
    ...(isSound ? findLeadProblems(file, reports) : []),
    ...Object.keys(file.escalation_routes ?? {}).flatMap((kind) =>
      findRouteProblems({ file, stakeholders, kind, isSound }, reports),
    ),
    ...findTierProblems(file, stakeholders, reports),
  ];
}

function findPeopleProblems(file: StakeholdersFile, { error, errorAtKey }: Reports): Diagnostic[] {
  const seen = new Set<Handle>();
  return Object.entries(file.people ?? {}).flatMap(([written, person]) => {
    const handle = handleOf(written);
    const at = ['people', written];
    const isTwice = seen.has(handle);
    seen.add(handle);
    if (!/^@?[^\s@]{1,99}$/.test(written))
      return [errorAtKey(at, `\`${written}\` is no handle; write it as "@sarah-pm"`)];
    return [
      ...(isTwice ? [errorAtKey(at, `\`${handle}\` stands twice under \`people\``)] : []),
      ...(person?.hours ? findHoursProblems(person.hours, [...at, 'hours'], error) : []),
    ];
  });
}

function findHoursProblems(hours: HoursFile, at: YamlPath, error: Report): Diagnostic[] {
  const found: Diagnostic[] = [];
  const { zone, days } = hours;
  if (!IANAZone.isValidZone(zone)) {
    const hint = suggestWord(zone, Intl.supportedValuesOf('timeZone'));
    found.push(
      error([...at, 'zone'], `there is no time zone \`${zone}\`${hint || '; write it as Europe/Berlin'}`),
    );
  }
  if (days?.length === 0)
    found.push(error([...at, 'days'], 'no working days: they would never be asked; take `hours` out'));
  const { fromMinute, toMinute } = buildHours(hours);
  if (fromMinute >= toMinute) {
    const message = `the hours are empty: ${hours.from} is not before ${hours.to} (hours over midnight are not known)`;
    found.push(error([...at, 'to'], message));
  }
  return found;
}

function findDeputyProblems(
  file: StakeholdersFile,
  { people }: Stakeholders,
  { error, warning }: Reports,
): Diagnostic[] {
  const asked = listAskedHandles(file);
  const deputyOf = (handle: Handle) => people[handle]?.deputy ?? null;
  const reported = new Set<Handle>();
  return Object.entries(file.people ?? {}).flatMap(([written, person]) => {
    if (!person?.deputy) return [];
    const [handle, deputy] = [handleOf(written), handleOf(person.deputy)];
    const at = ['people', written, 'deputy'];
    if (deputy === handle) return [error(at, `\`${handle}\` is their own deputy`)];
    if (!asked.includes(deputy)) {
      const hint = suggestWord(deputy, asked) || '; list them under `people`';
      return [error(at, `the deputy \`${deputy}\` is nobody that this file knows${hint}`)];
    }
    const circle = findCircle(handle, deputyOf);
    if (circle === null || reported.has(handle)) return [];
    for (const each of circle) reported.add(each);
    const message = `deputies in a circle: ${[...circle, handle].join(' → ')}; when all are off, none of them is asked`;
    return [warning(at, message)];
  });
}

/** The handles from `start` back to it; null: the line of deputies ends, or turns in a circle further on. */
function findCircle(start: Handle, deputyOf: (handle: Handle) => Handle | null): Handle[] | null {
  const line = [start];
  for (let next = deputyOf(start); next !== null && next !== start; next = deputyOf(next)) {
    if (line.includes(next)) return null;
    line.push(next);
  }
  return deputyOf(line.at(-1) ?? start) === start ? line : null;
}

/** A handle that no entry has and that one entry almost has is a slip of the fingers far more often than another person. */
function findLookalikes(file: StakeholdersFile, { error }: Reports): Diagnostic[] {
  const known = Object.keys(file.people ?? {}).map(handleOf);
  return placesOfHandles(file).flatMap(({ at, handle }) => {
    if (known.includes(handle)) return [];
    const mostSlips = Math.min(2, Math.floor(handle.length / 3));
    const meant = known.find((each) => distance(each.toLowerCase(), handle.toLowerCase()) <= mostSlips);
    if (meant === undefined) return [];
    const message = `nobody under \`people\` is \`${handle}\`; did you mean \`${meant}\`? (somebody else gets an entry of their own)`;
    return [error(at, message)];
  });
}

function placesOfHandles(file: StakeholdersFile): { at: YamlPath; handle: Handle }[] {
  const lead = file.engineering_lead;
  const written: [YamlPath, string | undefined][] = [
    [['engineering_lead'], lead],
    ...Object.entries(file.escalation_routes ?? {}).flatMap(([kind, route]) =>
      (['primary', 'fallback', 'secondary'] as const).map((rung): [YamlPath, string | undefined] => [
        ['escalation_routes', kind, rung],
        route[rung],
      ]),
    ),
    ...Object.entries(file.approval_tiers ?? {}).flatMap(([name, { approvers = [] }]) =>
      approvers.map((each, index): [YamlPath, string] => [
        ['approval_tiers', name, 'approvers', index],
        each,
      ]),
    ),
  ];
  return written.flatMap(([at, handle]) => (handle === undefined ? [] : [{ at, handle: handleOf(handle) }]));
}

function findLeadProblems(file: StakeholdersFile, { warning }: Reports): Diagnostic[] {
  const lead = findEngineeringLead(file);
  const holders = peopleWithRole(file, engineeringLeadRole);
  if (file.engineering_lead === undefined && holders.length > 1) {
    const message = `${holders.join(' and ')} have the role of the engineering lead; ${holders[0]} is taken (say who with \`engineering_lead\`)`;
    return [warning(['people'], message)];
  }
  switch (lead.how) {
    case 'guessed':
      return [
        warning(
          [],
          `nobody is said to be the engineering lead, who is asked about gaps, and last; by the name alone it is ${lead.handle}: say so with \`engineering_lead: "${lead.handle}"\``,
        ),
      ];
    case 'nobody':
      return [
        warning(
          [],
          'nobody is the engineering lead, so nobody is asked about kinds without a route; say who with `engineering_lead`',
        ),
      ];
    default:
      return [];
  }
}

/** Of the tiers in force, where the file writes any: who writes none may never need them. */
function findTierProblems(
  file: StakeholdersFile,
  stakeholders: Stakeholders,
  { error, warning, errorAtKey }: Reports,
): Diagnostic[] {
  const written = file.approval_tiers;
  if (!written) return [];
  return Object.values(stakeholders.approvalTiers).flatMap(({ name, approvers, peopleCount }) => {
    const isWritten = Object.hasOwn(written, name);
    const at = isWritten ? ['approval_tiers', name] : ['approval_tiers'];
    if (isWritten && !/^[a-z][a-z0-9_-]{0,49}$/.test(name))
      return [errorAtKey(at, `the name of a tier is one word in small letters, not \`${name}\``)];
    const able = withDeputies(approvers, stakeholders);
    if (able.length === 0 || able.length >= peopleCount) return [];
    const message = `${name} needs ${peopleCount} people who say yes, and only ${able.join(', ')} may; name more \`approvers\``;
    return [isWritten ? error(at, message) : warning(at, message)];
  });
}
