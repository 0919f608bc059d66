/** Every fact about an approval: the event kinds of the shared stream `approval:<project>/<number>`. */
import { type StreamId, streamId } from '../journal/event.ts';
import type { EventKinds } from '../journal/upcast.ts';
import type { ApprovalTier, Handle } from '../policy/stakeholders.ts';
import type { Asker } from './question.ts';

export type ApprovalEvent =
  /** An agent wants to do exactly this. `action`: blob of the whole ApprovalAction; `actionHash`: sha256 of its canonical JSON; `line`: for people. */
  | {
      kind: 'approval.requested';
      data: {
        number: number;
        asker: Asker;
        tier: ApprovalTier;
        action: string;
        actionHash: string;
        line: string;
        /** The permission rule that asks. */
        rule: string;
        /** End of the first round: an answer counts until then. */
        expiresAt: string;
      };
    }
  /** Intent: these people are asked, or reminded, in these channels; posted to the outbox in the same unit. */
  | {
      kind: 'approval.notified';
      data: {
        to: Handle[];
        why: 'asked' | 'reminder' | 'deputy';
        /** 0 the first ask, rising with every reminder and every round. */
        urgency: number;
        deliveries: { id: string; channel: string; to: Handle }[];
      };
    }
  | { kind: 'approval.delivered'; data: { delivery: string; channel: string; ref: string } }
  | { kind: 'approval.undeliverable'; data: { delivery: string; channel: string; why: string } }
  /** One person's yes to exactly this hash; good until `expiresAt`. `isEnough`: with it there are as many as the tier wants. */
  | {
      kind: 'approval.approved';
      data: { by: Handle; via: string; actionHash: string; expiresAt: string; isEnough: boolean };
    }
  | { kind: 'approval.denied'; data: { by: Handle; via: string; why: string } }
  /** Kept, reported, without effect. `actionHash`: the one that was answered. */
  | {
      kind: 'approval.answer_refused';
      data: { by: Handle; via: string; verdict: 'approve' | 'deny'; actionHash: string; why: AnswerRefusal };
    }
  /**
   * The window ended and the action was not done: the yeses of `by` (perhaps none) count no more, and it is asked anew until
   * `expiresAt`.
   */
  | { kind: 'approval.lapsed'; data: { by: Handle[]; expiresAt: string } }
  /** The one use: recorded before the action is begun. */
  | { kind: 'approval.used'; data: { agent: StreamId; call: string; actionHash: string } }
  /** Somebody tried to act on it and was not let: kept, without effect. */
  | {
      kind: 'approval.use_refused';
      data: { agent: StreamId; call: string; actionHash: string; why: UseRefusal };
    }
  | { kind: 'approval.withdrawn'; data: { why: string } }
  /** Those who were asked are told what came of it; with this the stream leaves those that the mesh has to do with. */
  | { kind: 'approval.filed'; data: Record<string, never> };

export type AnswerRefusal = 'not_theirs' | 'other_action' | 'used' | 'expired' | 'same_person' | 'over';

export type UseRefusal = 'other_action' | 'other_call' | 'used' | 'not_approved' | 'over';

export const approvalKinds: EventKinds<ApprovalEvent['kind']> = {
  'approval.requested': [],
  'approval.notified': [],
  'approval.delivered': [],
  'approval.undeliverable': [],
  'approval.approved': [],
  'approval.denied': [],
  'approval.answer_refused': [],
  'approval.lapsed': [],
  'approval.used': [],
  'approval.use_refused': [],
  'approval.withdrawn': [],
  'approval.filed': [],
};

export function approvalStream(project: string, number: number): StreamId {
  return streamId('approval', project, number);
}
