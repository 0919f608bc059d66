/** What the mesh's inbox says about questions, written where it belongs. Safe to repeat: a message is taken out only afterwards. */
import type { StreamId } from '../journal/event.ts';
import type { InboxMessage } from '../journal/unit.ts';
import { type DeliveryDead, type DeliverySent, deliveryDead, deliverySent } from '../outbox/outbox-event.ts';
import { askDropped, type DroppedAsk } from '../questions/question.ts';
import type { QuestionEvent } from '../questions/question-event.ts';
import { writeQuestion } from '../questions/question-record.ts';
import { type QuestionDelivery, type QuestionState, questionNumber } from '../questions/question-state.ts';
import type { WorkerContext } from './worker-context.ts';

/** Messages about something else are left alone. */
export async function takeQuestionMessage(context: WorkerContext, message: InboxMessage): Promise<void> {
  switch (message.kind) {
    case deliverySent: {
      const { delivery, channel, ref } = message.data as unknown as DeliverySent;
      return note(context, aboutOf(delivery), (state) =>
        findDelivery(state, delivery)?.ref === null
          ? { kind: 'question.delivered', data: { delivery, channel, ref } }
          : null,
      );
    }
    case deliveryDead: {
      const { delivery, channel, message: why } = message.data as unknown as DeliveryDead;
      return note(context, aboutOf(delivery), (state) =>
        findDelivery(state, delivery)?.failure === null
          ? { kind: 'question.undeliverable', data: { delivery, channel, why } }
          : null,
      );
    }
    case askDropped: {
      const { ask, agent, why } = message.data as unknown as DroppedAsk;
      return note(context, ask, ({ askers }) =>
        askers.some((asker) => asker.agent === agent)
          ? { kind: 'question.left', data: { agent: agent as StreamId, why } }
          : null,
      );
    }
  }
}

/** Nothing of an approval, which has a desk of its own. */
async function note(
  { journal, newId, project }: WorkerContext,
  name: string,
  decide: (state: QuestionState) => QuestionEvent | null,
): Promise<void> {
  const number = name.startsWith('Q-') ? questionNumber(name) : null;
  if (number === null) return;
  const actor = `mesh:${project}`;
  await writeQuestion({
    journal,
    newId,
    project,
    number,
    actor,
    decide(state) {
      const event = decide(state);
      return event && { events: [event] };
    },
  });
}

/** Deliveries are named after what they are about: `Q-7/0/@sarah-pm/slack`. */
function aboutOf(delivery: string): string {
  return delivery.slice(0, delivery.indexOf('/'));
}

/** Undefined for an update, of which nothing depends on whether it arrived. */
function findDelivery({ asks }: QuestionState, id: string): QuestionDelivery | undefined {
  return asks.flatMap(({ deliveries }) => deliveries).find((delivery) => delivery.id === id);
}
