/** Drives one target branch: lands accepted items one at a time, in the order in which they were accepted. */
import type { JsonObject } from '../base/json.ts';
import { HeldError, KilledError } from '../controls/control-door.ts';
import type { Control } from '../controls/control-state.ts';
import type { Claim } from '../journal/journal.ts';
import type { InboxMessage, InboxPost } from '../journal/unit.ts';
import { type LandOutcome, landCommit } from '../ship/land-commit.ts';
import { checkCommit } from './check-commit.ts';
import { noteMessages } from './consume-messages.ts';
import { clusterName } from './drive-mesh.ts';
import type { LandingOrder } from './item-message.ts';
import { findBlock } from './read-blocks.ts';
import { openUnitWriter } from './stream-writer.ts';
import type { UnitDriver, UnitOptions } from './unit-driver.ts';
import type { WorkerContext } from './worker-context.ts';

export async function openTargetDriver(options: UnitOptions): Promise<UnitDriver> {
  const { context, claim } = options;
  const { journal } = context;
  const writer = await openUnitWriter({ journal, newId: context.newId, claim });
  let isStopped = false;
  let landing: { item: number; controller: AbortController; done: Promise<void> } | null = null;
  const controlOver = (item: number): Control | null =>
    options.controls.over({ cluster: clusterName, item, agent: null });

  async function nextOrder(): Promise<InboxMessage | undefined> {
    const messages = await journal.inbox(claim.unit);
    const isOrder = ({ kind }: InboxMessage) => kind === 'landing.requested';
    await noteMessages(
      writer,
      'target.notified',
      messages.filter((message) => !isOrder(message)),
    );
    const order = messages.find((message) => isOrder(message) && controlOver(orderOf(message).item) === null);
    return order && (await findBlock(journal, context.project, clusterName)) === null ? order : undefined;
  }

  async function landOne(message: InboxMessage, controller: AbortController): Promise<void> {
    const { signal } = controller;
    const order = orderOf(message);
    await writer.append([
      {
        kind: 'landing.intended',
        schema: 1,
        actor: message.actor,
        data: { item: order.item, commit: order.commit, key: message.id },
      },
    ]);
    const outcome = await land(context, claim, order, controller);
    // What has reached the target has landed, whoever wants it to stop now.
    if (signal.aborted && outcome.outcome !== 'landed') return;
    await writer.append([finishedEvent(claim, order, message.id, outcome)], {
      consumes: [message.id],
      posts: [answer(claim, order, message.id, outcome)],
    });
  }

  return {
    claim,
    async tick() {
      if (landing || isStopped) return;
      const order = await nextOrder();
      if (!order) return;
      const controller = new AbortController();
      const done = landOne(order, controller)
        .catch((error: unknown) => {
          if (!controller.signal.aborted) options.onFailure(error);
        })
        .finally(() => {
          landing = null;
          options.onChange();
        });
      landing = { item: orderOf(order).item, controller, done };
    },
    isIdle: () => landing === null,
    isDue: () => false,
    dueAtMs: () => null,
    obey() {
      const control = landing && controlOver(landing.item);
      if (control && endsLanding(control)) landing?.controller.abort(new KilledError(control));
      options.onChange();
    },
    isObedient: () => {
      const control = landing && controlOver(landing.item);
      return control === null || !endsLanding(control);
    },
    async stop() {
      isStopped = true;
      landing?.controller.abort();
      await landing?.done;
    },
  };
}

/** An open question keeps back also what was about to land; a person's pause lets it come to its end. */
function endsLanding({ state, holder }: Control): boolean {
  return state === 'killed' || holder !== null;
}

function land(
  context: WorkerContext,
  claim: Claim,
  order: LandingOrder,
  controller: AbortController,
): Promise<LandOutcome> {
  const { signal } = controller;
  return landCommit({
    mirror: context.mirror,
    repository: context.repository,
    target: targetOf(claim),
    commit: order.commit,
    message: `${order.title}\n\nItem ${order.item} of ${context.project}, accepted by ${order.acceptedBy}.`,
    landingKey: `${context.project}/${order.item}@${order.commit}`,
    trailers: { 'Meshwright-Item': `${context.project}/${order.item}` },
    authorName: 'Meshwright',
    authorEmail: 'meshwright@meshwright.invalid',
    at: context.clock.now(),
    check: async (commit) => {
      const judgement = await checkCommit(context, {
        seat: { fence: claim.fence, owner: claim.unit, purpose: `land/${order.item}` },
        commit,
        names: null,
        signal,
      });
      // The last moment at which a landing can be called off: the next thing is the target itself.
      const block = await findBlock(context.journal, context.project, clusterName);
      if (block) controller.abort(new HeldError(`${block.holder} is open (${block.why})`));
      signal.throwIfAborted();
      return judgement;
    },
  });
}

function orderOf(message: InboxMessage): LandingOrder {
  return message.data as unknown as LandingOrder;
}

function finishedEvent(claim: Claim, order: LandingOrder, key: string, outcome: LandOutcome) {
  const data: JsonObject =
    outcome.outcome === 'landed'
      ? { item: order.item, key, isLanded: true, commit: outcome.commit, checks: outcome.summary }
      : { item: order.item, key, isLanded: false, reason: outcome.reason };
  return { kind: 'landing.finished', schema: 1, actor: claim.owner, data };
}

/** The word to the item, posted with the event: neither is without the other. */
function answer(claim: Claim, order: LandingOrder, key: string, outcome: LandOutcome): InboxPost {
  const base = { stream: order.replyTo as InboxPost['stream'], id: `answer/${key}`, actor: claim.unit };
  if (outcome.outcome === 'landed') {
    return { ...base, kind: 'landing.landed', data: { commit: outcome.commit, target: targetOf(claim) } };
  }
  const { reason, findings, onto } = outcome;
  return { ...base, kind: 'landing.refused', data: { reason, findings, onto } as unknown as JsonObject };
}

/** `target:<project>/<branch>` → the branch. */
function targetOf(claim: Claim): string {
  return claim.unit.slice(`target:${claim.project}/`.length);
}
