/** All that is left of a month to look at: what was stored, what reached people, what they and the agents were told. Data only. */
import type { StoredEvent } from '../../src/journal/event.ts';
import type { InboxPost } from '../../src/journal/unit.ts';
import type { Taken } from './channel.ts';
import type { Month } from './draw-month.ts';
import type { Reply } from './people.ts';
import type { Span } from './spans.ts';

export interface MonthFacts {
  month: Month;
  /** In the order in which they were stored. */
  units: readonly StoredUnit[];
  taken: readonly (Taken & { channel: string })[];
  replies: readonly Reply[];
  /** By call: the question that the agent waits for. */
  asked: ReadonlyMap<string, string>;
  /** By call: what the agent was told. */
  told: ReadonlyMap<string, string>;
  /** By call: when memory answered instead of a person. */
  byMemory: ReadonlyMap<string, number>;
  /** No desk was there. */
  downs: readonly Span[];
  /** What the product threw. */
  failures: readonly string[];
}

export interface StoredUnit {
  atMs: number;
  events: readonly StoredEvent[];
  posts: readonly InboxPost[];
}
