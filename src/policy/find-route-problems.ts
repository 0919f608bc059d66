/** What one route of stakeholders.yaml can get wrong: contradictions, people asked twice, a line of people that ends too early. */
import type { Diagnostic } from '../yaml/diagnostic.ts';
import { escalatedRole } from './build-stakeholders.ts';
import { findRoleOwner } from './find-owner.ts';
import { handleOf } from './handle.ts';
import { readKind } from './question-kind.ts';
import { chainOf, isComplianceKind, routeOf } from './route-of.ts';
import type { Reports } from './stakeholder-reports.ts';
import type { Stakeholders } from './stakeholders.ts';
import type { RouteFile, StakeholdersFile } from './stakeholders-schema.ts';

interface RouteFacts {
  file: StakeholdersFile;
  /** What the file comes to. */
  stakeholders: Stakeholders;
  kind: string;
  isSound: boolean;
}

export function findRouteProblems(facts: RouteFacts, reports: Reports): Diagnostic[] {
  const { file, kind, isSound } = facts;
  const route = file.escalation_routes?.[kind];
  if (!route) return [];
  const { error, warning, errorAtKey } = reports;
  const at = ['escalation_routes', kind];
  const found: Diagnostic[] = [];
  if (readKind(kind) !== kind)
    found.push(errorAtKey(at, 'a kind is written in small letters, such as `requirement_ambiguity`'));
  if (route.sla_minutes < 1 && !file.rehearsal)
    found.push(
      error(
        [...at, 'sla_minutes'],
        'an SLA under a minute leaves nobody time to answer; only a `rehearsal` may',
      ),
    );
  if (route.block_cluster && route.non_blocking)
    found.push(
      error(
        [...at, 'non_blocking'],
        'a route cannot both block its cluster and be non-blocking; take one out',
      ),
    );
  if (isComplianceKind(kind) && route.on_timeout === 'default_and_flag')
    found.push(
      warning(
        [...at, 'on_timeout'],
        'a compliance question is never answered by default; when nobody answers, the next person is asked',
      ),
    );
  return [
    ...found,
    ...findRepeatedRungs(route, at, reports),
    ...(isSound ? findEscalationProblems(file, { route, at }, reports) : []),
    ...(isSound ? findOwnerlessBlock(facts, reports) : []),
  ];
}

/**
 * A fallback behind `default_and_flag` is reachable: it is asked when the primary is off, has too many open asks, or when the
 * question has no default. Only who was asked already never is.
 */
function findRepeatedRungs(route: RouteFile, at: string[], { error }: Reports): Diagnostic[] {
  const earlier = new Map([[handleOf(route.primary), 'primary']]);
  return (['fallback', 'secondary'] as const).flatMap((rung) => {
    const written = route[rung];
    if (written === undefined) return [];
    const handle = handleOf(written);
    const before = earlier.get(handle);
    earlier.set(handle, before ?? rung);
    if (before === undefined) return [];
    const message = `the ${rung} ${handle} is never reached: they are the ${before}, who was asked already; name somebody else`;
    return [error([...at, rung], message)];
  });
}

function findEscalationProblems(
  file: StakeholdersFile,
  { route, at }: { route: RouteFile; at: string[] },
  { error, warning }: Reports,
): Diagnostic[] {
  const role = escalatedRole(route);
  if (role === null) return [];
  const place = [...at, 'on_timeout'];
  const owner = findRoleOwner(file, role);
  if (owner.handle === null) {
    const message = `nobody has the role \`${role}\`, and there is no engineering lead who could be asked instead; give somebody the role under \`people\``;
    return [error(place, message)];
  }
  const words = {
    said: '',
    guessed: `nobody has the role \`${role}\`; by the name alone ${owner.handle} gets it: say so with \`people: { "${owner.handle}": { role: ${role} } }\``,
    engineering_lead: `nobody has the role \`${role}\`; the engineering lead ${owner.handle} gets it, until somebody has the role under \`people\``,
  }[owner.how];
  const found = words === '' ? [] : [warning(place, words)];
  if (owner.handle === handleOf(route.primary)) {
    const message = `escalates in a circle: back to ${owner.handle}, who was asked first`;
    found.push(warning(place, message));
  }
  return found;
}

function findOwnerlessBlock({ stakeholders, kind }: RouteFacts, { error }: Reports): Diagnostic[] {
  const route = routeOf(stakeholders, kind);
  if (route?.mode !== 'block') return [];
  const chain = chainOf(route, stakeholders);
  if (chain.length > 1 || route.primary === stakeholders.engineeringLead) return [];
  const message = `blocks its cluster, and when ${route.primary} does not answer nobody else is asked; name a \`fallback\` or an \`engineering_lead\``;
  return [error(['escalation_routes', kind], message)];
}
