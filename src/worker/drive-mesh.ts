/**
 * Drives the mesh stream of a project: gives every unrouted item to the cluster, and has its desk look after what people are
 * asked. Deterministic code, never a model.
 */
import { isFinal } from '../items/is-final.ts';
import { itemReducer } from '../items/item-reducer.ts';
import { toNewEvent } from '../items/item-stream.ts';
import { appendAnchor } from '../journal/anchor.ts';
import { type StreamId, streamId } from '../journal/event.ts';
import { foldStream } from '../journal/fold-stream.ts';
import type { StreamHead } from '../journal/journal.ts';
import { unlessNewer } from '../journal/upcast.ts';
import { noteMessages } from './consume-messages.ts';
import { Desk } from './desk.ts';
import { createStreamWriter, openUnitWriter } from './stream-writer.ts';
import type { UnitDriver, UnitOptions } from './unit-driver.ts';

/** One is made a day; this is only how often it is asked. */
const lookForAnchorEveryMs = 10 * 60_000;

/** The one cluster of a project. */
export const clusterName = 'main';

export function clusterStream(project: string): StreamId {
  return streamId('cluster', project, clusterName);
}

export async function openMeshDriver(options: UnitOptions): Promise<UnitDriver> {
  const { context, claim } = options;
  const { journal, project } = context;
  const cluster = clusterStream(project);
  const writer = await openUnitWriter({ journal, newId: context.newId, claim });

  const desk = new Desk(options, clusterName);
  let anchorAtMs = 0;

  async function anchorNowAndThen(): Promise<void> {
    if (context.clock.monotonicMs() < anchorAtMs) return;
    anchorAtMs = context.clock.monotonicMs() + lookForAnchorEveryMs;
    await appendAnchor(context, project);
  }

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

  async function routeItems(heads: readonly StreamHead[]): Promise<void> {
    for (const { stream } of heads.filter((head) => head.stream.startsWith('item:'))) {
      // One that a newer version wrote stays with the mesh until such a worker comes.
      const item = await unlessNewer(() => foldStream(journal, stream, itemReducer));
      if (!item || isFinal(item.state)) continue;
      await ensureCluster();
      const writer = createStreamWriter({
        journal,
        newId: context.newId,
        claim,
        stream,
        version: item.version,
      });
      await writer.append([toNewEvent({ kind: 'item.routed', data: { cluster } }, claim.unit)], {
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
  }

  return {
    claim,
    async tick() {
      const heads = await journal.streams(project, { claimUnit: claim.unit });
      await routeItems(heads);
      await anchorNowAndThen();
      const messages = await journal.inbox(claim.unit);
      await desk.tick(
        messages.filter(({ stream }) => stream === claim.unit),
        heads,
      );
      await noteMessages(writer, 'mesh.notified', messages);
    },
    isIdle: () => true,
    isDue: () => false,
    dueAtMs: () => desk.dueAtMs(),
    obey: () => {},
    isObedient: () => true,
    stop: async () => {},
  };
}
