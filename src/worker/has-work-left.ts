/** Whether something of the project can still go on without a person, here or in another worker. */
import type { ControlWatch } from '../controls/control-watch.ts';
import { holdsPlace, isRequeued, isWaiting } from '../items/find-waits.ts';
import { isFinal } from '../items/is-final.ts';
import { itemReducer } from '../items/item-reducer.ts';
import type { ItemState } from '../items/item-state.ts';
import { type StreamId, streamId } from '../journal/event.ts';
import { foldStream } from '../journal/fold-stream.ts';
import { unlessNewer } from '../journal/upcast.ts';
import { outboxStream } from '../outbox/outbox-event.ts';
import { controlOver } from './item-controls.ts';
import { hostBoundKinds } from './open-unit.ts';
import type { Scope } from './unit-driver.ts';
import type { WorkerContext } from './worker-context.ts';

/** A place among those that are worked on at once is needed first by what has not begun, and by what was parked. */
function wantsPlace(item: ItemState): boolean {
  return item.status === 'queued' || isRequeued(item);
}

function isUnderWay(item: ItemState): boolean {
  return item.status === 'landing' || (holdsPlace(item) && !isWaiting(item));
}

/** Asked again and again: items that are over are read once. */
export function createWorkCheck(options: {
  context: WorkerContext;
  scope: Scope;
  controls: ControlWatch;
  onNotice: (line: string) => void;
}): () => Promise<boolean> {
  const { context, scope, controls, onNotice } = options;
  const over = new Map<StreamId, ItemState>();
  /** Null for an item that this version cannot read, and so cannot drive. */
  const readItem = async (stream: StreamId): Promise<ItemState | null> => {
    const known = over.get(stream);
    if (known) return known;
    const item = await unlessNewer(() => foldStream(context.journal, stream, itemReducer));
    if (item && isFinal(item.state)) over.set(stream, item.state);
    return item?.state ?? null;
  };
  const told = new Set<StreamId>();
  const sayElsewhere = (stream: StreamId) => {
    if (told.has(stream)) return;
    told.add(stream);
    onNotice(
      `${stream} is worked on from another MESHWRIGHT_HOME, where its branch is; nothing is done for it here.`,
    );
  };
  return async () => {
    const { journal, project, channels } = context;
    for (const unit of [
      streamId('mesh', project),
      ...channels.map(({ name }) => outboxStream(project, name)),
    ])
      if ((await journal.inbox(unit)).length > 0) return true;
    const heads = await context.journal.streams(context.project, { prefix: 'item:' });
    const messages = await Promise.all(
      [...new Set(heads.map((head) => head.claimUnit))].map((unit) => context.journal.inbox(unit)),
    );
    let placeCount = 0;
    let isWanting = false;
    const addressed = new Set(messages.flat().map((message) => message.stream));
    for (const { stream, host, claimUnit } of heads) {
      const item = await readItem(stream);
      if (!item || (scope.items && !scope.items.has(item.number))) continue;
      if (isBoundElsewhere(context, claimUnit, host)) {
        if (!isFinal(item)) sayElsewhere(stream);
        continue;
      }
      if (addressed.has(stream)) return true;
      if (holdsPlace(item)) placeCount += 1;
      if (scope.requestsOnly || !isLet(controls, item)) continue;
      if (isUnderWay(item)) return true;
      isWanting ||= wantsPlace(item);
    }
    // Every place may be held by what waits for people: then nothing can begin.
    return isWanting && placeCount < context.policy.limits.itemsAtOnce;
  };
}

/** What was begun before it was stopped is still to come to its end, whoever runs it. */
function isLet(controls: ControlWatch, item: ItemState): boolean {
  const control = controlOver(controls, item);
  if (control?.state !== 'stopped') return control === null;
  const { steps = {}, gates = [] } = item.phase ?? {};
  return [...Object.values(steps), ...gates].some(({ status }) => status === 'running');
}

function isBoundElsewhere(context: WorkerContext, claimUnit: StreamId, host: string | null): boolean {
  const isBound = hostBoundKinds.some((kind) => claimUnit.startsWith(`${kind}:`));
  return isBound && host !== null && host !== context.host;
}
