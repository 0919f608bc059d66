/**
 * What persons may ask of an item and what comes of it, as events. Who may ask is decided at the doors; here only
 * whether the item's state allows it.
 */
import { formatUsd } from '../base/money.ts';
import type { ItemEvent } from './item-event.ts';
import type { ItemState, ItemStatus } from './item-state.ts';

export type ItemRequest =
  /** Yes to exactly this commit (full hash). */
  | { kind: 'accept'; by: string; commit: string }
  /** No to what is ready; its branch is kept. */
  | { kind: 'reject'; by: string; reason: string }
  | { kind: 'cancel'; by: string; reason: string }
  /** Goes on; `ceilingMicroUsd`: the item's new ceiling, null leaves it as it is. */
  | { kind: 'resume'; by: string; ceilingMicroUsd: number | null }
  | { kind: 'pause'; by: string; message: string }
  /** `to` works on it from now on, in the clone `folder` (absolute). */
  | { kind: 'takeover'; by: string; to: string; folder: string }
  /**
   * `commit`: what the person made of it (full hash, in the mirror by now), null: unchanged. `note`: what the next attempt is
   * told, null: nothing.
   */
  | { kind: 'handback'; by: string; commit: string | null; note: string | null };

export type RequestKind = ItemRequest['kind'];

export type RequestJudgement = { ok: true; events: ItemEvent[] } | { ok: false; message: string };

/** A landing runs to its end: what may already be on the target cannot be called canceled. */
const legalByStatus: Readonly<Record<ItemStatus, readonly RequestKind[]>> = {
  queued: ['pause', 'cancel'],
  running: ['pause', 'cancel', 'takeover'],
  paused: ['resume', 'cancel', 'takeover'],
  taken_over: ['handback', 'cancel'],
  ready: ['accept', 'reject', 'cancel', 'takeover'],
  landing: [],
  landed: [],
  rejected: [],
  canceled: [],
};

export function legalRequests(state: ItemState): readonly RequestKind[] {
  if (state.eventCount === 0) return [];
  // Before the start there is no branch to work on.
  const isBegun = state.branch !== null;
  return legalByStatus[state.status].filter((kind) => kind !== 'takeover' || isBegun);
}

/** The events to append, or one sentence for the person that says why not and what is possible. */
export function judgeRequest(state: ItemState, request: ItemRequest): RequestJudgement {
  const legal = legalRequests(state);
  if (!legal.includes(request.kind)) return refuse(state, `cannot ${request.kind} it`);
  switch (request.kind) {
    case 'accept':
      if (request.commit !== state.readyCommit) {
        return refuse(state, `what is ready is commit ${state.readyCommit}, not ${request.commit}`);
      }
      return allow({ kind: 'item.accepted', data: { commit: request.commit, by: request.by } });
    case 'reject':
      return allow({ kind: 'item.rejected', data: { by: request.by, reason: request.reason } });
    case 'cancel':
      return allow({ kind: 'item.canceled', data: { by: request.by, reason: request.reason } });
    case 'resume':
      return judgeResume(state, request.by, request.ceilingMicroUsd);
    case 'pause':
      return allow({
        kind: 'item.paused',
        data: {
          reason: 'person',
          message: request.message || `paused by ${request.by}`,
          ask: request.by,
          account: null,
          until: null,
        },
      });
    case 'takeover': {
      const { by, to, folder } = request;
      return allow({
        kind: 'item.taken_over',
        data: { by, to, folder, commit: state.head ?? '', branch: state.branch ?? '' },
      });
    }
    case 'handback':
      if (request.commit !== null && request.commit === state.takeover?.commit) {
        return refuse(state, `${request.commit} is the commit that was handed out`);
      }
      return allow({
        kind: 'item.handed_back',
        data: { by: request.by, commit: request.commit, note: request.note },
      });
  }
}

/**
 * The ceiling is that of the account that the item waits for, when that is its step's or its agent's, else the item's. Where
 * nobody gave the item one the policy's holds, which the ledger knows and this does not: only the row refuses a lower one.
 */
function judgeResume(state: ItemState, by: string, ceilingMicroUsd: number | null): RequestJudgement {
  const account = raisedByResume(state);
  const floor = account === null ? Math.max(state.ceilingMicroUsd ?? 0, state.costMicroUsd) : 0;
  if (ceilingMicroUsd !== null && (!Number.isSafeInteger(ceilingMicroUsd) || ceilingMicroUsd <= floor)) {
    return refuse(state, `a new ceiling must be above the old one and what is spent, ${formatUsd(floor)}`);
  }
  return allow({ kind: 'item.resumed', data: { by, ceilingMicroUsd, account } });
}

/** The account whose ceiling a resume may raise: null is the item's own. */
export function raisedByResume({ pause }: ItemState): string | null {
  const account = pause?.account ?? null;
  return account !== null && /^(step|agent):/.test(account) ? account : null;
}

function allow(event: ItemEvent): RequestJudgement {
  return { ok: true, events: [event] };
}

function refuse(state: ItemState, problem: string): RequestJudgement {
  const legal = legalRequests(state);
  const possible =
    legal.length > 0
      ? `possible now: ${legal.join(', ')}`
      : state.status === 'landing'
        ? 'its landing is under way; wait for its outcome'
        : 'nothing more can be asked of it';
  const status = state.status === 'taken_over' ? `taken over by ${state.takeover?.to}` : state.status;
  return { ok: false, message: `item ${state.number} is ${status}: ${problem}; ${possible}` };
}
