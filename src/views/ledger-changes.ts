/** What an event says about money: the ledger changes that were made with it. Pure; the worker and the gateway make them. */
import type { TapeEvent } from '../gateway/tape-event.ts';
import type { ItemEvent } from '../items/item-event.ts';
import type { StreamId } from '../journal/event.ts';
import type { LedgerChange } from '../journal/unit.ts';
import { type AccountPlan, agentAccount } from '../ledger/account-names.ts';

export interface LedgerFacts {
  stream: StreamId;
  /** Of `agent.seated` in this stream. */
  itemAccount: string | null;
  /** Of the latest `accounts.assigned` in this stream: what else each call must fit in. */
  assigned: readonly AccountPlan[];
  /** What a call reserved; undefined for a call that was not intended. */
  reservedBy(call: string): number | undefined;
}

export function ledgerChangesOf(event: ItemEvent | TapeEvent, facts: LedgerFacts): LedgerChange[] {
  const account = agentAccount(facts.stream);
  switch (event.kind) {
    // An item's account has the name of its stream.
    case 'item.started':
      return [{ op: 'open', account: facts.stream, ceilingMicroUsd: event.data.ceilingMicroUsd }];
    case 'item.resumed': {
      const { ceilingMicroUsd, account: raised } = event.data;
      return ceilingMicroUsd === null
        ? []
        : [{ op: 'open', account: raised ?? facts.stream, ceilingMicroUsd }];
    }
    case 'agent.seated':
      return [{ op: 'open', account, ceilingMicroUsd: event.data.ceilingMicroUsd }];
    case 'accounts.assigned':
      return event.data.accounts.map((plan) => ({ op: 'ensure', ...plan }));
    case 'model.call_intended': {
      const { call, reservedMicroUsd } = event.data;
      const outer = facts.assigned.map((plan) => plan.account);
      const accounts = [account, ...(facts.itemAccount === null ? [] : [facts.itemAccount]), ...outer];
      return [{ op: 'reserve', reservation: call, accounts, amountMicroUsd: reservedMicroUsd }];
    }
    case 'model.call_finished':
      return [{ op: 'settle', reservation: event.data.call, actualMicroUsd: event.data.costMicroUsd }];
    case 'model.call_failed': {
      const { call, usage, costMicroUsd } = event.data;
      // Neither tokens nor a charge: nothing was billed, so what was reserved was given back.
      const isReleased = usage === null && costMicroUsd === 0 && facts.reservedBy(call) !== 0;
      return [
        isReleased
          ? { op: 'release', reservation: call }
          : { op: 'settle', reservation: call, actualMicroUsd: costMicroUsd },
      ];
    }
    default:
      return [];
  }
}
