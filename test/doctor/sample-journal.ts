/**
 * A small journal in which every table and every kind of money has its row: one item on its way, its agents with calls that
 * were settled, released, charged after a failure and are still held, claims, an anchor, a snapshot, blobs, messages.
 */
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../src/base/json.ts';
import { tapeKinds } from '../../src/gateway/tape-kinds.ts';
import { itemKinds } from '../../src/items/item-kinds.ts';
import { appendAnchor } from '../../src/journal/anchor.ts';
import { type StreamId, streamId } from '../../src/journal/event.ts';
import type { StreamReducer } from '../../src/journal/fold-stream.ts';
import type { Journal } from '../../src/journal/journal.ts';
import type { LedgerChange, Unit } from '../../src/journal/unit.ts';
import { schemaOf } from '../../src/journal/upcast.ts';
import { formatOwner } from '../../src/worker/owner.ts';

export const project = 'orders-api';
export const item = streamId('item', project, 1);
export const agent = streamId('agent', project, 1, 'build', 'T1', 'developer', 1);
const cluster = streamId('cluster', project, 'main');
const mesh = streamId('mesh', project);
const target = streamId('target', project, 'main');

/** Folds mesh streams, which have no state of their own. */
export const countingReducer: StreamReducer<{ count: number; last: string | null }> = {
  streamKind: 'mesh',
  reducerHash: 'counting-1',
  initial: { count: 0, last: null },
  reduce: (state, event) => ({ count: state.count + 1, last: event.kind }),
};

type Put = (
  stream: StreamId,
  events: readonly [kind: string, data: JsonObject][],
  rest?: Partial<Unit>,
) => Promise<void>;

/** @param options.isLong also a second project with a few hundred events. */
export async function fillSampleJournal(journal: Journal, options: { isLong?: boolean } = {}): Promise<void> {
  const versions = new Map<string, number>();
  const put: Put = async (stream, events, rest = {}) => {
    const expectedVersion = versions.get(stream) ?? 0;
    const outcome = await journal.append({
      id: randomUUID(),
      project,
      stream,
      expectedVersion,
      fence: null,
      events: events.map(([kind, data]) => ({ kind, schema: schemaOfKind(kind), actor: 'person:ada', data })),
      ...rest,
    });
    if (outcome.outcome !== 'appended') throw new Error(`${stream}: ${JSON.stringify(outcome)}`);
    versions.set(stream, expectedVersion + events.length);
  };
  await put(mesh, [['mesh.created', {}]]);
  await put(cluster, [['cluster.created', { flow: 'solo', seats: {} }]]);
  const fences = await claimAll(journal);
  await addItem(journal, put);
  await runAgent(journal, put, fences.cluster);
  await put(target, [['landing.intended', { item: 1, commit: 'c1', key: 'k' }]], { fence: fences.target });
  await put(mesh, [['mesh.notified', { message: 'item.added', about: { item: 1 } }]], { fence: fences.mesh });
  await journal.saveSnapshot(mesh, {
    version: 2,
    reducerHash: countingReducer.reducerHash,
    state: { count: 2, last: 'mesh.notified' },
  });
  if (options.isLong) await addSecondProject(put);
  const anchored = await appendAnchor({ journal, clock: tomorrow, newId: randomUUID }, project);
  if (anchored === 0) throw new Error('nothing was anchored');
  await put(item, [['item.message_ignored', { message: 'after the anchor', reason: 'none' }]], {
    fence: fences.cluster,
  });
}

const tomorrow = {
  now: () => Date.now() + 25 * 3_600_000,
  monotonicMs: () => 0,
  sleep: async () => {},
};

function schemaOfKind(kind: string): number {
  if (kind in itemKinds) return schemaOf(itemKinds, kind as keyof typeof itemKinds);
  return kind in tapeKinds ? schemaOf(tapeKinds, kind as keyof typeof tapeKinds) : 1;
}

