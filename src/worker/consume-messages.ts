/** Messages to a claim unit's own stream: they woke it, which was their purpose, and leave a trace. */
import type { InboxMessage } from '../journal/unit.ts';
import type { StreamWriter } from './stream-writer.ts';

/** Takes those of `messages` that are for the writer's stream out of its inbox; one event each. */
export async function noteMessages(
  writer: StreamWriter,
  kind: string,
  messages: readonly InboxMessage[],
): Promise<void> {
  const own = messages.filter(({ stream }) => stream === writer.stream);
  if (own.length === 0) return;
  await writer.append(
    own.map(({ kind: message, actor, data }) => ({ kind, schema: 1, actor, data: { message, about: data } })),
    { consumes: own.map(({ id }) => id) },
  );
}
