/**
 * Looks after the approvals of a project: tells and reminds whoever may say yes, lets what was not used in its window lapse,
 * withdraws what nobody waits for any more. Part of the desk, so one worker at a time does; what time makes of an approval is
 * decided in questions/decide-approval.ts.
 */
import type { StreamHead } from '../journal/journal.ts';
import type { InboxMessage } from '../journal/unit.ts';
import { type DeliveryDead, type DeliverySent, deliveryDead, deliverySent } from '../outbox/outbox-event.ts';
import { personOf } from '../policy/route-of.ts';
import type { Handle, Stakeholders } from '../policy/stakeholders.ts';
import type { ApprovalEvent } from '../questions/approval-event.ts';
import { readOpenApprovals, writeApproval } from '../questions/approval-record.ts';
import { type ApprovalState, isSettled } from '../questions/approval-state.ts';
import { decideApproval } from '../questions/decide-approval.ts';
import { askDropped, type DroppedAsk } from '../questions/question.ts';
import { orderApprovalEnding, orderApprovalNotices } from './approval-notices.ts';
import { channelsTo } from './channels-to.ts';
import type { WorkerContext } from './worker-context.ts';

export class ApprovalDesk {
  readonly #context: WorkerContext;
  #approvals: readonly ApprovalState[] = [];
  #dueAtMs: number | null = null;

  constructor(context: WorkerContext) {
    this.#context = context;
  }

  /** When something follows by time alone; null: nothing does. */
  dueAtMs(): number | null {
    return this.#dueAtMs;
  }

  /** What of each person's attention approvals take: who was told of one and has not said yes. */
  openAsks(): Map<Handle, number> {
    return countAsks(this.#approvals);
  }

  /**
   * `messages`: of the mesh's inbox; what they say about approvals is written down when it resolves. `otherAsks`: what each
   * person is asked besides. `heads`: of the mesh's streams, where nothing was written since they were listed.
   */
  async tick(view: {
    stakeholders: Stakeholders;
    messages: readonly InboxMessage[];
    otherAsks: ReadonlyMap<Handle, number>;
    heads: readonly StreamHead[] | undefined;
  }): Promise<void> {
    for (const message of view.messages) await takeApprovalMessage(this.#context, message);
    await this.#refold(view.heads);
    let hasWritten = false;
    for (const state of this.#approvals) {
      const events = this.#decide(state, view).events;
      if (events.length === 0) continue;
      hasWritten = true;
      await this.#write(state, events, view.stakeholders);
      await this.#refold();
    }
    if (hasWritten) await this.#refold();
    const moments = this.#approvals.flatMap((state) => this.#decide(state, view).nextDueAtMs ?? []);
    this.#dueAtMs = moments.length > 0 ? Math.min(...moments) : null;
  }

  async #refold(heads?: readonly StreamHead[]): Promise<void> {
    const { journal, project } = this.#context;
    this.#approvals = await readOpenApprovals(journal, project, this.#approvals, heads);
  }

  /** A settled one is filed. */
  #decide(
    state: ApprovalState,
    { stakeholders, otherAsks }: { stakeholders: Stakeholders; otherAsks: ReadonlyMap<Handle, number> },
  ): { events: ApprovalEvent[]; nextDueAtMs: number | null } {
    if (isSettled(state)) return { events: [{ kind: 'approval.filed', data: {} }], nextDueAtMs: null };
    const { clock, channels, newId } = this.#context;
    const others = countAsks(this.#approvals.filter(({ number }) => number !== state.number));
    return decideApproval(state, {
      nowMs: clock.now(),
      stakeholders,
      roomOf: (person) =>
        personOf(stakeholders, person).attentionLimit -
        (otherAsks.get(person) ?? 0) -
        (others.get(person) ?? 0),
      channelsOf: (to) => channelsTo(channels, { to, place: state.tier.channel }, stakeholders),
      newId,
    });
  }

  async #write(planned: ApprovalState, events: ApprovalEvent[], stakeholders: Stakeholders): Promise<void> {
    const context = this.#context;
    const { journal, newId, project } = context;
    const telling = { context, stakeholders };
    await writeApproval({
      journal,
      newId,
      project,
      number: planned.number,
      actor: `mesh:${project}`,
      // Somebody was faster: it is decided again at the next look.
      decide: ({ version }) => (version === planned.version ? events : null),
      posts: (state) =>
        isSettled(state) ? orderApprovalEnding(telling, state) : orderApprovalNotices(telling, state, events),
    });
  }
}

/** Messages about something else are left alone. */
async function takeApprovalMessage(context: WorkerContext, message: InboxMessage): Promise<void> {
  switch (message.kind) {
    case deliverySent: {
      const { delivery, channel, ref } = message.data as unknown as DeliverySent;
      return note(context, delivery, ({ deliveries }) =>
        deliveries[delivery]?.ref === null
          ? { kind: 'approval.delivered', data: { delivery, channel, ref } }
          : null,
      );
    }
    case deliveryDead: {
      const { delivery, channel, message: why } = message.data as unknown as DeliveryDead;
      return note(context, delivery, ({ deliveries }) =>
        deliveries[delivery] ? { kind: 'approval.undeliverable', data: { delivery, channel, why } } : null,
      );
    }
    case askDropped: {
      const { ask, agent, why } = message.data as unknown as DroppedAsk;
      return note(context, ask, (state) =>
        state.asker.agent === agent ? { kind: 'approval.withdrawn', data: { why } } : null,
      );
    }
  }
}

/** `about`: `A-2`, or a delivery about it: `A-2/…`. What is settled stays as it is. */
async function note(
  { journal, newId, project }: WorkerContext,
  about: string,
  decide: (state: ApprovalState) => ApprovalEvent | null,
): Promise<void> {
  const number = Number(/^A-(\d+)(?:\/|$)/.exec(about)?.[1] ?? Number.NaN);
  if (Number.isNaN(number)) return;
  await writeApproval({
    journal,
    newId,
    project,
    number,
    actor: `mesh:${project}`,
    decide: (state) => {
      const event = isSettled(state) ? null : decide(state);
      return event && [event];
    },
  });
}

function countAsks(approvals: readonly ApprovalState[]): Map<Handle, number> {
  const asks = new Map<Handle, number>();
  for (const { status, told, yeses } of approvals) {
    if (status !== 'open') continue;
    for (const person of told)
      if (!yeses.some(({ by }) => by === person)) asks.set(person, (asks.get(person) ?? 0) + 1);
  }
  return asks;
}
