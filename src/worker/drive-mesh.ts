/** Drives the mesh stream of a project: gives every unrouted item to the cluster. Deterministic code, never a model. */
import { isFinal } from '../items/is-final.ts';
import { foldItemEvents, toNewEvent } from '../items/item-stream.ts';
import { type StreamId, streamId } from '../journal/event.ts';
import { createStreamWriter, openUnitWriter } from './stream-writer.ts';
import type { UnitDriver, UnitOptions } from './unit-driver.ts';

export function clusterStream(project: string): StreamId {
  return streamId('cluster', project, 'main');
}

export async function openMeshDriver(options: UnitOptions): Promise<UnitDriver> {
  const { context, claim } = options;
  const { journal, project } = context;
  const cluster = clusterStream(project);
  const writer = await openUnitWriter({ journal, newId: context.newId, claim });

  async function ensureCluster(): Promise<void> {
    if (await journal.streamHead(cluster)) return;
    const { flow, seats } = context.policy.team;
    await journal.append({
      id: context.newId(),
      project,
      stream: cluster,
      expectedVersion: 0,
      fence: null,
      events: [
        { kind: 'cluster.created', schema: 1, actor: claim.unit, data: { flow, seats: { ...seats } } },
      ],
    });
  }

  async function routeItems(): Promise<number> {
    const heads = await journal.streams(project, { prefix: 'item:', claimUnit: claim.unit });
    for (const { stream } of heads) {
      const events = await journal.read(stream);
      if (isFinal(foldItemEvents(events))) continue;
      await ensureCluster();
      const item = createStreamWriter({
        journal,
        newId: context.newId,
        claim,
        stream,
        version: events.at(-1)?.version ?? 0,
      });
      await item.append([toNewEvent({ kind: 'item.routed', data: { cluster } }, claim.unit)], {
        transferTo: cluster,
        posts: [
          {
            stream: cluster,
            id: `routed/${stream}`,
            kind: 'item.routed',
            actor: claim.unit,
            data: { item: stream },
          },
        ],
      });
    }
    return heads.length;
  }

  return {
    claim,
    async tick() {
      await routeItems();
      const messages = (await journal.inbox(claim.unit)).filter((message) => message.stream === claim.unit);
      if (messages.length === 0) return;
      await writer.append(
        messages.map((message) => ({
          kind: 'mesh.notified',
          schema: 1,
          actor: message.actor,
          data: { message: message.kind, about: message.data },
        })),
        { consumes: messages.map((message) => message.id) },
      );
    },
    isIdle: () => true,
    isDue: () => false,
    stop: async () => {},
  };
}
