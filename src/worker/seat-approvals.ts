/** How a seat gets the yes of people for one exact call: asks as its agent, and uses a yes up before the call begins. */
import { clusterNameOf } from '../controls/control-scope.ts';
import type { ApprovalDoor, Passage } from '../gateway/approval-door.ts';
import type { ToolCallPart } from '../gateway/model.ts';
import type { ItemState } from '../items/item-state.ts';
import type { StreamId } from '../journal/event.ts';
import type { ApprovalTier, Stakeholders } from '../policy/stakeholders.ts';
import { type ApprovalAction, hashAction } from '../questions/approval-action.ts';
import type { UseRefusal } from '../questions/approval-event.ts';
import { openApproval, useApproval } from '../questions/approval-record.ts';
import type { ApprovalState } from '../questions/approval-state.ts';
import type { Asker } from '../questions/question.ts';
import type { StepEffect } from './effect.ts';
import type { WorkerContext } from './worker-context.ts';

export interface ApprovalSeat {
  context: Pick<WorkerContext, 'journal' | 'newId' | 'project' | 'clock' | 'stakeholders'>;
  state: Pick<ItemState, 'number' | 'title' | 'cluster'>;
}

export function seatApprovals(
  { context, state }: ApprovalSeat,
  effect: Pick<StepEffect, 'agent' | 'step' | 'role' | 'base'>,
): ApprovalDoor {
  const { journal, newId, project } = context;
  const agent = effect.agent as StreamId;
  const asker = (call: string): Asker => ({
    item: state.number,
    title: state.title,
    cluster: clusterNameOf(state.cluster) ?? '',
    step: effect.step,
    role: effect.role,
    agent,
    call,
  });
  const actionOf = ({ tool, input }: ToolCallPart): ApprovalAction => ({
    project,
    item: state.number,
    agent,
    role: effect.role,
    tool,
    input,
    base: effect.base,
  });
  return {
    async pass(call, { rule, tier: named }) {
      const stakeholders = await context.stakeholders();
      const tier = findTier(stakeholders, named);
      if (tier === undefined) return { state: 'refused', why: describeMissing(stakeholders, named) };
      const action = actionOf(call);
      const nowMs = context.clock.now();
      const place = { journal, newId, project };
      const asked = await openApproval({ ...place, asker: asker(call.id), tier, action, rule, nowMs });
      const actionHash = hashAction(action);
      if (asked.status === 'open' && asked.actionHash === actionHash)
        return { state: 'waits', ask: asked.name };
      if (asked.status === 'denied' || asked.status === 'withdrawn')
        return { state: 'refused', why: describeEnding(asked) };
      const { number } = asked;
      const refusal = await useApproval({
        ...place,
        number,
        agent,
        call: call.id,
        actionHash,
        nowMs,
        stakeholders,
      });
      return passageOf(asked, refusal);
    },
  };
}

function passageOf({ name }: ApprovalState, refusal: UseRefusal | null): Passage {
  switch (refusal) {
    case null:
      return { state: 'passed', ask: name };
    case 'not_approved':
      return { state: 'waits', ask: name };
    case 'used':
      return { state: 'unknown', ask: name };
    case 'over':
      return { state: 'refused', why: `${name} was denied or withdrawn meanwhile` };
    case 'other_action':
    case 'other_call':
      return { state: 'refused', why: `${name} was asked for another action, not for this one` };
  }
}

function describeEnding({ name, status, ending }: ApprovalState): string {
  const why = ending?.why ? `: ${ending.why}` : '';
  return status === 'denied'
    ? `${ending?.by ?? 'a person'} denied it (${name})${why}`
    : `${name} was withdrawn${why}`;
}

function findTier({ approvalTiers }: Stakeholders, name: string): ApprovalTier | undefined {
  return Object.hasOwn(approvalTiers, name) ? approvalTiers[name] : undefined;
}

function describeMissing({ approvalTiers }: Stakeholders, name: string): string {
  return `it needs an approval of tier ${name}, which .mesh/stakeholders.yaml does not define (it has ${Object.keys(approvalTiers).join(', ')})`;
}
