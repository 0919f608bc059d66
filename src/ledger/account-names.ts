/**
 * Names of ledger accounts and the windows they last. A reservation names every account that it must fit in, from the
 * agent's outwards. A window is a day or a month in UTC; its name is part of the account's, so a new window is a new account.
 */
import type { StreamId } from '../journal/event.ts';

/** From the narrowest to the widest. */
export type AccountKind = 'agent' | 'step' | 'item' | 'cluster' | 'mesh' | 'host';
/** `run`: as long as the thing itself lives. */
export type AccountWindow = 'run' | 'day' | 'month';

/** One account that a call must fit in, with the ceiling that it is opened with where it is not open yet. */
export interface AccountPlan {
  account: string;
  /** Null: no ceiling, it only counts. */
  ceilingMicroUsd: number | null;
  /** Shared by all projects of the database: a host's. */
  isShared: boolean;
}

/** What one item may spend, over all its agents and attempts. */
export function itemAccount(project: string, number: number): string {
  return `item:${project}/${number}`;
}

/** What one agent run may spend; named by the agent's stream, so a new attempt has a new account. */
export function agentAccount(stream: StreamId): string {
  return stream;
}

/** What one step may spend, over all its attempts and rounds. `step`: `build/T1/developer`. */
export function stepAccount(project: string, number: number, step: string): string {
  return `step:${project}/${number}/${step}`;
}

/** What one cluster may spend within the window that `atMs` falls in. */
export function clusterAccount(project: string, cluster: string, window: 'day' | 'month', atMs: number) {
  return `cluster:${project}/${cluster}@${windowName(window, atMs)}`;
}

export function meshAccount(project: string, window: 'day' | 'month', atMs: number): string {
  return `mesh:${project}@${windowName(window, atMs)}`;
}

/** What all projects of one database spend from one machine. `store` names the machine's git store. */
export function hostAccount(store: string, window: 'day' | 'month', atMs: number): string {
  return `host:${store}@${windowName(window, atMs)}`;
}

export interface ParsedAccount {
  kind: AccountKind;
  window: AccountWindow;
  /** What it is the account of, without kind and window: `orders-api/3`, `orders-api/main`. */
  of: string;
  /** When its window ends, ISO time; null: it has none. */
  endsAt: string | null;
}

const windowed = /^(cluster|mesh|host):(.+)@(\d{4})-(\d{2})(?:-(\d{2}))?$/;
const lifelong = /^(agent|step|item):(.+)$/;

/** Null for a name that no version gave. */
export function parseAccount(account: string): ParsedAccount | null {
  const run = lifelong.exec(account);
  if (run) return { kind: run[1] as AccountKind, window: 'run', of: run[2] ?? '', endsAt: null };
  const [, kind, of = '', year, month, day] = windowed.exec(account) ?? [];
  if (kind === undefined) return null;
  const ends =
    day === undefined
      ? Date.UTC(Number(year), Number(month), 1)
      : Date.UTC(Number(year), Number(month) - 1, Number(day) + 1);
  const window = day === undefined ? 'month' : 'day';
  return { kind: kind as AccountKind, window, of, endsAt: new Date(ends).toISOString() };
}

/** For people: `cluster main today`, `all clusters this month`, `item orders-api/3`. */
export function accountInWords({ kind, window, of }: ParsedAccount): string {
  const when = window === 'run' ? '' : window === 'day' ? ' today' : ' this month';
  switch (kind) {
    case 'cluster':
      return `cluster ${of.slice(of.indexOf('/') + 1)}${when}`;
    case 'mesh':
      return `all clusters${when}`;
    case 'host':
      return `this machine${when}`;
    default:
      return `${kind} ${of}`;
  }
}

function windowName(window: 'day' | 'month', atMs: number): string {
  return new Date(atMs).toISOString().slice(0, window === 'day' ? 10 : 7);
}
