/**
 * The owner string of a worker: which process, on which machine, holds a claim. Written so that a neighbour on the same
 * machine can tell for sure that it is dead and take over at once, without waiting for the lease.
 */
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { identifyProcess, isSameProcessAlive, type ProcessIdentity } from '../base/process-identity.ts';

export interface OwnerFacts {
  /** Host name and process table: process ids mean something only among owners with the same one. */
  machine: string;
  identity: ProcessIdentity;
}

/** `machine/pid/start time/unique`, each part percent-encoded. */
export function formatOwner({ machine, identity }: OwnerFacts, unique: string): string {
  return [machine, identity.pid, identity.startedAt, unique].map(encodeURIComponent).join('/');
}

/** Null for a string that was not made by formatOwner. */
export function parseOwner(owner: string): OwnerFacts | null {
  const parts = owner.split('/');
  const [machine, pid, startedAt] = parts.map(decode);
  if (parts.length !== 4 || !machine || !startedAt || !/^\d+$/.test(pid ?? '')) return null;
  return { machine, identity: { pid: Number(pid), startedAt } };
}

/** True only when the process surely ended: it was on this machine, and no process with its id and start time runs. */
export function isOwnerDead(owner: string, machine: string): boolean {
  const facts = parseOwner(owner);
  return facts !== null && facts.machine === machine && !isSameProcessAlive(facts.identity);
}

/** Containers may share a host name and still have process tables of their own. */
export function describeMachine(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** Of this very process. `unique` tells apart several workers in one process. */
export function describeThisOwner(machine: string, unique: string): string {
  const identity = identifyProcess(process.pid) ?? { pid: process.pid, startedAt: 'unknown' };
  return formatOwner({ machine, identity }, unique);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
