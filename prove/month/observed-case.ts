/** What the observer of a month knows of one question, and what docs/questions.md says is to become of it. Its own reading, not the product's. */
import {
  afterTheirTime,
  colleagues,
  dayMs,
  type Expected,
  expectations,
  lead,
  leadsOwn,
  minuteMs,
  nextThere,
} from './office.ts';

export interface Case {
  name: string;
  key: { kind: string; topic: string; scope: string };
  /** As it is routed now. */
  kind: string;
  optionCount: number;
  hasDefault: boolean;
  isCompliance: boolean;
  /** The product itself asks. */
  isOwn: boolean;
  cluster: string | null;
  /** By call. */
  askers: Map<string, { agent: string; cluster: string }>;
  status: 'unrouted' | 'waiting' | 'asked' | 'settled';
  expected: Expected | null;
  isAcknowledged: boolean;
  isMeshPaused: boolean;
  holder: string | null;
  rung: number;
  /** When the present wait began: for a route, or for somebody who can be asked. */
  waitsSinceMs: number;
  routedAtMs: number;
  dueMs: number;
  /** Asks again because a time was over: since it was routed, and at this rung. */
  timeouts: number;
  repings: number;
  hasReminded: boolean;
  asks: { to: string; atMs: number; deliveries: string[] }[];
  /** So many of them while it was of another kind. */
  asksBefore: number;
  undeliverable: Set<string>;
  settled: Settled | null;
  settledAtMs: number;
  overturnedBy: string | null;
  confirmedBy: string | null;
  recordings: (string | null)[];
}

export type Settled =
  | { how: 'answered'; option: number | null; text: string | null }
  | { how: 'defaulted' }
  | { how: 'withdrawn' }
  | { how: 'remembered'; decision: string };

const ownKinds = ['unrouted_kind', 'contradiction', 'agent_refusal', 'information_needed'];

/** Null: nobody has said yet who decides it. @param ruling what the engineering lead said about the kind. */
export function expectedOf(kind: string, ruling: string | undefined): Expected | null {
  const known = expectations[kind];
  if (known) return known;
  if (ownKinds.includes(kind)) return leadsOwn;
  if (ruling === undefined) return null;
  return expectations[/^Route it like (\w+)/.exec(ruling)?.[1] ?? ''] ?? leadsOwn;
}

export type Silence = Expected['silence'];

export function silenceOf({ expected, isCompliance, kind, hasDefault }: Case): Silence {
  if (expected === null) return 'climb';
  const { mode, silence } = expected;
  if (mode === 'block' && (isCompliance || kind.startsWith('compliance')) && silence !== 'pause')
    return 'climb';
  return silence === 'default' && !hasDefault ? 'climb' : silence;
}

/** When so many SLAs are over for somebody who begins now. */
export function slasLater(expected: Expected, person: string, fromMs: number, count = 1): number {
  const ms = expected.slaMinutes * minuteMs * count;
  return expected.isWorkClock ? afterTheirTime(person, fromMs, ms) : fromMs + ms;
}

/** So many SLAs until somebody who was asked so often is asked again. */
export function repingSlas(known: Case, asks: number): number {
  if (known.expected === null) return 1;
  const slaMs = known.expected.slaMinutes * minuteMs;
  const slas = 2 ** asks;
  return silenceOf(known) === 'remind' ? slas : Math.min(slas, Math.max(1, dayMs / slaMs));
}

/** From when on something must have followed from silence; infinite: nothing by time alone. */
export function mustFollowAtMs(known: Case): number {
  const { status, expected, dueMs, isAcknowledged, isMeshPaused, holder } = known;
  const silence = silenceOf(known);
  if ((status !== 'waiting' && status !== 'asked') || expected === null) return Number.POSITIVE_INFINITY;
  if (silence === 'default') return dueMs;
  if (silence === 'pause' && !isAcknowledged && !isMeshPaused) return dueMs;
  if (status === 'waiting' || holder === null) return Number.POSITIVE_INFINITY;
  return Math.min(nextThere(holder, dueMs), nextThere(expected.chain[0] ?? holder, dueMs));
}

/** Half of the first SLA, for what waits and nobody has said anything about. Null: nobody is to be reminded. */
export function reminderAtMs(known: Case): number | null {
  const { expected, status, isAcknowledged, timeouts, hasReminded, holder, routedAtMs, asks } = known;
  if (expected?.mode !== 'wait' || status !== 'asked' || isAcknowledged || timeouts > 0 || hasReminded)
    return null;
  const halfMs = slasLater(expected, expected.chain[0] ?? '', routedAtMs, 0.5);
  const askedAtMs = asks.at(-1)?.atMs ?? 0;
  return holder !== null && askedAtMs < halfMs ? halfMs : null;
}

/** Who can be asked, in their order. */
export function candidatesFrom(known: Case, rung: number): { person: string; rung: number }[] {
  const chain = known.expected?.chain ?? [];
  return chain.slice(rung).flatMap((person, index) => {
    const deputy = colleagues[person]?.deputy ?? null;
    const at = rung + index;
    return deputy === null
      ? [{ person, rung: at }]
      : [
          { person, rung: at },
          { person: deputy, rung: at },
        ];
  });
}

export function mayRule(known: Case, by: string): boolean {
  return (
    by === lead ||
    known.asks.slice(known.asksBefore).some(({ to }) => to === by) ||
    candidatesFrom(known, 0).some(({ person }) => person === by)
  );
}
