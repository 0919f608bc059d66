/** Drives one cluster: opens a driver per living item, hands out its inbox, and begins queued items while there is room. */
import { dueAtMs } from '../items/due-time.ts';
import { holdsPlace, isRequeued, isWaiting } from '../items/find-waits.ts';
import { isFinal } from '../items/is-final.ts';
import type { StreamId } from '../journal/event.ts';
import type { Claim } from '../journal/journal.ts';
import { numberOf } from '../journal/numbered-streams.ts';
import { isUnknownEvent } from '../journal/upcast.ts';
import { noteMessages } from './consume-messages.ts';
import { type ItemDriver, openItemDriver } from './drive-item.ts';
import { retireItem } from './retire-item.ts';
import { openUnitWriter, type StreamWriter } from './stream-writer.ts';
import type { UnitDriver, UnitOptions } from './unit-driver.ts';

export async function openClusterDriver(options: UnitOptions): Promise<UnitDriver> {
  const { context, claim } = options;
  return new ClusterDriver(options, await openUnitWriter({ ...context, claim }));
}

class ClusterDriver implements UnitDriver {
  readonly claim: Claim;
  readonly #options: UnitOptions;
  readonly #writer: StreamWriter;
  readonly #items = new Map<StreamId, ItemDriver>();
  /** Over and put away. */
  readonly #ended = new Set<StreamId>();
  /** Written by a newer version: whole, and not for this worker to touch. */
  readonly #foreign = new Set<StreamId>();

  constructor(options: UnitOptions, writer: StreamWriter) {
    this.claim = options.claim;
    this.#options = options;
    this.#writer = writer;
  }

  async tick(): Promise<void> {
    await this.#openArrivals();
    await this.#deliverInbox();
    await this.#retireEnded();
    if (this.#options.scope.requestsOnly) return;
    const now = this.#options.context.clock.now();
    for (const item of this.#items.values()) item.resumeWhenDue(now);
    this.#beginQueued();
  }

  isDue(): boolean {
    const isLeft = ({ state }: ItemDriver) =>
      state.status === 'queued' || (state.status === 'running' && !isWaiting(state)) || isFinal(state);
    return this.#options.scope.items !== null || [...this.#items.values()].some(isLeft);
  }

  dueAtMs(): number | null {
    const moments = [...this.#items.values()].flatMap(({ state }) => dueAtMs(state) ?? []);
    return moments.length > 0 ? Math.min(...moments) : null;
  }

  /** An item that has just come to its end is still to be put away. */
  isIdle(): boolean {
    return [...this.#items.values()].every((item) => item.isIdle && !isFinal(item.state));
  }

  obey(): void {
    for (const item of this.#items.values()) item.obey();
  }

  isObedient(): boolean {
    return [...this.#items.values()].every((item) => item.isObedient());
  }

  async stop(): Promise<void> {
    const items = [...this.#items.values()];
    await Promise.all(items.map((item) => item.stop()));
    // Best effort: a claim that is lost, or a database that is away, must not keep the worker from stopping.
    await Promise.all(items.map((item) => item.saveSnapshot().catch(() => {})));
  }

  async #openArrivals(): Promise<void> {
    const { context, claim } = this.#options;
    const heads = await context.journal.streams(context.project, { prefix: 'item:', claimUnit: claim.unit });
    for (const { stream } of heads) {
      const isKnown = this.#items.has(stream) || this.#ended.has(stream) || this.#foreign.has(stream);
      if (!isKnown && this.#isWanted(stream)) await this.#open(stream);
    }
  }

  async #open(stream: StreamId): Promise<void> {
    const { context, claim, scope, controls, onChange, onNotice, onFailure } = this.#options;
    try {
      const isPassive = scope.requestsOnly;
      const driver = await openItemDriver({
        context,
        claim,
        stream,
        isPassive,
        controls,
        onChange,
        onFailure,
      });
      this.#items.set(stream, driver);
      this.#ended.delete(stream);
    } catch (error) {
      if (!isUnknownEvent(error)) throw error;
      this.#foreign.add(stream);
      onNotice(`${error.message}; this worker leaves the item alone.`);
    }
  }

  async #deliverInbox(): Promise<void> {
    const { context, claim } = this.#options;
    const messages = await context.journal.inbox(claim.unit);
    await noteMessages(this.#writer, 'cluster.notified', messages);
    // Who writes to an item that is over gets an answer as well.
    for (const { stream } of messages) if (this.#ended.has(stream)) await this.#open(stream);
    for (const [stream, driver] of this.#items) {
      driver.receive(messages.filter((message) => message.stream === stream));
    }
  }

  async #retireEnded(): Promise<void> {
    const { context, claim } = this.#options;
    for (const [stream, driver] of this.#items) {
      if (!isFinal(driver.state) || !driver.isIdle) continue;
      await retireItem(context, claim, driver.state);
      this.#items.delete(stream);
      this.#ended.add(stream);
    }
  }

  /**
   * What was parked and is answered first, then higher priority, then the older one. Ready, paused and parked items hold no place:
   * a person has them.
   */
  #beginQueued(): void {
    const all = [...this.#items.values()];
    const placeCount = all.filter(({ state, isBeginning }) => isBeginning || holdsPlace(state)).length;
    const room = this.#options.context.policy.limits.itemsAtOnce - placeCount;
    const wanting = all
      .filter(({ state }) => state.status === 'queued' || isRequeued(state))
      .filter((item) => !item.isBeginning && item.mayBegin())
      .sort(
        (a, b) =>
          Number(b.state.isParked) - Number(a.state.isParked) ||
          b.state.priority - a.state.priority ||
          a.state.number - b.state.number,
      );
    for (const item of wanting.slice(0, Math.max(0, room))) item.begin();
  }

  #isWanted(stream: StreamId): boolean {
    return this.#options.scope.items?.has(numberOf(stream)) ?? true;
  }
}
