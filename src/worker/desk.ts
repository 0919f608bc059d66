/**
 * Looks after what people are asked: drives every open question through time, puts what came of it into memory, and lays and
 * lifts the blocks that questions hold. Runs in the mesh's driver, so one worker at a time does; whom to ask and what follows
 * from silence is decided in questions/.
 */
import type { StreamHead } from '../journal/journal.ts';
import type { InboxMessage } from '../journal/unit.ts';
import { expireDue } from '../memory/decide-record.ts';
import { findBinding, type Memory } from '../memory/memory-state.ts';
import { writeMemory } from '../memory/memory-store.ts';
import type { Handle, Route, Stakeholders } from '../policy/stakeholders.ts';
import { blocksOf } from '../questions/blocks-of.ts';
import type { QuestionDecision } from '../questions/decide-question.ts';
import { countOpenAsks, planQuestions, type Quiet } from '../questions/plan-questions.ts';
import { readOpenQuestions } from '../questions/question-record.ts';
import { isOpen, isRecorded, type QuestionState } from '../questions/question-state.ts';
import { channelsTo } from './channels-to.ts';
import { ApprovalDesk } from './desk-approvals.ts';
import { reconcileBlocks } from './desk-blocks.ts';
import { takeQuestionMessage } from './desk-messages.ts';
import { askOwnQuestions } from './desk-own-questions.ts';
import { orderAsks } from './question-notices.ts';
import { recordOutcome } from './record-outcome.ts';
import type { UnitOptions } from './unit-driver.ts';
import { writeAsSeen } from './write-as-seen.ts';

export class Desk {
  readonly #options: UnitOptions;
  readonly #cluster: string;
  #questions: ReadonlyMap<number, QuestionState> = new Map();
  #stakeholders: Stakeholders | null = null;
  #quiet: Quiet = new Map();
  /** Of each person, at the last look. */
  #asks: ReadonlyMap<Handle, number> | null = null;
  readonly #approvals: ApprovalDesk;
  #memory: Memory | null = null;
  readonly #lookedUp = new WeakMap<QuestionState, Memory>();
  #memoryDueAtMs: number | null = null;

  /** @param cluster name of the project's cluster. */
  constructor(options: UnitOptions, cluster: string) {
    this.#options = options;
    this.#cluster = cluster;
    this.#approvals = new ApprovalDesk(options.context);
  }

