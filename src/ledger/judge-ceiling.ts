/** What follows from a call that the ledger refused, in words for a person: which account, who may raise it and how, and when it goes on. */
import { formatUsd } from '../base/money.ts';
import type { LedgerRefusal } from '../journal/unit.ts';
import { type ParsedAccount, parseAccount } from './account-names.ts';

export interface CeilingFacts {
  refusal: LedgerRefusal;
  item: number;
  /** Handles without `@` of those who may raise the project's ceilings, and the host's; empty: everybody. */
  raiseBy: readonly string[];
  hostRaiseBy: readonly string[];
}

export interface CeilingVerdict {
  message: string;
  /** Who is asked. */
  ask: string;
  /** When the account's window ends, ISO time; null: it has none, so a person has to raise it. */
  until: string | null;
}

export function judgeCeiling({ refusal, item, raiseBy, hostRaiseBy }: CeilingFacts): CeilingVerdict {
  const { ceilingMicroUsd } = refusal;
  const account = parseAccount(refusal.account);
  if (refusal.reason !== 'over_ceiling' || ceilingMicroUsd === null || !account) {
    return { message: describeRefusal(refusal), ask: 'engineering_lead', until: null };
  }
  const { endsAt } = account;
  const raisers = account.kind === 'host' ? hostRaiseBy : raiseBy;
  const who =
    raisers.length > 0 ? raisers.map((handle) => `@${handle}`).join(' or ') : 'Whoever runs commands';
  const onward =
    endsAt === null ? '' : `; by itself it goes on at ${endsAt.slice(0, 16).replace('T', ' ')} UTC`;
  return {
    message: `${describeRefusal(refusal)}. ${who} may raise it: \`${raiseCommand(account, item, ceilingMicroUsd)}\`${onward}`,
    ask: raisers[0] === undefined ? 'engineering_lead' : `@${raisers[0]}`,
    until: endsAt,
  };
}

/** One line for a person: which ceiling, what is used, what was wanted. */
export function describeRefusal(refusal: LedgerRefusal): string {
  const { account, ceilingMicroUsd, spentMicroUsd, reservedMicroUsd, wantedMicroUsd } = refusal;
  if (refusal.reason !== 'over_ceiling' || ceilingMicroUsd === null) {
    return `the ledger has no ${refusal.reason === 'unknown_account' ? 'account' : 'reservation'} ${account}`;
  }
  const held = reservedMicroUsd > 0 ? ` and ${formatUsd(reservedMicroUsd)} reserved` : '';
  return `${account} has a ceiling of ${formatUsd(ceilingMicroUsd)}: ${formatUsd(spentMicroUsd)} spent${held}, the next call could cost ${formatUsd(wantedMicroUsd)}`;
}

/** Empty `raiseBy`: everybody. Handles are compared without `@`. */
export function mayRaise(raiseBy: readonly string[], person: string): boolean {
  const handle = person.startsWith('@') ? person.slice(1) : person;
  return raiseBy.length === 0 || raiseBy.includes(handle);
}

/** As a person would type it; `item` where the account is an item's or narrower. */
export function raiseCommand(
  { kind, window, of }: ParsedAccount,
  item: number,
  ceilingMicroUsd: number,
): string {
  const scope = kind === 'cluster' ? `cluster:${of.slice(of.indexOf('/') + 1)}` : kind;
  const target = window === 'run' ? `item:${item}` : scope;
  const month = window === 'month' ? ' --window month' : '';
  return `meshwright resume ${target}${month} --ceiling-usd <more than ${formatUsd(ceilingMicroUsd).slice(1)}>`;
}
