/** Turns a stakeholders.yaml of the right shape into the Stakeholders: units, defaults, who a role is. Pure; refuses nothing. */
import { freezeDeep } from '../yaml/freeze.ts';
import { builtInTiers } from './approval-tiers.ts';
import { findEngineeringLead, findRoleOwner, listHandles } from './find-owner.ts';
import { handleOf } from './handle.ts';
import { unknownPerson } from './route-of.ts';
import type {
  ApprovalTier,
  Handle,
  OnTimeout,
  Person,
  Route,
  Stakeholders,
  WaitMode,
  WorkingHours,
} from './stakeholders.ts';
import {
  type HoursFile,
  type PersonFile,
  type RouteFile,
  type StakeholdersFile,
  type TierFile,
  weekDays,
} from './stakeholders-schema.ts';

const minuteMs = 60_000;
/** In a rehearsal a minute is a second. */
const rehearsalDivisor = 60;
const escalation = 'escalate_to_';

export function buildStakeholders(file: StakeholdersFile): Stakeholders {
  const isRehearsal = file.rehearsal ?? false;
  const written = new Map(
    Object.entries(file.people ?? {}).map(([handle, person]) => [handleOf(handle), person]),
  );
  const stakeholders: Stakeholders = {
    people: Object.fromEntries(
      listHandles(file).map((handle) => [handle, buildPerson(handle, written.get(handle) ?? null)]),
    ),
    routes: Object.fromEntries(
      Object.entries(file.escalation_routes ?? {}).map(([kind, route]) => [
        kind,
        buildRoute(kind, route, file),
      ]),
    ),
    approvalTiers: buildTiers(file),
    engineeringLead: findEngineeringLead(file).handle,
    isRehearsal,
    isWritten: true,
  };
  return freezeDeep(stakeholders);
}

function buildMode({ block_cluster, non_blocking }: RouteFile): WaitMode {
  if (block_cluster) return 'block';
  return non_blocking ? 'park' : 'wait';
}

/** `cto` of `escalate_to_cto`; null: it does something else. */
export function escalatedRole({ on_timeout }: RouteFile): string | null {
  return on_timeout?.startsWith(escalation) ? on_timeout.slice(escalation.length) : null;
}

function buildPerson(handle: Handle, person: PersonFile): Person {
  const defaults = unknownPerson(handle);
  return {
    handle,
    role: person?.role ?? null,
    hours: person?.hours ? buildHours(person.hours) : null,
    deputy: person?.deputy === undefined ? null : handleOf(person.deputy),
    attentionLimit: person?.attention_limit ?? defaults.attentionLimit,
    slackId: person?.slack ?? null,
  };
}

export function buildHours({
  zone,
  days = ['mon', 'tue', 'wed', 'thu', 'fri'],
  from,
  to,
}: HoursFile): WorkingHours {
  const numbers = new Set(days.map((day) => weekDays.indexOf(day) + 1));
  return {
    timeZone: zone,
    days: [...numbers].sort((a, b) => a - b),
    fromMinute: minuteOfDay(from),
    toMinute: minuteOfDay(to),
  };
}

/** `9:05` → 545. */
function minuteOfDay(time: string): number {
  const [hours = '', minutes = ''] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

function buildRoute(kind: string, route: RouteFile, file: StakeholdersFile): Route {
  const mode = buildMode(route);
  return {
    kind,
    primary: handleOf(route.primary),
    fallback: route.fallback === undefined ? null : handleOf(route.fallback),
    secondary: route.secondary === undefined ? null : handleOf(route.secondary),
    channel: route.channel ?? null,
    slaMs: msFromMinutes(route.sla_minutes, file),
    onTimeout: buildOnTimeout(route, file),
    requiresAcknowledgment: route.requires_acknowledgment ?? false,
    mode,
    writesToSharedMemory: route.writes_to_shared_memory ?? false,
    clock: route.clock ?? (mode === 'block' ? 'always' : 'working_hours'),
  };
}

/** An escalation to nobody at all is refused by find-stakeholder-problems.ts; what is left of it asks the primary again. */
function buildOnTimeout(route: RouteFile, file: StakeholdersFile): OnTimeout | null {
  const role = escalatedRole(route);
  if (role !== null) {
    return { action: 'escalate', role, to: findRoleOwner(file, role).handle ?? handleOf(route.primary) };
  }
  switch (route.on_timeout) {
    case 'default_and_flag':
    case 'pause_all_clusters':
      return { action: route.on_timeout };
    default:
      return null;
  }
}

function buildTiers(file: StakeholdersFile): Record<string, ApprovalTier> {
  const written = file.approval_tiers ?? {};
  const builtIn: Record<string, ApprovalTier> = builtInTiers();
  const names = [...new Set([...Object.keys(builtIn), ...Object.keys(written)])];
  return Object.fromEntries(
    names.map((name) => [
      name,
      buildTier({ ...fallbackTier, ...builtIn[name], name }, written[name] ?? {}, file),
    ]),
  );
}

/** For tiers of a person's own. */
const fallbackTier: Omit<ApprovalTier, 'name'> = builtInTiers().external;

function buildTier(otherwise: ApprovalTier, tier: TierFile, file: StakeholdersFile): ApprovalTier {
  const windowMinutes =
    tier.window_hours === undefined ? otherwise.windowMs / minuteMs : tier.window_hours * 60;
  return {
    name: otherwise.name,
    approvers: tier.approvers ? [...new Set(tier.approvers.map(handleOf))] : approversByDefault(file),
    peopleCount: tier.people ?? otherwise.peopleCount,
    windowMs: msFromMinutes(windowMinutes, file),
    channel: tier.channel ?? otherwise.channel,
  };
}

/** The engineering lead; whoever the file says or shows to be the CTO is the second one. Nobody named: empty. */
function approversByDefault(file: StakeholdersFile): Handle[] {
  const found = [findEngineeringLead(file).handle, findRoleOwner(file, 'cto').handle];
  return [...new Set(found.filter((handle) => handle !== null))];
}

function msFromMinutes(minutes: number, { rehearsal }: StakeholdersFile): number {
  return Math.max(1, Math.round((minutes * minuteMs) / (rehearsal ? rehearsalDivisor : 1)));
}
