/** What an event says about money: the ledger changes that were made with it. Pure; the worker and the gateway make them. */
import type { TapeEvent } from '../gateway/tape-event.ts';
import type { ItemEvent } from '../items/item-event.ts';
import type { StreamId } from '../journal/event.ts';
import type { LedgerChange } from '../journal/unit.ts';
import { agentAccount } from '../ledger/account-names.ts';

export interface LedgerFacts {
  stream: StreamId;
  /** Of `agent.seated` in this stream. */
  itemAccount: string | null;
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
      const { ceilingMicroUsd } = event.data;
      return ceilingMicroUsd === null ? [] : [{ op: 'open', account: facts.stream, ceilingMicroUsd }];
    }
    case 'agent.seated':
      return [{ op: 'open', account, ceilingMicroUsd: event.data.ceilingMicroUsd }];
    case 'model.call_intended': {
      const { call, reservedMicroUsd } = event.data;
      const accounts = facts.itemAccount === null ? [account] : [account, facts.itemAccount];
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
