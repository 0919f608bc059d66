/**
 * The persons of a world: they add the briefs, answer what waits for them (here), and ask for things out of turn
 * (ask-of-world.ts).
 */
import type { ItemState } from '../items/item-state.ts';
import type { ItemRequest } from '../items/judge-request.ts';
import { addPlanned, ask, handBack, type PersonsOptions, perform } from './ask-of-world.ts';
import { layControl } from './control-acts.ts';
import type { ItemPlan } from './plan.ts';

/** How long until a person looks again at something that did not change. */
const impatienceMs = 25_000;
/** An item that comes back this often is rejected. */
const mostAccepts = 6;

export class Persons {
  readonly #options: PersonsOptions;
  /** By item number. */
  readonly #added = new Map<number, ItemPlan>();
  readonly #answerCounts = new Map<string, number>();
  readonly #seen = new Map<number, string>();
  #openCount = 0;
  #speakingCount = 0;
  #isSilent = false;

  constructor(options: PersonsOptions) {
    const { plan } = options;
    this.#options = options;
    for (const item of plan.items) {
      this.#later(item.addMs, async () => {
        this.#added.set(await addPlanned(options, item), item);
      });
    }
    for (const act of plan.controls) {
      this.#later(act.atMs, () => layControl(options, act, (delayMs, then) => this.#later(delayMs, then)));
    }
    for (const act of plan.acts) {
      this.#later(act.atMs, () => perform(options, act, (delayMs, then) => this.#later(delayMs, then)));
    }
  }

  /** Everything that the plan has for them is said. */
  areDone(): boolean {
    return this.#openCount === 0;
  }

  /** Somebody is in the middle of asking for something. */
  areSpeaking(): boolean {
    return this.#speakingCount > 0;
  }

  /** Whatever they still had to say, they do not. */
  fallSilent(): void {
    this.#isSilent = true;
  }

  /** They leave this item as it is for good. */
  isLeft(state: ItemState): boolean {
    return state.status === 'ready' && this.#verdictOn(state.number) === 'nothing';
  }

  /** To be called when something of an item was stored. */
  look(number: number): void {
    const what = this.#waitingState(number);
    if (what === null || this.#seen.get(number) === what) return;
    this.#seen.set(number, what);
    this.#later(this.#planOf(number).answerMs, async () => {
      const state = this.#options.stateOf(number);
      if (!state || this.#waitingState(number) !== what) return this.look(number);
      const request = this.#answerTo(state);
      if (!request) return;
      await ask(this.#options, number, request);
      this.#options.scheduler.after(impatienceMs * 1000, () => {
        this.#seen.delete(number);
        this.look(number);
      });
    });
  }

  /** What a person sees of an item that waits for one; null: it does not. */
  #waitingState(number: number): string | null {
    const state = this.#options.stateOf(number);
    const isWaiting = state && ['ready', 'paused', 'taken_over'].includes(state.status);
    return isWaiting ? `${state.status} ${state.eventCount}` : null;
  }

  #planOf(number: number): ItemPlan {
    const found = this.#added.get(number) ?? this.#options.plan.items[0];
    if (!found) throw new Error('a world without items');
    return found;
  }

  #verdictOn(number: number): ItemPlan['verdicts'][number] {
    const { verdicts } = this.#planOf(number);
    const count = this.#answerCounts.get(`ready ${number}`) ?? 0;
    if (count >= mostAccepts) return 'reject';
    return verdicts[Math.min(count, verdicts.length - 1)] ?? 'nothing';
  }

  /** What its person says to an item that waits; null: nothing. */
  #answerTo(state: ItemState): ItemRequest | null {
    const { number, status, readyCommit } = state;
    const by = 'ada';
    if (status === 'ready') {
      const verdict = this.#verdictOn(number);
      if (verdict === 'nothing') return null;
      this.#countUp(`ready ${number}`);
      return verdict === 'reject'
        ? { kind: 'reject', by, reason: 'no' }
        : { kind: 'accept', by, commit: readyCommit ?? '' };
    }
    if (status === 'taken_over') return handBack(this.#options, state, this.#countUp(`taken ${number}`));
    if (this.#countUp(`paused ${number}`) > this.#planOf(number).patience) {
      return { kind: 'cancel', by, reason: 'enough' };
    }
    const { itemCeilingMicroUsd } = this.#options.plan.world;
    const ceiling = Math.max(state.ceilingMicroUsd ?? itemCeilingMicroUsd, state.costMicroUsd);
    const needsMore = state.pause?.reason === 'ceiling';
    return { kind: 'resume', by, ceilingMicroUsd: needsMore ? ceiling * 2 + 1_000_000 : null };
  }

  #later(delayMs: number, act: () => Promise<void>): void {
    this.#openCount += 1;
    this.#options.scheduler.after(delayMs * 1000, () => {
      if (this.#isSilent) return;
      this.#speakingCount += 1;
      act()
        .catch((error: unknown) => this.#options.onError(error))
        .finally(() => {
          this.#openCount -= 1;
          this.#speakingCount -= 1;
        });
    });
  }

  #countUp(key: string): number {
    const count = (this.#answerCounts.get(key) ?? 0) + 1;
    this.#answerCounts.set(key, count);
    return count;
  }
}
