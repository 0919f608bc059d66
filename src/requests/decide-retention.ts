/** Which blobs may go: pure. A blob is kept by whatever could still need it; what nothing names is left over from a crash. */
import type { BlobHash, StoredBlob } from '../journal/journal.ts';

/** Somebody names a blob: an event, or a message that waits. */
export interface BlobUse {
  hash: string;
  /** Whose event it is, or to whom the message goes. */
  stream: string;
  /** ISO time. */
  at: string;
}

export interface RetentionFacts {
  project: string;
  /** Put before `before`, all of them. */
  blobs: readonly StoredBlob[];
  uses: readonly BlobUse[];
  /** Numbers of the project's items that are landed, rejected or canceled. */
  ended: ReadonlySet<number>;
  /** ISO time: what was named since is kept. */
  before: string;
  /** Only what this item alone names; null: all that is old enough. */
  item: number | null;
}

export interface RetentionDecision {
  delete: StoredBlob[];
  /** Old, but needed: living items, other projects, the mesh itself. */
  keptInUse: number;
  /** Of ended items, named again since `before`. */
  keptYoung: number;
}

type Verdict = 'delete' | 'in use' | 'young' | 'not asked for';

export function decideRetention(facts: RetentionFacts): RetentionDecision {
  const usesOf = new Map<string, BlobUse[]>();
  for (const use of facts.uses) {
    const known = usesOf.get(use.hash);
    if (known) known.push(use);
    else usesOf.set(use.hash, [use]);
  }
  const decision: RetentionDecision = { delete: [], keptInUse: 0, keptYoung: 0 };
  for (const blob of facts.blobs) {
    switch (judgeBlob(facts, usesOf.get(blob.hash) ?? [])) {
      case 'delete':
        decision.delete.push(blob);
        break;
      case 'in use':
        decision.keptInUse += 1;
        break;
      case 'young':
        decision.keptYoung += 1;
        break;
      case 'not asked for':
        break;
    }
  }
  return decision;
}

function judgeBlob({ project, ended, before, item }: RetentionFacts, uses: readonly BlobUse[]): Verdict {
  const items = uses.map(({ stream }) => itemOfStream(project, stream));
  if (item !== null && !items.includes(item)) return 'not asked for';
  // Streams of no item, and of other projects, keep what they name for ever.
  if (items.some((number) => number === null || !ended.has(number))) return 'in use';
  if (item !== null) return items.every((number) => number === item) ? 'delete' : 'in use';
  return uses.some(({ at }) => at >= before) ? 'young' : 'delete';
}

/** `item:p/3` and `agent:p/3/…` of this project; null for every other stream. */
function itemOfStream(project: string, stream: string): number | null {
  const prefixes = [`item:${project}/`, `agent:${project}/`];
  const prefix = prefixes.find((each) => stream.startsWith(each));
  const number = prefix === undefined ? '' : (stream.slice(prefix.length).split('/')[0] ?? '');
  return /^\d+$/.test(number) ? Number(number) : null;
}

/** Every string anywhere in the value that could be a blob's hash, whatever the kind of event. */
export function hashesIn(value: unknown, found: Set<BlobHash> = new Set()): Set<BlobHash> {
  if (typeof value === 'string') {
    if (/^[0-9a-f]{64}$/.test(value)) found.add(value as BlobHash);
  } else if (value !== null && typeof value === 'object') {
    for (const inner of Object.values(value)) hashesIn(inner, found);
  }
  return found;
}
