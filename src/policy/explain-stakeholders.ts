/** The stakeholder map as a table for `check --explain`: each kind of question, who decides it, where, by when, and then what. */
import { formatDuration } from '../base/duration.ts';
import { chainOf, isComplianceKind, withDeputies } from './route-of.ts';
import type { ApprovalTier, Handle, Route, Stakeholders } from './stakeholders.ts';

/** One line of the table; the words are for people. */
export interface RouteRow {
  kind: string;
  who: string;
  where: string;
  sla: string;
  /** What waits meanwhile, and what happens without an answer. */
  after: string;
}

/** Routes in the order of the file, then what holds of kinds without one, then approvals. Empty without a map. */
export function explainStakeholders(stakeholders: Stakeholders): RouteRow[] {
  const { isWritten, routes, approvalTiers, engineeringLead } = stakeholders;
  if (!isWritten) return [];
  return [
    ...Object.values(routes).map((route) => explainRoute(route, stakeholders)),
    {
      kind: '(any other kind)',
      who: engineeringLead ?? 'nobody',
      where: '-',
      sla: '-',
      after: 'waits until somebody says who decides it',
    },
    ...Object.values(approvalTiers).map((tier) => explainTier(tier, stakeholders)),
  ];
}

function explainRoute(route: Route, stakeholders: Stakeholders): RouteRow {
  const { kind, channel, slaMs, clock, requiresAcknowledgment } = route;
  const duties = [
    formatShort(slaMs),
    ...(clock === 'working_hours' ? ['of working hours'] : []),
    ...(requiresAcknowledgment ? ['to acknowledge, as long again to answer'] : []),
  ];
  return {
    kind,
    who: listAsked(route, stakeholders).join(', then '),
    where: channel ?? '-',
    sla: duties.join(' '),
    after: [whatWaits[route.mode], whatFollows(route)].join('; '),
  };
}

const whatWaits: Readonly<Record<Route['mode'], string>> = {
  block: 'the cluster stops meanwhile',
  wait: 'the item waits meanwhile',
  park: 'the item is parked meanwhile',
};

function whatFollows({ kind, mode, onTimeout }: Route): string {
  const isByDefault = onTimeout?.action === 'default_and_flag' || (onTimeout === null && mode === 'wait');
  if (isByDefault && !isComplianceKind(kind)) return 'then the default holds, flagged';
  if (onTimeout?.action === 'pause_all_clusters') return 'then all clusters are paused';
  if (onTimeout === null && mode === 'park') return 'then reminders, never a default';
  return 'then the next one is asked';
}

function explainTier(
  { name, approvers, peopleCount, windowMs, channel }: ApprovalTier,
  stakeholders: Stakeholders,
): RouteRow {
  // Names that nobody wrote down prove no two people.
  const ableCount = Math.max(1, withDeputies(approvers, stakeholders).length);
  return {
    kind: `approval: ${name}`,
    who: `${peopleCount === 1 ? 'one' : 'two'} of ${approvers.join(', ') || 'whoever may run commands'}`,
    where: channel ?? '-',
    sla: `holds for ${formatShort(windowMs)}`,
    after:
      ableCount >= peopleCount
        ? 'no answer: asked anew, never done'
        : 'cannot be met by one person: name more `approvers`',
  };
}

/** Of what is parked without a declared timeout only those are reminded whom the route names. */
function listAsked(route: Route, stakeholders: Stakeholders): Handle[] {
  const isOnlyReminded = route.mode === 'park' && route.onTimeout === null;
  return chainOf(route, isOnlyReminded ? { ...stakeholders, engineeringLead: null } : stakeholders);
}

/** `30 min` rather than `30 min 00 s`. */
function formatShort(ms: number): string {
  return formatDuration(ms).replace(/ 00 \w+$/, '');
}
