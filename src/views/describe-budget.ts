/** What happened to budgets, in a line for a person: a threshold that was reached, a ceiling that was raised or read anew. */
import { formatUsd } from '../base/money.ts';
import type { StoredEvent } from '../journal/event.ts';
import { isKnown } from '../journal/upcast.ts';
import { ledgerKinds, readLedgerEvent } from '../ledger/ledger-event.ts';

/** Null for every other event. */
export function describeBudgetEvent(event: StoredEvent): string | null {
  if (isThresholdNotice(event)) {
    const { account, ceilingMicroUsd, spentMicroUsd, reservedMicroUsd, permille } = event.data
      .about as Record<string, number | string>;
    const used = Number(spentMicroUsd) + Number(reservedMicroUsd);
    return `${account} has passed ${Number(permille) / 10} % of its ceiling: ${formatUsd(used)} of ${formatUsd(Number(ceilingMicroUsd))} spent or reserved`;
  }
  if (!event.stream.startsWith('ledger:') || !isKnown(ledgerKinds, event)) return null;
  const typed = readLedgerEvent(event);
  switch (typed.kind) {
    case 'ceiling.raised':
      return `${typed.data.by} raised ${typed.data.account} to ${formatUsd(typed.data.ceilingMicroUsd ?? 0)}`;
    case 'ceilings.applied':
      return `ceilings read anew: ${typed.data.ceilings
        .map(
          ({ account, ceilingMicroUsd }) =>
            `${account} ${ceilingMicroUsd === null ? 'none' : formatUsd(ceilingMicroUsd)}`,
        )
        .join(', ')}`;
  }
}

/** Left in the mesh's inbox by the reservation that reached it; its actor is the agent that reserved. */
export function isThresholdNotice(event: StoredEvent): boolean {
  return event.kind === 'mesh.notified' && event.data.message === 'budget_threshold_exceeded';
}
