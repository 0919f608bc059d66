/** Drives one cluster: opens a driver per living item, hands out its inbox, and begins queued items while there is room. */

import { isFinal } from '../items/is-final.ts';
import type { StreamId } from '../journal/event.ts';
import { isUnknownEvent } from '../journal/upcast.ts';
import { type ItemDriver, openItemDriver } from './drive-item.ts';
import { clearStream } from './left-workspace.ts';
import type { UnitDriver, UnitOptions } from './unit-driver.ts';

export async function openClusterDriver(options: UnitOptions): Promise<UnitDriver> {
  const { context, claim, scope, onChange, onNotice, onFailure } = options;
  const items = new Map<StreamId, ItemDriver>();
  const ended = new Set<StreamId>();
  /** Written by a newer version: whole, and not for this worker to touch. */
  const foreign = new Set<StreamId>();

  const isWanted = (stream: StreamId) =>
    scope.items?.has(Number(stream.slice(stream.lastIndexOf('/') + 1))) ?? true;

  async function openItem(stream: StreamId): Promise<ItemDriver | null> {
    try {
      const isPassive = scope.requestsOnly;
      return await openItemDriver({ context, claim, stream, isPassive, onChange, onFailure });
    } catch (error) {
      if (!isUnknownEvent(error)) throw error;
      foreign.add(stream);
      onNotice(`${error.message}; this worker leaves the item alone.`);
      return null;
    }
  }

  async function openArrivals(): Promise<void> {
    const heads = await context.journal.streams(context.project, { prefix: 'item:', claimUnit: claim.unit });
    for (const { stream } of heads) {
      if (items.has(stream) || ended.has(stream) || foreign.has(stream) || !isWanted(stream)) continue;
      const driver = await openItem(stream);
      if (!driver) continue;
      if (isFinal(driver.state)) ended.add(stream);
      else items.set(stream, driver);
    }
  }

  async function deliverInbox(): Promise<void> {
    const messages = await context.journal.inbox(claim.unit);
    for (const [stream, driver] of items) {
      driver.receive(messages.filter((message) => message.stream === stream));
    }
  }

  /** Higher priority first, then the older one. Ready and paused items hold no place: a person has them. */
  function beginQueued(): void {
    const all = [...items.values()];
    let room =
      context.policy.limits.itemsAtOnce - all.filter((item) => item.state.status === 'running').length;
    const queued = all
      .filter((item) => item.state.status === 'queued')
      .sort((a, b) => b.state.priority - a.state.priority || a.state.number - b.state.number);
    for (const item of queued) {
      if (room <= 0) return;
      item.begin();
      room -= 1;
    }
  }

  async function retireEnded(): Promise<void> {
    for (const [stream, driver] of items) {
      if (!isFinal(driver.state) || !driver.isIdle) continue;
      await clearStream(context, stream);
      items.delete(stream);
      ended.add(stream);
    }
  }

  return {
    claim,
    async tick() {
      await openArrivals();
      await deliverInbox();
      await retireEnded();
      if (!scope.requestsOnly) beginQueued();
    },
    isDue: () =>
      scope.items !== null ||
      [...items.values()].some(({ state }) => state.status === 'queued' || state.status === 'running'),
    isIdle: () => [...items.values()].every((item) => item.isIdle),
    async stop() {
      await Promise.all([...items.values()].map((item) => item.stop()));
      // Best effort: a claim that is lost, or a database that is away, must not keep the worker from stopping.
      await Promise.all([...items.values()].map((item) => item.saveSnapshot().catch(() => {})));
    },
  };
}