async function claimAll(journal: Journal): Promise<{ mesh: number; cluster: number; target: number }> {
  const owner = formatOwner({ machine: 'here', identity: { pid: 1, startedAt: 'then' } }, 'w');
  const take = async (unit: StreamId) => {
    const claim = await journal.claimUnit(unit, { owner, host: 'here', leaseMs: 600_000, project });
    if (!claim) throw new Error(`${unit} was not claimed`);
    return claim.fence;
  };
  // Twice the mesh, so that a lower fence of it exists that nobody has now.
  const first = await journal.claimUnit(mesh, { owner, host: 'here', leaseMs: 600_000, project });
  if (first) await journal.release(first, null);
  return { mesh: await take(mesh), cluster: await take(cluster), target: await take(target) };
}

async function addItem(journal: Journal, put: Put): Promise<void> {
  const brief = await journal.putBlob(Buffer.from('Export orders as CSV, for Mrs. Miller of accounting'));
  const team = await journal.putBlob(Buffer.from('{"flow":"solo"}'));
  const added = {
    number: 1,
    title: 'CSV',
    brief,
    criteria: [],
    priority: 0,
    tags: [],
    flow: null,
    ceilingMicroUsd: null,
    plan: null,
  };
  await put(item, [['item.added', added]], {
    claimUnit: mesh,
    posts: [{ stream: mesh, id: 'added/1', kind: 'item.added', actor: 'person:ada', data: { item: 1 } }],
  });
  await put(item, [['item.routed', { cluster }]], { transferTo: cluster });
  const started = {
    team,
    flow: 'solo',
    base: 'c0',
    branch: 'mesh/1',
    target: 'main',
    ceilingMicroUsd: 2_000_000,
  };
  await put(
    item,
    [
      ['item.started', started],
      ['phase.entered', { phase: 'build', round: 1, findings: [] }],
    ],
    { ledger: [{ op: 'open', account: item, ceilingMicroUsd: 2_000_000 }] },
  );
}

async function runAgent(journal: Journal, put: Put, fence: number): Promise<void> {
  const prompt = await journal.putBlob(Buffer.from('{"system":"You build"}'));
  const write = (events: readonly [string, JsonObject][], ledger: LedgerChange[]) =>
    put(agent, events, { fence, claimUnit: cluster, ledger });
  const seated = { role: 'developer', ceilingMicroUsd: 1_000_000, itemAccount: item };
  await write([['agent.seated', seated]], [{ op: 'open', account: agent, ceilingMicroUsd: 1_000_000 }]);
  const intend = (call: string) =>
    write(
      [
        [
          'model.call_intended',
          { call, attempt: 1, model: 'm', reservedMicroUsd: 40_000, wholePrompt: prompt },
        ],
      ],
      [{ op: 'reserve', reservation: call, accounts: [agent, item], amountMicroUsd: 40_000 }],
    );
  const fail = (call: string, costMicroUsd: number, change: LedgerChange) =>
    write(
      [
        [
          'model.call_failed',
          { call, reason: 'unavailable', message: '', usage: null, costMicroUsd, retryInMs: null },
        ],
      ],
      [change],
    );
  await intend('call-1');
  await write(
    [['model.call_finished', { call: 'call-1', reply: [], stop: 'end', usage: {}, costMicroUsd: 12_345 }]],
    [{ op: 'settle', reservation: 'call-1', actualMicroUsd: 12_345 }],
  );
  await intend('call-2');
  await fail('call-2', 0, { op: 'release', reservation: 'call-2' });
  await intend('call-3');
  await fail('call-3', 40_000, { op: 'settle', reservation: 'call-3', actualMicroUsd: 40_000 });
  await intend('call-4');
}

async function addSecondProject(put: Put): Promise<void> {
  for (let stream = 1; stream <= 5; stream += 1) {
    for (let index = 1; index <= 50; index += 1) {
      await put(streamId('notes', 'other', stream), [['note.taken', { index, text: 'ä'.repeat(index) }]], {
        project: 'other',
      });
    }
  }
}
