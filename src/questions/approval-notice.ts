/** An approval as the notice that a channel shows to one person, and how it ended in one line. Pure. */
import { personOf } from '../policy/route-of.ts';
import type { Handle, Stakeholders } from '../policy/stakeholders.ts';
import { type ApprovalAction, describeWholeAction } from './approval-action.ts';
import type { ApprovalState } from './approval-state.ts';
import { tierNow, whyNobodyCan } from './approvers-of.ts';
import type { ApprovalNotice } from './channel.ts';
import { zoneOf } from './compose-consequence.ts';

export interface ApprovalFacts {
  stakeholders: Stakeholders;
  state: ApprovalState;
  action: ApprovalAction;
}

export function approvalNotice(
  { stakeholders, state, action }: ApprovalFacts,
  { to, channel }: { to: Handle; channel: string },
): ApprovalNotice {
  const { name, tier, asker, line, actionHash, expiresAt } = state;
  const hindrance = whyNobodyCan(tierNow(tier, stakeholders), stakeholders);
  return {
    about: 'approval',
    approval: name,
    to,
    memberId: personOf(stakeholders, to).slackId,
    place: tier.channel,
    thread: approvalThread(state, to, channel),
    urgency: state.urgency ?? 0,
    from: { cluster: asker.cluster, item: asker.item, title: asker.title },
    tier: tier.name,
    peopleCount: tierNow(tier, stakeholders).peopleCount,
    approvedBy: state.yeses.map(({ by }) => by),
    action: line,
    details: `${describeWholeAction(action)}${hindrance === null ? '' : `\n${hindrance}`}`,
    actionHash,
    expiresAt,
    timeZone: zoneOf(to, stakeholders),
    options: [
      { label: 'Approve', tradeOff: 'exactly this is done, once' },
      { label: 'Deny', tradeOff: 'it is not done; the agent is told who said so' },
    ],
    isRehearsal: stakeholders.isRehearsal,
  };
}

/** One line for whoever was asked. */
export function describeEnding({ name, line, status, yeses, ending }: ApprovalState): string {
  const by = yeses.map((yes) => yes.by).join(' and ');
  if (status === 'used') return `${name} was approved by ${by} and is being done: ${line}`;
  if (status === 'denied') return `${name} was denied by ${ending?.by ?? 'a person'}: ${line}`;
  return `${name} is not needed any more: ${line}`;
}

/** The first message that this person had about it there, as far as it has arrived. */
export function approvalThread({ deliveries }: ApprovalState, to: Handle, channel: string): string | null {
  const sent = Object.values(deliveries).filter((each) => each.to === to && each.channel === channel);
  return sent.find(({ ref }) => ref !== null)?.ref ?? null;
}