  /** When something follows by time alone; null: nothing does. */
  dueAtMs(): number | null {
    const moments = [...this.#quiet.values()].flatMap(({ nextDueAtMs }) => nextDueAtMs ?? []);
    for (const moment of [this.#memoryDueAtMs, this.#approvals.dueAtMs()])
      if (moment !== null) moments.push(moment);
    return moments.length > 0 ? Math.min(...moments) : null;
  }

  /**
   * `messages`: of the mesh's inbox; what they say is written down when it resolves. `heads`: of the mesh's streams, listed before
   * the messages were read.
   */
  async tick(messages: readonly InboxMessage[], heads: readonly StreamHead[]): Promise<void> {
    const { context } = this.#options;
    const stakeholders = await this.#readStakeholders();
    for (const message of messages) await takeQuestionMessage(context, message);
    // Whoever changes something posts a message with it: without one the heads are as they were.
    const current = messages.length === 0 ? heads : undefined;
    await this.#refold(current);
    // Blocks before anything that takes time: what an open question stops is not to go on meanwhile.
    await this.#reconcileBlocks();
    const memory = await this.#keepMemory();
    const questions = this.#questions;
    const view = { context, stakeholders, memory, messages, questions, cluster: this.#cluster };
    const hasAsked = await askOwnQuestions(view);
    if (hasAsked || (await this.#answerFromMemory(memory))) await this.#refold();
    await this.#drive(stakeholders);
    const otherAsks = countOpenAsks(this.#questions.values());
    await this.#approvals.tick({ stakeholders, messages, otherAsks, heads: current });
    await this.#recordSettled(stakeholders);
    await this.#reconcileBlocks();
  }

  async #refold(heads?: readonly StreamHead[]): Promise<void> {
    const { journal, project } = this.#options.context;
    this.#questions = await readOpenQuestions(journal, project, this.#questions, heads);
  }

  /** A map that changed may make something due that was not. */
  async #readStakeholders(): Promise<Stakeholders> {
    const stakeholders = await this.#options.context.stakeholders();
    if (stakeholders !== this.#stakeholders) this.#quiet = new Map();
    this.#stakeholders = stakeholders;
    return stakeholders;
  }

  /** Until nothing is due: what could not be written, because somebody was faster, is decided anew. */
  async #drive(stakeholders: Stakeholders): Promise<void> {
    const { clock, channels } = this.#options.context;
    let hasWritten = false;
    for (;;) {
      const facts = {
        nowMs: clock.now(),
        stakeholders,
        channelsOf: (to: Handle, { channel: place }: Route) =>
          channelsTo(channels, { to, place }, stakeholders),
        otherAsks: this.#approvals.openAsks(),
        // What was planned for somebody and could not be written leaves the room that it was to take.
        hasRoomCome: this.#noteAsks() || hasWritten,
      };
      const plan = planQuestions(this.#questions.values(), facts, this.#quiet);
      this.#quiet = this.#quietAfter(plan);
      const due = [...plan].filter(([, { events }]) => events.length > 0);
      if (due.length === 0) return;
      for (const [number, decision] of due) {
        const planned = this.#questions.get(number);
        if (planned) await this.#write(planned, decision, stakeholders);
      }
      hasWritten = true;
      await this.#refold();
    }
  }

  /** True when somebody is asked less than at the last look. */
  #noteAsks(): boolean {
    const asks = countOpenAsks(this.#questions.values());
    for (const [person, count] of this.#approvals.openAsks())
      asks.set(person, (asks.get(person) ?? 0) + count);
    const before = this.#asks;
    this.#asks = asks;
    return before === null || [...before].some(([person, count]) => (asks.get(person) ?? 0) < count);
  }

  async #write(
    planned: QuestionState,
    { events }: QuestionDecision,
    stakeholders: Stakeholders,
  ): Promise<void> {
    const { context } = this.#options;
    const posts = await orderAsks({ context, stakeholders }, planned, events);
    await writeAsSeen(context, planned, { events, posts });
  }

  /** When each is to be looked at again; what is to be written is not known before it is. */
  #quietAfter(plan: ReadonlyMap<number, QuestionDecision>): Quiet {
    return new Map(
      [...this.#questions.values()].filter(isOpen).flatMap(({ number, version }) => {
        const decision = plan.get(number);
        const before = this.#quiet.get(number);
        if (decision?.events.length === 0)
          return [[number, { version, nextDueAtMs: decision.nextDueAtMs }] as const];
        return before?.version === version ? [[number, before] as const] : [];
      }),
    );
  }

  async #recordSettled(stakeholders: Stakeholders): Promise<void> {
    const settled = [...this.#questions.values()].filter((state) => !isOpen(state) && !isRecorded(state));
    for (const state of settled) await recordOutcome(this.#options.context, stakeholders, state);
    if (settled.length > 0) await this.#refold();
  }

  /** A decision that was made meanwhile, by whomever, answers what is still open. True when it did. */
  async #answerFromMemory(memory: Memory): Promise<boolean> {
    const { context } = this.#options;
    let hasAnswered = false;
    for (const state of this.#questions.values()) {
      // Of the same question in the same memory nothing else is found.
      if (this.#lookedUp.get(state) === memory) continue;
      this.#lookedUp.set(state, memory);
      const record = isOpen(state) ? findBinding(memory, state.key, context.clock.now()) : null;
      if (!record) continue;
      hasAnswered = true;
      const data = { decision: record.id, text: record.statement };
      await writeAsSeen(context, state, { events: [{ kind: 'question.remembered', data }] });
    }
    return hasAnswered;
  }

  /** What is past its time is written down as such. */
  async #keepMemory(): Promise<Memory> {
    const { context } = this.#options;
    const { journal, newId, project, clock } = context;
    let memory = await context.memory();
    const isOver = this.#memoryDueAtMs !== null && this.#memoryDueAtMs <= clock.now();
    if (memory === this.#memory && !isOver) return memory;
    if (expireDue(memory, clock.now()).length > 0) {
      const actor = `mesh:${project}`;
      memory = await writeMemory({ journal, newId, project, actor, memory }, (now) =>
        expireDue(now, clock.now()),
      );
    }
    const ends = [...memory.records.values()]
      .filter(({ status }) => status === 'proposed' || status === 'active' || status === 'contested')
      .flatMap(({ validUntil }) => (validUntil === null ? [] : [Date.parse(validUntil)]));
    this.#memoryDueAtMs = ends.length > 0 ? Math.min(...ends) : null;
    this.#memory = memory;
    return memory;
  }

  async #reconcileBlocks(): Promise<void> {
    const { context, controls } = this.#options;
    await reconcileBlocks(context, blocksOf(this.#questions.values()), controls.controls);
  }
}
