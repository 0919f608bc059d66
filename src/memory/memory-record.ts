/** What the mesh knows: one ruling, one agreed way to do a thing, or one rule. Structured, never raw conversation. */

export type MemoryKind = 'decision' | 'pattern' | 'rule';

/**
 *   proposed    somebody suggests it; binds nobody
 *   active      holds
 *   contested   contradicts another active one; binds nobody until a person has ruled
 *   superseded  another one holds instead
 *   retired     a person took it out
 *   expired     its time is over
 */
export type MemoryStatus = 'proposed' | 'active' | 'contested' | 'superseded' | 'retired' | 'expired';

export interface MemoryRecord {
  /** `D-3`, `P-1`, `R-2`; of packs `hipaa/PHI-3`. */
  id: string;
  kind: MemoryKind;
  /** The kind of question that it answers; null: none, it is only recalled. */
  answers: string | null;
  topic: string;
  /** `mesh`, `team:<flow>`, `item:<number>`, `paths:<glob>[,<glob>…]`. */
  scope: string;
  /** What holds, in one or two sentences. */
  statement: string;
  reasons: string;
  rejected: readonly string[];
  status: MemoryStatus;
  source: MemorySource;
  /** ISO; null: for good. */
  validUntil: string | null;
  /** ISO, of the event that recorded it; null: a pack's, recorded nowhere. */
  recordedAt: string | null;
  supersededBy: string | null;
  /** Ids of what it contradicts. */
  contests: readonly string[];
  /** A machine can tell where a change touches it; null: only people and agents can. */
  check: MemoryCheck | null;
}

export type MemorySource =
  | { from: 'question'; question: string; by: string | null; isDefault: boolean }
  | { from: 'person'; by: string }
  | { from: 'pack'; pack: string; hash: string };

/** A change to these files whose added lines match must have been asked about (`mustAsk` is the kind), or a decision must answer it. */
export interface MemoryCheck {
  paths: readonly string[];
  /** Regular expression over each added line. */
  matches: string;
  /** The kind of question. */
  mustAsk: string;
}
