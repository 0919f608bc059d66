/** Accept, reject, cancel, pause, resume, takeover, handback: checked against the item as it is, then left in its inbox for its owner. */
import { MeshwrightError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { formatUsd } from '../base/money.ts';
import { itemStream } from '../items/item-stream.ts';
import { type ItemRequest, judgeRequest, raisedByResume } from '../items/judge-request.ts';
import type { Journal } from '../journal/journal.ts';
import { itemAccount } from '../ledger/account-names.ts';
import { viewItem } from '../views/item-view.ts';
import { maxReason, requireText } from './require-text.ts';

export interface AskOfItem {
  journal: Journal;
  newId: () => string;
  project: string;
  number: number;
  request: ItemRequest;
}

/**
 * The owner judges again when it reads the message, so a state that changed meanwhile is never overruled.
 * @throws MeshwrightError `request_refused` with what is possible instead; `usage` for a reason that is too long.
 */
export async function askOfItem(ask: AskOfItem): Promise<void> {
  const { journal, project, number, request } = ask;
  if ('reason' in request) requireText('the reason', request.reason, maxReason);
  if ('message' in request) requireText('the message', request.message, maxReason);
  if ('note' in request) requireText('the note', request.note ?? '', maxReason);
  const { state } = await viewItem(journal, project, number);
  const judged = judgeRequest(state, request);
  if (!judged.ok) throw new MeshwrightError('request_refused', judged.message);
  if (request.kind === 'resume') {
    const account = raisedByResume(state) ?? itemAccount(project, number);
    await checkCeiling(ask, account, request.ceilingMicroUsd);
  }
  await journal.post(project, {
    stream: itemStream(project, number),
    id: `request/${ask.newId()}`,
    kind: 'item.request',
    actor: `person:${request.by}`,
    data: request as unknown as JsonObject,
  });
}

/** Going on below or at a ceiling that is used up would only pause again. */
async function checkCeiling(ask: AskOfItem, name: string, wanted: number | null): Promise<void> {
  if (wanted === null) return;
  const account = await ask.journal.account(name);
  if (!account) return;
  const floor = Math.max(account.ceilingMicroUsd ?? 0, account.spentMicroUsd);
  if (wanted <= floor) {
    const isOwn = name === itemAccount(ask.project, ask.number);
    throw new MeshwrightError(
      'request_refused',
      `a ceiling of ${formatUsd(wanted)} for ${isOwn ? `item ${ask.number}` : name} is not above what it has now (${formatUsd(floor)})`,
    );
  }
}
