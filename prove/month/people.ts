/**
 * The people of a month: they answer in time, late, never, twice, something else the second time, with numbers that are no option,
 * off hours, and questions that are not theirs; they acknowledge, and send questions on to another kind. Through the product's own
 * requests, as a channel or the command line calls them.
 */
import type { AskNotice, Delivery } from '../../src/questions/channel.ts';
import { answerQuestion, replyToQuestion } from '../../src/requests/answer-question.ts';
import type { Random } from '../../src/simulate/random.ts';
import { colleagues, minuteMs } from './office.ts';
import { project, type World } from './world.ts';

export interface PeopleHooks {
  onReply(reply: Reply): void;
  onFailure(error: unknown): void;
}

export interface Reply {
  what: Reaction;
  by: string;
  question: string;
  atMs: number;
  isAccepted: boolean;
}

const reactions = {
  answers: 42,
  ignores: 22,
  acknowledges: 12,
  answersLate: 8,
  answersTwice: 3,
  contradicts: 3,
  usesJudgment: 2,
  answersInWords: 2,
  reroutes: 2,
  misnumbers: 2,
  isSomebodyElse: 2,
} as const;

export type Reaction = keyof typeof reactions;

const otherKinds = ['requirement_ambiguity', 'gtm_dependency', 'architectural_decision', 'legal_question'];

/** One question in a hundred nobody ever answers, however often they are asked. */
const deadChance = 0.01;

export class People {
  readonly #world: World;
  readonly #hooks: PeopleHooks;
  readonly #isDead = new Map<string, boolean>();
  readonly #seen = new Set<string>();

  constructor(world: World, hooks: PeopleHooks) {
    this.#world = world;
    this.#hooks = hooks;
  }

  /** A message is there; the same ask in another channel is the same to them. */
  onMessage({ notice }: Delivery): void {
    if (notice.about !== 'ask') return;
    const ask = `${notice.question}/${notice.to}/${notice.urgency}`;
    if (this.#seen.has(ask)) return;
    this.#seen.add(ask);
    const random = this.#world.random('reaction', ask);
    if (this.#isNeverAnswered(notice)) return;
    this.#react(notice, drawReaction(random), random);
  }

  #isNeverAnswered({ question }: AskNotice): boolean {
    const known = this.#isDead.get(question);
    if (known !== undefined) return known;
    const isDead = this.#world.random('dead', question).chance(deadChance);
    this.#isDead.set(question, isDead);
    return isDead;
  }

  #react(notice: AskNotice, what: Reaction, random: Random): void {
    const slaMs = Date.parse(notice.dueAt) - this.#world.nowMs();
    const inTime = (): number => Math.floor(random.next() * 0.9 * Math.max(minuteMs, slaMs));
    const late = (): number => Math.floor((1 + 2 * random.next()) * Math.max(minuteMs, slaMs));
    const optionCount = notice.text.options.length;
    const digit = (): string =>
      optionCount === 0 ? 'The first one is meant.' : String(random.between(1, optionCount));
    const say = (afterMs: number, text: string, by = notice.to): void =>
      this.#say(notice, { what, afterMs, text, by });
    switch (what) {
      case 'ignores':
        break;
      case 'answers':
        say(inTime(), digit());
        break;
      case 'answersLate':
        say(late(), digit());
        break;
      case 'acknowledges':
        say(inTime(), 'ack');
        if (random.chance(0.7)) say(late(), digit());
        break;
      case 'answersTwice':
        this.#sayTwice(say, [digit()], { firstMs: inTime(), laterMs: random.between(0, 3 * minuteMs) });
        break;
      case 'contradicts': {
        // At the same moment, half of the time.
        const laterMs = random.chance(0.5) ? 0 : random.between(1, 600 * minuteMs);
        this.#sayTwice(say, ['1', '2'], { firstMs: inTime(), laterMs });
        break;
      }
      case 'usesJudgment':
        say(inTime(), 'use your judgment');
        break;
      case 'answersInWords':
        say(inTime(), 'Neither: ask the patient which one they want.');
        break;
      case 'reroutes':
        say(inTime(), `not mine, ${random.pick(otherKinds)}`);
        break;
      case 'misnumbers':
        this.#misnumber(notice, inTime());
        break;
      case 'isSomebodyElse':
        say(inTime(), digit(), random.pick([...Object.keys(colleagues), '@nobody-here']));
    }
  }

  #sayTwice(
    say: (afterMs: number, text: string) => void,
    [first = '1', second = first]: string[],
    { firstMs, laterMs }: { firstMs: number; laterMs: number },
  ): void {
    say(firstMs, first);
    say(firstMs + laterMs, second);
  }

  #say(
    notice: AskNotice,
    { what, afterMs, text, by }: { what: Reaction; afterMs: number; text: string; by: string },
  ): void {
    this.#later(afterMs, { what, by, question: notice.question }, (word) =>
      replyToQuestion({ ...word, text }),
    );
  }

  /** A button of an older message, say. */
  #misnumber(notice: AskNotice, afterMs: number): void {
    const about = { what: 'misnumbers' as const, by: notice.to, question: notice.question };
    this.#later(afterMs, about, (word) => answerQuestion({ ...word, answer: { option: 9, text: null } }));
  }

  #later(
    afterMs: number,
    about: Pick<Reply, 'what' | 'by' | 'question'>,
    say: (word: Parameters<typeof answerQuestion>[0] & object) => Promise<{ isAccepted: boolean }>,
  ): void {
    this.#world.at(this.#world.nowMs() + afterMs, () => {
      const { journal, newId, process } = this.#world.enter('person', null);
      const { stakeholders } = this.#world;
      const word = {
        journal,
        newId,
        project,
        stakeholders,
        nowMs: process.clock.now(),
        name: about.question,
        by: about.by,
        via: 'slack',
        answer: { option: null, text: null },
      };
      say(word).then(
        ({ isAccepted }) => this.#hooks.onReply({ ...about, atMs: this.#world.nowMs(), isAccepted }),
        this.#hooks.onFailure,
      );
    });
  }
}

function drawReaction(random: Random): Reaction {
  const total = Object.values(reactions).reduce((sum, share) => sum + share, 0);
  let left = random.between(1, total);
  for (const [what, share] of Object.entries(reactions) as [Reaction, number][]) {
    left -= share;
    if (left <= 0) return what;
  }
  return 'answers';
}
