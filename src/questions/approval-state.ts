/**
 * An approval as its stream tells it, folded. It knows no clock: what a point in time makes of it, decide-approval.ts and
 * judge-approval.ts say.
 *
 *   open       asked; yeses are gathered; at the end of the window it is asked anew (`approval.lapsed`), for ever
 *   granted    as many people as the tier wants said yes; the agent may use it once, before the first of the yeses runs out
 *   used       the action was begun; whatever became of it, it is not begun again
 *   denied     somebody said no, also after a yes that was not used yet
 *   withdrawn  who asked is gone
 *
 * open ⇄ granted → used; open, granted → denied, withdrawn. The last three are final; they stay with the mesh
 * until those who were asked are told (`approval.filed`).
 */
import type { JsonObject } from '../base/json.ts';
import type { StoredEvent, StreamId } from '../journal/event.ts';
import { upcast } from '../journal/upcast.ts';
import type { ApprovalTier, Handle } from '../policy/stakeholders.ts';
import { type ApprovalEvent, approvalKinds } from './approval-event.ts';
import type { Asker } from './question.ts';

/** `A-2`. */
export type ApprovalName = string;

export interface ApprovalState {
  name: ApprovalName;
  number: number;
  version: number;
  asker: Asker;
  /** As it was when it was asked. */
  tier: ApprovalTier;
  /** Blob of the ApprovalAction. */
  action: string;
  actionHash: string;
  line: string;
  rule: string;
  /** ISO: when it was asked first. */
  askedAt: string;
  /** ISO: end of this round. */
  expiresAt: string;
  status: 'open' | 'granted' | 'used' | 'denied' | 'withdrawn';
  /** Those that still count. */
  yeses: readonly Yes[];
  /** Who was told of it in this round. */
  told: readonly Handle[];
  isReminded: boolean;
  /** Of the last message; null: none yet. */
  urgency: number | null;
  /** By id; `ref`: the channel's name for the message, once it is there. */
  deliveries: Readonly<Record<string, { channel: string; to: Handle; ref: string | null }>>;
  /** Who said no, and why; why it was withdrawn. */
  ending: { by: Handle | null; why: string } | null;
  /** The mesh has no more to do with it. */
  isFiled: boolean;
  /** Who acted on it. */
  use: { agent: StreamId; call: string } | null;
}

export interface Yes {
  by: Handle;
  via: string;
  expiresAt: string;
}

export function isSettled({ status }: ApprovalState): boolean {
  return status === 'used' || status === 'denied' || status === 'withdrawn';
}

export function approvalName(number: number): ApprovalName {
  return `A-${number}`;
}

/** `A-2` → 2; null: not such a name. */
export function approvalNumber(name: string): number | null {
  const digits = /^A-([1-9]\d{0,8})$/.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Null: no events. @throws `event_unknown` for what this version does not know. */
export function foldApproval(
  stored: readonly StoredEvent[],
  from: ApprovalState | null = null,
): ApprovalState | null {
  let state = from;
  for (const each of stored) {
    const event = upcast(approvalKinds, each) as { kind: string; data: JsonObject } as ApprovalEvent;
    const next = applyApproval(state, event, each.at);
    state = { ...next, version: each.version };
  }
  return state;
}

/** `at`: ISO time of the event. */
export function applyApproval(state: ApprovalState | null, event: ApprovalEvent, at: string): ApprovalState {
  if (event.kind === 'approval.requested') return begin(event.data, at);
  if (state === null) throw new Error(`${event.kind} before approval.requested`);
  switch (event.kind) {
    case 'approval.notified':
      return notify(state, event.data);
    case 'approval.delivered':
      return withRef(state, event.data.delivery, event.data.ref);
    case 'approval.undeliverable':
    case 'approval.answer_refused':
    case 'approval.use_refused':
      return state;
    case 'approval.approved': {
      const { by, via, expiresAt, isEnough } = event.data;
      const status = isEnough ? 'granted' : state.status;
      const others = state.yeses.filter((yes) => yes.by !== by);
      return { ...state, status, yeses: [...others, { by, via, expiresAt }] };
    }
    case 'approval.lapsed': {
      const { by, expiresAt } = event.data;
      const yeses = state.yeses.filter((yes) => !by.includes(yes.by));
      return { ...state, status: 'open', yeses, expiresAt, told: [], isReminded: false };
    }
    case 'approval.denied':
      return { ...state, status: 'denied', ending: { by: event.data.by, why: event.data.why } };
    case 'approval.withdrawn':
      return { ...state, status: 'withdrawn', ending: { by: null, why: event.data.why } };
    case 'approval.filed':
      return { ...state, isFiled: true };
    case 'approval.used':
      return { ...state, status: 'used', use: { agent: event.data.agent, call: event.data.call } };
  }
}

function begin(
  asked: Extract<ApprovalEvent, { kind: 'approval.requested' }>['data'],
  at: string,
): ApprovalState {
  return {
    ...asked,
    name: approvalName(asked.number),
    version: 1,
    askedAt: at,
    status: 'open',
    yeses: [],
    told: [],
    isReminded: false,
    urgency: null,
    deliveries: {},
    ending: null,
    isFiled: false,
    use: null,
  };
}

function notify(
  state: ApprovalState,
  { to, why, urgency, deliveries }: Extract<ApprovalEvent, { kind: 'approval.notified' }>['data'],
): ApprovalState {
  const sent = deliveries.map(({ id, channel, to }) => [id, { channel, to, ref: null }] as const);
  return {
    ...state,
    urgency,
    told: [...new Set([...state.told, ...to])],
    isReminded: state.isReminded || why === 'reminder',
    deliveries: { ...state.deliveries, ...Object.fromEntries(sent) },
  };
}

function withRef(state: ApprovalState, id: string, ref: string): ApprovalState {
  const delivery = state.deliveries[id];
  return delivery ? { ...state, deliveries: { ...state.deliveries, [id]: { ...delivery, ref } } } : state;
}
