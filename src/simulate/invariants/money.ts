/**
 * Account rows are what the tape's events add up to, and no account passes its ceiling, but by what a provider billed
 * beyond the most that it had been told it could.
 */
import type { StoredEvent } from '../../journal/event.ts';
import type { CreateWatcher } from '../watch.ts';

interface Account {
  spent: number;
  reserved: number;
  /** Billed beyond what was reserved. */
  excess: number;
}

export const watchMoney: CreateWatcher = (watched) => {
  const accounts = new Map<string, Account>();
  const itemAccounts = new Map<string, string>();
  /** By agent: the accounts beside its own and its item's. */
  const assigned = new Map<string, string[]>();
  const calls = new Map<string, { reserved: number; names: string[] }>();
  const touched = new Set<string>();

  function book(names: readonly string[], change: Partial<Account>): void {
    for (const name of names) {
      const account = accounts.get(name) ?? { spent: 0, reserved: 0, excess: 0 };
      account.spent += change.spent ?? 0;
      account.reserved += change.reserved ?? 0;
      account.excess += change.excess ?? 0;
      accounts.set(name, account);
      touched.add(name);
    }
  }

  function close(call: string, cost: number, event: StoredEvent): void {
    const open = calls.get(call);
    if (!open) {
      watched.violate('audit', `${event.stream} ${event.version}: call ${call} ends without an open intent`);
      return;
    }
    calls.delete(call);
    book(open.names, { reserved: -open.reserved, spent: cost, excess: Math.max(0, cost - open.reserved) });
  }

  return {
    onEvent(event) {
      const data = event.data as Record<string, string | number>;
      switch (event.kind) {
        case 'agent.seated':
          itemAccounts.set(event.stream, String(data.itemAccount));
          break;
        case 'accounts.assigned':
          assigned.set(event.stream, namesOf(event.data));
          break;
        case 'model.call_intended': {
          const reserved = Number(data.reservedMicroUsd);
          const item = itemAccounts.get(event.stream);
          const names = [event.stream, ...(item ? [item] : []), ...(assigned.get(event.stream) ?? [])];
          // As they were when it was reserved: what is settled later still belongs to that window.
          calls.set(String(data.call), { reserved, names });
          book(names, { reserved });
          break;
        }
        case 'model.call_finished':
        case 'model.call_failed':
          close(String(data.call), Number(data.costMicroUsd), event);
          break;
      }
    },
    async afterStep() {
      for (const name of touched) {
        const row = await watched.journal.account(name);
        const account = accounts.get(name);
        if (!row || !account) {
          watched.violate('audit', `there is no account ${name}`);
          continue;
        }
        const { spentMicroUsd: spent, reservedMicroUsd: reserved, ceilingMicroUsd: ceiling } = row;
        if (spent !== account.spent || reserved !== account.reserved) {
          const says = `the account has ${spent} spent and ${reserved} reserved`;
          watched.violate('audit', `${name}: ${says}, the events ${account.spent} and ${account.reserved}`);
        }
        if (ceiling !== null && spent + reserved > ceiling + account.excess) {
          watched.violate('ceiling', `${name}: ${spent} spent and ${reserved} reserved of ${ceiling}`);
        }
      }
      touched.clear();
    },
    async atEnd() {
      for (const [call, { names }] of calls) {
        watched.violate('nothing in doubt', `the model call ${call} of ${names[0]} has no result`);
      }
    },
  };
};

function namesOf(data: object): string[] {
  return (data as { accounts: { account: string }[] }).accounts.map(({ account }) => account);
}
