/**
 * What the people of a world say to what they are asked: the right answer at once or late, nothing for a long time, wrong ones, more
 * than one, second thoughts about a default. Drawn from the seed and the question's number; said through the product's own requests.
 */
import type { Journal } from '../journal/journal.ts';
import type { Stakeholders } from '../policy/stakeholders.ts';
import { isOpen, type QuestionState } from '../questions/question-state.ts';
import { replyToQuestion } from '../requests/answer-question.ts';
import { handles, lead } from './draw-asks.ts';
import { createRandom, type Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import { simulatedProject as project } from './simulated-team.ts';

export interface AnswerersOptions {
  seed: number;
  slaMs: number;
  stakeholders: Stakeholders;
  scheduler: Scheduler;
  /** As the persons' process reaches it. */
  journal: Journal;
  newId: () => string;
  nowMs: () => number;
  questionOf: (number: number) => QuestionState | undefined;
  /** Somebody waits for the answer. */
  isAwaited: (question: QuestionState) => boolean;
  onError: (error: unknown) => void;
}

/** Said so long after it was asked. */
interface Word {
  afterMs: number;
  /** Null: whoever is asked then, else the engineering lead. */
  by: string | null;
  text: string;
}

/** Whoever does not answer does in the end: a world must come to one. */
const patienceMs = 25_000;
const againMs = 15_000;

export class Answerers {
  readonly #options: AnswerersOptions;
  #openCount = 0;
  #isSilent = false;

  constructor(options: AnswerersOptions) {
    this.#options = options;
  }

  /** Everything that they had in mind is said. */
  areDone(): boolean {
    return this.#openCount === 0;
  }

  fallSilent(): void {
    this.#isSilent = true;
  }

  /** To be called once for every question. */
  hear(number: number): void {
    const { seed, slaMs } = this.#options;
    const random = createRandom('answers', seed, number);
    for (const { afterMs, ...word } of drawWords(random, slaMs)) {
      this.#openCount += 1;
      this.#after(afterMs, async () => {
        await this.#say(number, word).finally(() => {
          this.#openCount -= 1;
        });
      });
    }
    this.#insist(number, patienceMs);
  }

  #insist(number: number, afterMs: number): void {
    this.#after(afterMs, async () => {
      const state = this.#options.questionOf(number);
      if (!state || !isOpen(state)) return;
      const text = state.optionCount > 0 ? '1' : 'do as you think best';
      // What nobody waits for is to be withdrawn: it must not look settled because somebody answered it all the same.
      if (this.#options.isAwaited(state)) await this.#say(number, { by: lead, text });
      this.#insist(number, againMs);
    });
  }

  async #say(number: number, { by, text }: Omit<Word, 'afterMs'>): Promise<void> {
    const { journal, newId, stakeholders, nowMs, questionOf } = this.#options;
    const state = questionOf(number);
    if (!state) return;
    const who = by ?? state.addressee ?? lead;
    const word = { journal, newId, project, stakeholders, nowMs: nowMs(), name: state.name, via: 'cli' };
    await replyToQuestion({ ...word, by: who, text });
  }

  #after(delayMs: number, act: () => Promise<void>): void {
    this.#options.scheduler.after(delayMs * 1000, () => {
      if (!this.#isSilent) act().catch((error: unknown) => this.#options.onError(error));
    });
  }
}

function drawWords(random: Random, slaMs: number): Word[] {
  const words: Word[] = [];
  const say = (share: number, afterMs: number, text: string, by: string | null = null): void => {
    if (random.chance(share)) words.push({ afterMs, by, text });
  };
  // Sometimes while whoever asked is still stopping.
  const soonMs = random.chance(0.25) ? random.between(0, 12) : random.rank(slaMs);
  say(0.2, random.rank(slaMs), random.pick(['1', '2', 'as you like it']), random.pick(handles));
  say(0.2, random.rank(slaMs), 'ack');
  say(0.1, random.rank(slaMs), 'option 9');
  say(
    0.1,
    random.rank(slaMs),
    `not mine, ${random.pick(['requirement_ambiguity', 'data_retention_question'])}`,
  );
  say(0.5, soonMs, random.pick(['1', '2', '3', 'something else altogether', 'use your judgment']));
  say(0.2, soonMs + random.rank(8_000), random.pick(['1', '2', 'ack']));
  // Some of these come after a default, and overturn or confirm it.
  say(
    0.5,
    random.between(slaMs, 3 * slaMs),
    random.pick(['1', '2', '3', 'neither, on second thoughts']),
    lead,
  );
  return words;
}
