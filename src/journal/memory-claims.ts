/**
 * Claim units in memory. A fence is the number of a claim, counted over the whole journal: so it is above every
 * fence that the unit ever had, and no claim of another unit has the same.
 */
import type { Clock } from '../base/clock.ts';
import type { StreamId } from './event.ts';
import type { Claim, ClaimHolder, ClaimRequest } from './journal.ts';

interface MemoryClaimUnit {
  project: string;
  fence: number;
  owner: string | null;
  host: string | null;
  leaseUntilMs: number;
  wakeAt: string | null;
}

export interface MemoryClaims {
  ensure(unit: StreamId, project: string): void;
  head(unit: StreamId): { fence: number; host: string | null; owner: string | null; wakeAt: string | null };
  projects(): Set<string>;
  holders(project: string): ClaimHolder[];
  claim(request: ClaimRequest): Claim | undefined;
  claimUnit(unit: StreamId, request: ClaimRequest): Claim | undefined;
  renew(claim: Claim, leaseMs: number): boolean;
  release(claim: Claim, wakeAt: string | null): void;
}

export function createMemoryClaims(clock: Clock, hasInbox: (unit: StreamId) => boolean): MemoryClaims {
  const units = new Map<StreamId, MemoryClaimUnit>();
  let lastFence = 0;
  const ensure = (unit: StreamId, project: string): void => {
    if (units.has(unit)) return;
    units.set(unit, { project, fence: 0, owner: null, host: null, leaseUntilMs: 0, wakeAt: null });
  };
  const isFree = (row: MemoryClaimUnit, voidOwners: readonly string[] = []): boolean =>
    row.owner === null || row.leaseUntilMs < clock.now() || voidOwners.includes(row.owner);
  const isFor = (unit: StreamId, row: MemoryClaimUnit, request: ClaimRequest): boolean => {
    const kind = unit.slice(0, unit.indexOf(':'));
    if (request.kinds && !request.kinds.includes(kind)) return false;
    return row.host === null || row.host === request.host || !request.hostBoundKinds?.includes(kind);
  };
  const take = (unit: StreamId, row: MemoryClaimUnit, request: ClaimRequest): Claim => {
    lastFence += 1;
    row.fence = lastFence;
    row.owner = request.owner;
    row.host = request.host;
    row.leaseUntilMs = clock.now() + request.leaseMs;
    return { unit, project: row.project, owner: request.owner, fence: row.fence };
  };
  const held = (claim: Claim): MemoryClaimUnit | undefined => {
    const row = units.get(claim.unit);
    return row && row.fence === claim.fence && row.owner === claim.owner ? row : undefined;
  };
  const isDue = (unit: StreamId, row: MemoryClaimUnit): boolean =>
    row.owner !== null || (row.wakeAt !== null && Date.parse(row.wakeAt) <= clock.now()) || hasInbox(unit);

  return {
    ensure,
    head(unit) {
      const row = units.get(unit);
      if (!row) return { fence: 0, host: null, owner: null, wakeAt: null };
      return { fence: row.fence, host: row.host, owner: isFree(row) ? null : row.owner, wakeAt: row.wakeAt };
    },
    projects: () => new Set([...units.values()].map((row) => row.project)),
    holders: (project) =>
      [...units].flatMap(([unit, { owner, host, fence, leaseUntilMs, ...row }]) =>
        owner === null || host === null || row.project !== project
          ? []
          : [{ unit, owner, host, fence, leaseUntil: new Date(leaseUntilMs).toISOString() }],
      ),
    claim(request) {
      const due = [...units]
        .filter(([, row]) => request.project === undefined || row.project === request.project)
        .filter(
          ([unit, row]) => isFor(unit, row, request) && isFree(row, request.voidOwners) && isDue(unit, row),
        )
        .sort(([, a], [, b]) => wakeMs(a) - wakeMs(b))[0];
      return due && take(due[0], due[1], request);
    },
    claimUnit(unit, request) {
      if (request.project !== undefined) ensure(unit, request.project);
      const row = units.get(unit);
      if (!row || !isFree(row, request.voidOwners) || !isFor(unit, row, request)) return undefined;
      if (request.project !== undefined && request.project !== row.project) return undefined;
      return take(unit, row, request);
    },
    renew(claim, leaseMs) {
      const row = held(claim);
      if (row) row.leaseUntilMs = clock.now() + leaseMs;
      return row !== undefined;
    },
    release(claim, wakeAt) {
      const row = held(claim);
      if (!row) return;
      row.owner = null;
      row.wakeAt = wakeAt === null ? null : new Date(wakeAt).toISOString();
    },
  };
}

/** Messages and lost leases first, then the longest overdue. */
function wakeMs(row: MemoryClaimUnit): number {
  return row.wakeAt === null ? 0 : Date.parse(row.wakeAt);
}
