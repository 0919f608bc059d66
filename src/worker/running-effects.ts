/** The effects of one item that run in this process: how each is ended, and what the controls mean for it. Records nothing. */
import { HeldError, KilledError } from '../controls/control-door.ts';
import { type Control, describeControl } from '../controls/control-state.ts';
import type { ItemState } from '../items/item-state.ts';
import type { StreamId } from '../journal/event.ts';
import { letsGoOn } from './item-controls.ts';

export interface RunningEffect {
  /** Null for a gate. */
  agent: StreamId | null;
  /** Ends it at once. */
  controller: AbortController;
  /** Keeps it from waiting for a call that a control holds. */
  hold: AbortController;
  done: Promise<void>;
}

export class RunningEffects {
  readonly #effects = new Map<string, RunningEffect>();

  get isEmpty(): boolean {
    return this.#effects.size === 0;
  }

  has(key: string): boolean {
    return this.#effects.has(key);
  }

  add(key: string, effect: RunningEffect): void {
    this.#effects.set(key, effect);
  }

  remove(key: string): void {
    this.#effects.delete(key);
  }

  /** Ends what the item does not want any more. */
  endUnwanted({ status, pause }: ItemState, isWanted: (key: string) => boolean): void {
    // Money or a quota is short, not time: what is being paid for is taken, so that it is not paid for again.
    const isShort = status === 'paused' && (pause?.reason === 'ceiling' || pause?.reason === 'quota');
    for (const [key, { controller, hold }] of this.#effects) {
      if (isShort) hold.abort(new HeldError(pause.message));
      else if (!isWanted(key)) controller.abort();
    }
  }

  /** Resolves when nothing runs. */
  async endAll(reason?: Error): Promise<void> {
    const all = [...this.#effects.values()];
    for (const { controller } of all) controller.abort(reason);
    await Promise.allSettled(all.map(({ done }) => done));
  }

  /** Ends what is killed; what is paused is put down at its next call. */
  obey(controlOver: (agent: StreamId | null) => Control | null): void {
    for (const { agent, controller, hold } of this.#effects.values()) {
      const control = controlOver(agent);
      if (control?.state === 'killed') controller.abort(new KilledError(control));
      else if (control && !letsGoOn(control)) hold.abort(new HeldError(describeControl(control)));
    }
  }

  isAnyOf(isMeant: (agent: StreamId | null) => boolean): boolean {
    return [...this.#effects.values()].some(({ agent }) => isMeant(agent));
  }
}
