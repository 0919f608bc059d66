/**
 * Names of workspaces and their cells: `<fence>-<key of the stream they belong to>-<what for>-<key>`. The fence is in the path,
 * so a worker that lost its claim reaches nothing of its successor; the rest finds what a predecessor left.
 */
import { sha256Hex } from '../base/json.ts';
import type { StreamId } from '../journal/event.ts';

export interface SeatName {
  fence: number;
  /** The stream that it works for: an item's, or a target's. */
  owner: StreamId;
  /** Unique within the owner: an agent's stream, a gate, a landing. */
  purpose: string;
}

const longestPurpose = 60;

export function workspaceId({ fence, owner, purpose }: SeatName): string {
  return `${fence}-${ownerKey(owner)}-${seatKey(purpose)}`;
}

/** Null for a name that was not made by workspaceId. */
export function parseWorkspaceId(id: string): { fence: number; ownerKey: string; seatKey: string } | null {
  const match = /^(\d+)-([0-9a-f]{10})-(.+)$/.exec(id);
  const [, fence, owner, seat] = match ?? [];
  if (fence === undefined || owner === undefined || seat === undefined) return null;
  return { fence: Number(fence), ownerKey: owner, seatKey: seat };
}

/** Which stream a workspace belongs to can be told for every stream that one knows. */
export function ownerKey(owner: StreamId): string {
  return sha256Hex(owner).slice(0, 10);
}

export function seatKey(purpose: string): string {
  const readable = purpose.replaceAll(/[^A-Za-z0-9_]+/g, '-').slice(-longestPurpose);
  return `${readable}-${sha256Hex(purpose).slice(0, 8)}`;
}
