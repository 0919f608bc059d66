/**
 * Virtual time and the order in which things happen. Whatever a simulated world does is a moment here: one is picked
 * (seeded) among those that are due, time moves on only when none is. Knows nothing of processes, ports or faults.
 */
import type { Random } from './random.ts';

/** One thing that will happen. */
export interface Moment {
  /** Virtual microseconds. */
  dueUs: number;
  happen: () => void;
  isCanceled: boolean;
}

export interface Scheduler {
  /** Virtual microseconds since the world began. */
  nowUs(): number;
  /** It happens after `delayUs`; among those that are due the order is drawn. */
  after(delayUs: number, happen: () => void): Moment;
  /** Happenings so far. */
  stepCount(): number;
  /**
   * Lets things happen until `isOver` says so (asked after each), nothing is left, or virtual time passes `untilUs`.
   * Between two of them every promise that can settle does. Nothing in a world waits for the real event loop.
   */
  run(options: {
    untilUs: number;
    isOver: () => boolean | Promise<boolean>;
  }): Promise<'over' | 'empty' | 'late'>;
}

/** Happenings. */
const stepsBetweenBreaths = 1_000;

/** What every happening takes: a world that only answers itself at once must still come to its timers. */
const stepUs = 20;

export function createScheduler(random: Random): Scheduler {
  const future = createMomentHeap();
  const due: Moment[] = [];
  let nowUs = 0;
  let stepCount = 0;

  function takeNext(untilUs: number): Moment | 'empty' | 'late' {
    for (;;) {
      for (let top = future.peek(); top && top.dueUs <= nowUs; top = future.peek()) due.push(future.pop());
      if (due.length > 0) {
        const index = due.length === 1 ? 0 : Math.floor(random.next() * due.length);
        const moment = due[index] as Moment;
        const last = due.pop() as Moment;
        if (index < due.length) due[index] = last;
        if (!moment.isCanceled) return moment;
        continue;
      }
      const top = future.peek();
      if (!top) return 'empty';
      if (top.isCanceled) future.pop();
      else if (top.dueUs > untilUs) return 'late';
      else nowUs = Math.max(nowUs, top.dueUs);
    }
  }

  return {
    nowUs: () => nowUs,
    stepCount: () => stepCount,
    after(delayUs, happen) {
      const moment = { dueUs: nowUs + Math.max(0, Math.round(delayUs)), happen, isCanceled: false };
      if (moment.dueUs <= nowUs) due.push(moment);
      else future.push(moment);
      return moment;
    },
    async run({ untilUs, isOver }) {
      for (;;) {
        const moment = takeNext(untilUs);
        if (typeof moment === 'string') return moment;
        stepCount += 1;
        nowUs += stepUs;
        moment.happen();
        await (stepCount % stepsBetweenBreaths === 0 ? letLoopTurn() : settlePromises());
        const over = isOver();
        if (over === true || (over !== false && (await over))) return 'over';
      }
    },
  };
}

/** What is queued as a tick comes after every promise that can settle, and costs no turn of the event loop. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** So that signals and messages of the real process are heard. */
function letLoopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface MomentHeap {
  peek(): Moment | undefined;
  push(moment: Moment): void;
  pop(): Moment;
}

/** Earliest first; among equals in no particular but always the same order. */
function createMomentHeap(): MomentHeap {
  const heap: Moment[] = [];
  const at = (index: number): Moment => heap[index] as Moment;
  const swap = (a: number, b: number): void => {
    const kept = at(a);
    heap[a] = at(b);
    heap[b] = kept;
  };
  return {
    peek: () => heap[0],
    push(moment) {
      heap.push(moment);
      for (let child = heap.length - 1; child > 0; ) {
        const parent = (child - 1) >> 1;
        if (at(parent).dueUs <= at(child).dueUs) return;
        swap(parent, child);
        child = parent;
      }
    },
    pop() {
      const top = at(0);
      const last = heap.pop() as Moment;
      if (heap.length === 0) return top;
      heap[0] = last;
      for (let parent = 0; ; ) {
        let least = parent;
        for (const child of [2 * parent + 1, 2 * parent + 2]) {
          if (child < heap.length && at(child).dueUs < at(least).dueUs) least = child;
        }
        if (least === parent) return top;
        swap(parent, least);
        parent = least;
      }
    },
  };
}
