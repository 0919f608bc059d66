/**
 * The agents of a month: they ask through the product's own door, in processes that die in the middle of it and make the same
 * call again, wait, and take what they are told.
 */
import { streamId } from '../../src/journal/event.ts';
import { askDropped } from '../../src/questions/question.ts';
import { createQuestionDoor } from '../../src/worker/seat-questions.ts';
import type { WorkerContext } from '../../src/worker/worker-context.ts';
import type { MonthAsk } from './draw-month.ts';
import { type Entrance, project, type World } from './world.ts';

export interface AskerHooks {
  onAsked(ask: MonthAsk, question: string): void;
  onToldByMemory(ask: MonthAsk): void;
  onFailure(error: unknown): void;
}

const deathChance = 0.02;

export function agentOf({ item, call }: MonthAsk) {
  return streamId('agent', project, item, 'build/T1/developer', 1, call);
}

export class Askers {
  readonly #world: World;
  readonly #hooks: AskerHooks;
  readonly #byCall = new Map<string, MonthAsk>();
  deaths = 0;
  /** Texts of what agents were told, by call. */
  readonly told = new Map<string, string>();

  constructor(world: World, hooks: AskerHooks) {
    this.#world = world;
    this.#hooks = hooks;
  }

  begin(asks: readonly MonthAsk[]): void {
    for (const ask of asks) {
      this.#byCall.set(ask.call, ask);
      this.#world.at(ask.atMs, () => this.#ask(ask, false));
    }
  }

  /** The item has heard of it: its agent makes the same call again, which has its answer now. */
  onSettled(item: number, call: string): void {
    const ask = this.#byCall.get(call);
    if (ask?.item === item) this.#world.scheduler.after(1_000, () => void this.#hear(ask));
  }

  #enter(name: string, onDeath: () => void): Entrance {
    return this.#world.enter(name, {
      deathChance,
      onDeath: () => {
        this.deaths += 1;
        onDeath();
      },
    });
  }

  #ask(ask: MonthAsk, wasAsked: boolean): void {
    const again = (): void => this.#world.at(this.#world.nowMs() + 3_000, () => this.#ask(ask, true));
    const entrance = this.#enter('gateway', again);
    this.#askIn(entrance, ask, wasAsked).catch(this.#hooks.onFailure);
  }

  async #askIn(entrance: Entrance, ask: MonthAsk, wasAsked: boolean): Promise<void> {
    const door = this.#door(entrance, ask);
    const read = await door.read(ask.tool, ask.input, wasAsked);
    if (!read.ok) throw new Error(`ill-formed: ${read.missing.join('; ')}`);
    if (!wasAsked && (await door.recall(read))) {
      this.#hooks.onToldByMemory(ask);
      return;
    }
    const opened = await door.open(ask.call, read);
    this.#hooks.onAsked(ask, opened.ask);
    if (!opened.isOpen) this.told.set(ask.call, opened.text);
    else if (ask.leavesAfterMs !== null) {
      this.#world.at(ask.atMs + ask.leavesAfterMs, () => void this.#leave(ask, opened.ask));
    }
  }

  async #hear(ask: MonthAsk): Promise<void> {
    const entrance = this.#enter('gateway', () => void this.#hear(ask));
    const door = this.#door(entrance, ask);
    const read = await door.read(ask.tool, ask.input, true);
    const opened = read.ok ? await door.open(ask.call, read) : null;
    if (opened?.isOpen === false) this.told.set(ask.call, opened.text);
  }

  /** Its item was canceled; the item tells the desk. */
  async #leave(ask: MonthAsk, question: string): Promise<void> {
    await this.#world.journal.post(project, {
      stream: streamId('mesh', project),
      id: `dropped/${ask.call}`,
      kind: askDropped,
      actor: streamId('item', project, ask.item),
      data: { ask: question, agent: agentOf(ask), why: 'its item was canceled' },
    });
  }

  #door({ process, journal, newId }: Entrance, ask: MonthAsk) {
    const used: Partial<WorkerContext> = {
      journal,
      newId,
      project,
      clock: process.clock,
      memory: this.#world.memory,
      stakeholders: async () => this.#world.stakeholders,
    };
    const state = {
      number: ask.item,
      title: `Item ${ask.item}`,
      cluster: streamId('cluster', project, ask.cluster),
    };
    const seat = { context: used, state, team: { flow: { name: 'feature' } } };
    const step = { agent: agentOf(ask), step: 'build/T1', role: 'developer' };
    return createQuestionDoor(seat as never, step as never);
  }
}
