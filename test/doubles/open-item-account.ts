/** What an agent needs before it can be seated: item 1 of a project with its account, in a claim unit that one worker holds. */
import { randomUUID } from 'node:crypto';
import { type StreamId, streamId } from '../../src/journal/event.ts';
import type { Claim, Journal } from '../../src/journal/journal.ts';
import { itemAccount } from '../../src/ledger/account-names.ts';

export interface ItemAccount {
  project: string;
  /** Null: no limit. */
  ceilingMicroUsd: number | null;
  /** Absent: the item's own stream. */
  claimUnit?: StreamId;
}

export async function openItemAccount(
  journal: Pick<Journal, 'append'>,
  { project, ceilingMicroUsd, claimUnit }: ItemAccount,
): Promise<void> {
  const { outcome } = await journal.append({
    id: randomUUID(),
    project,
    stream: streamId('item', project, 1),
    expectedVersion: 0,
    fence: null,
    ...(claimUnit && { claimUnit }),
    events: [{ kind: 'item.added', schema: 1, actor: 'person:@sarah-pm', data: {} }],
    ledger: [{ op: 'open', account: itemAccount(project, 1), ceilingMicroUsd }],
  });
  if (outcome !== 'appended') throw new Error(`the account of ${project} could not be opened: ${outcome}`);
}

/** Opens it, and holds its unit for `leaseMs`. */
export async function claimItemAccount(
  journal: Pick<Journal, 'append' | 'claimUnit'>,
  item: ItemAccount & { claimUnit: StreamId; leaseMs: number },
): Promise<Claim> {
  const { claimUnit, leaseMs } = item;
  await openItemAccount(journal, item);
  const claim = await journal.claimUnit(claimUnit, { owner: 'w1', host: 'h', leaseMs });
  if (!claim) throw new Error(`${claimUnit} is held by somebody else`);
  return claim;
}
