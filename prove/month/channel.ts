/**
 * A channel of people that remembers everything it was given: it is down at times, and a process may die between its taking a
 * message and saying so. Like Slack it takes a message as often as it is sent, unless it is asked to look first.
 */
import type { Channel, Delivery, DeliveryOutcome } from '../../src/questions/channel.ts';
import type { Entrance, World } from './world.ts';

export interface Outage {
  fromMs: number;
  toMs: number;
}

export interface Taken {
  delivery: Delivery;
  atMs: number;
}

export class RecordingChannel {
  readonly name: string;
  readonly #world: World;
  readonly #outages: readonly Outage[];
  readonly #refs = new Map<string, string>();
  readonly taken: Taken[] = [];
  /** A person sees it. */
  onTaken: (delivery: Delivery) => void = () => {};

  constructor(name: string, world: World, outages: readonly Outage[]) {
    this.name = name;
    this.#world = world;
    this.#outages = outages;
  }

  /** As one process has it. */
  through({ process }: Entrance): Channel {
    return {
      name: this.name,
      reaches: () => true,
      deliver: (delivery, signal) =>
        process.call(`channel.${this.name}`, async () => this.#take(delivery), { signal }),
    };
  }

  isDown(ms: number): boolean {
    return this.#outages.some(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);
  }

  #take(delivery: Delivery): DeliveryOutcome {
    const atMs = this.#world.nowMs();
    if (this.isDown(atMs)) return { ok: false, isFinal: false, message: 'it is down', retryAfterMs: null };
    const known = delivery.isInDoubt ? this.#refs.get(delivery.id) : undefined;
    if (known !== undefined) return { ok: true, ref: known };
    this.taken.push({ delivery, atMs });
    const ref = `C1/${this.taken.length}`;
    this.#refs.set(delivery.id, ref);
    this.onTaken(delivery);
    return { ok: true, ref };
  }
}
