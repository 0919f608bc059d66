/** Who had how many open questions when: counted by the observer of a month, from what was stored. */
import { colleagues, isThere, nextThere, shiftEnd } from './office.ts';
import { overlap, type Span } from './spans.ts';

export class Rooms {
  readonly #counts = new Map<string, number>();
  /** Since when they have room for one more; none: they have not. */
  readonly #roomSince = new Map<string, number>();
  /** In which they had room, and have no more. */
  readonly #spans = new Map<string, Span[]>();
  readonly #startMs: number;
  mostOpen = 0;

  constructor(startMs: number) {
    this.#startMs = startMs;
    for (const person of Object.keys(colleagues)) this.#roomSince.set(person, startMs);
  }

  /** Somebody's question becomes another's, or nobody's. */
  move(from: string | null, to: string | null, atMs: number): void {
    if (from === to) return;
    if (from !== null) this.#change(from, -1, atMs);
    if (to !== null) this.#change(to, 1, atMs);
  }

  isOverLimit(person: string): boolean {
    return this.#countOf(person) > limitOf(person);
  }

  /** Since when they are at work and have room; null: not at this moment. */
  askableSince(person: string, atMs: number): number | null {
    const roomSince = this.#roomSince.get(person);
    if (roomSince === undefined || !isThere(person, atMs)) return null;
    // Their shift began at most a day ago, or they are always there.
    const shiftStart = colleagues[person]?.hours ? lastStart(person, atMs) : this.#startMs;
    return Math.max(roomSince, shiftStart);
  }

  /** When they could have been asked, within a span. */
  askableWithin(person: string, within: Span): Span[] {
    const since = this.#roomSince.get(person);
    const open = since === undefined ? [] : [{ fromMs: since, toMs: within.toMs }];
    const room = [...(this.#spans.get(person) ?? []), ...open];
    return room.flatMap((span) => {
      const both = overlap(span, within);
      return both ? shiftsWithin(person, both) : [];
    });
  }

  #countOf(person: string): number {
    return this.#counts.get(person) ?? 0;
  }

  #change(person: string, by: number, atMs: number): void {
    const count = this.#countOf(person) + by;
    this.#counts.set(person, count);
    this.mostOpen = Math.max(this.mostOpen, count);
    const since = this.#roomSince.get(person);
    if (count < limitOf(person)) {
      if (since === undefined) this.#roomSince.set(person, atMs);
    } else if (since !== undefined) {
      this.#spans.set(person, [...(this.#spans.get(person) ?? []), { fromMs: since, toMs: atMs }]);
      this.#roomSince.delete(person);
    }
  }
}

function limitOf(person: string): number {
  return colleagues[person]?.limit ?? 5;
}

function lastStart(person: string, atMs: number): number {
  const hourMs = 3_600_000;
  let start = Math.floor(atMs / hourMs) * hourMs;
  while (isThere(person, start - 1)) start -= hourMs;
  return start;
}

function shiftsWithin(person: string, { fromMs, toMs }: Span): Span[] {
  const shifts: Span[] = [];
  for (let at = nextThere(person, fromMs); at < toMs; ) {
    const end = Math.min(toMs, shiftEnd(person, at));
    shifts.push({ fromMs: at, toMs: end });
    at = nextThere(person, end);
  }
  return shifts;
}
