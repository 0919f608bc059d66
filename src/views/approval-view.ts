/** Approvals as people read them: what waits for a yes, and one with exactly what would be done. */
import { MeshwrightError } from '../base/errors.ts';
import { readJsonBlobIfKept } from '../journal/blob-text.ts';
import { type StoredEvent, streamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import type { ApprovalTier, Handle } from '../policy/stakeholders.ts';
import type { ApprovalAction } from '../questions/approval-action.ts';
import { approvalStream } from '../questions/approval-event.ts';
import {
  type ApprovalName,
  type ApprovalState,
  approvalName,
  foldApproval,
  isSettled,
} from '../questions/approval-state.ts';
import { type HistoryEntry, historyOf } from './ask-history.ts';
import { readEach, type UnreadableStream } from './read-each.ts';

export interface ApprovalRow {
  approval: ApprovalName;
  /** Exactly what would be done, in one line. */
  line: string;
  tier: string;
  status: ApprovalState['status'];
  isOpen: boolean;
  item: number;
  askedAt: string;
  /** End of this round: it is asked anew then. */
  expiresAt: string;
  /** Who was told. */
  told: readonly Handle[];
  /** Whose yes counts so far, and how many are needed. */
  approvedBy: Handle[];
  peopleCount: number;
}

export interface ApprovalReport extends ApprovalRow {
  approvers: readonly Handle[];
  /** The approval tier as it was when it was asked. */
  askedTier: ApprovalTier;
  /** The permission rule that asks. */
  rule: string;
  /** Null: retention deleted it. */
  action: ApprovalAction | null;
  /** Sha256 of its canonical JSON: a yes is for exactly this. */
  actionHash: string;
  asker: ApprovalState['asker'];
  /** Who said no, and why; why it was withdrawn. */
  ending: ApprovalState['ending'];
  history: HistoryEntry[];
}

/** By number. */
export async function viewApprovals(
  journal: Journal,
  project: string,
  { isOpenOnly }: { isOpenOnly: boolean },
): Promise<{ approvals: ApprovalRow[]; unreadable: UnreadableStream[] }> {
  const where = isOpenOnly ? { claimUnit: streamId('mesh', project) } : {};
  const heads = await journal.streams(project, { prefix: 'approval:', ...where });
  const { found, unreadable } = await readEach(heads, async (stream) =>
    foldApproval(await journal.read(stream)),
  );
  const wanted = found.filter((state) => !isOpenOnly || !isSettled(state));
  return { approvals: wanted.sort((a, b) => a.number - b.number).map(rowOf), unreadable };
}

/** @throws MeshwrightError `no_such_approval`. */
export async function viewApproval(
  journal: Journal,
  project: string,
  number: number,
): Promise<{ report: ApprovalReport; events: StoredEvent[] }> {
  const events = await journal.read(approvalStream(project, number));
  const state = foldApproval(events);
  if (state === null) throw noSuchApproval(project, number);
  const { tier, rule, actionHash, asker, ending } = state;
  const action = await readJsonBlobIfKept<ApprovalAction>(journal, state.action);
  return {
    events,
    report: {
      ...rowOf(state),
      approvers: tier.approvers,
      askedTier: tier,
      rule,
      action,
      actionHash,
      asker,
      ending,
      history: historyOf(events),
    },
  };
}

export function noSuchApproval(project: string, number: number): MeshwrightError {
  return new MeshwrightError(
    'no_such_approval',
    `there is no approval ${approvalName(number)} in ${project}`,
    { hint: '`meshwright questions --all` lists them.', exitCode: 2 },
  );
}

function rowOf(state: ApprovalState): ApprovalRow {
  return {
    approval: state.name,
    line: state.line,
    tier: state.tier.name,
    status: state.status,
    isOpen: !isSettled(state),
    item: state.asker.item,
    askedAt: state.askedAt,
    expiresAt: state.expiresAt,
    told: state.told,
    approvedBy: state.yeses.map(({ by }) => by),
    peopleCount: state.tier.peopleCount,
  };
}
