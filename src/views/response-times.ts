/** How long people take, per person and per route, and which SLAs that argues against. Pure: cases in, figures out. */
import type { ResponseCase } from './question-case.ts';

export interface ResponseTimes {
  /** A handle, or a kind of question. */
  key: string;
  /** How often somebody was asked. */
  askedCount: number;
  repliedCount: number;
  /** Share of those whose outcome is known that replied within the SLA, 0 to 1; null: none is known. */
  inTimeShare: number | null;
  /** Asks whose SLA passed without a word. */
  neverCount: number;
  /** Over replies; null: there is none. */
  medianMs: number | null;
  p90Ms: number | null;
}

export function responseTimesBy(
  cases: readonly ResponseCase[],
  keyOf: (each: ResponseCase) => string,
): ResponseTimes[] {
  const groups = Map.groupBy(cases, keyOf);
  return [...groups.keys()].sort().map((key) => timesOf(key, groups.get(key) ?? []));
}

function timesOf(key: string, cases: readonly ResponseCase[]): ResponseTimes {
  const times = timesIn(cases);
  const known = cases.filter(({ responseMs, isSilent }) => responseMs !== null || isSilent);
  const inTime = known.filter(({ isLate }) => !isLate).length;
  return {
    key,
    askedCount: cases.length,
    repliedCount: times.length,
    inTimeShare: known.length === 0 ? null : inTime / known.length,
    neverCount: cases.filter(({ isSilent }) => isSilent).length,
    medianMs: quantile(times, 0.5),
    p90Ms: quantile(times, 0.9),
  };
}

function timesIn(cases: readonly ResponseCase[]): number[] {
  return cases.flatMap(({ responseMs }) => responseMs ?? []).sort((a, b) => a - b);
}

/** The smallest value that at least this share of the sorted values does not exceed. */
function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}

export interface SlaSuggestion {
  kind: string;
  slaMs: number;
  suggestedMs: number;
  /** What it rests on, in one sentence. */
  evidence: string;
}

/** Fewer replies than this prove nothing. */
export const fewestReplies = 5;

/**
 * Of each kind with at least `fewestReplies` replies under its present SLA. Longer: fewer than 80 % replied in time, and nine of
 * ten replies would fit into the suggestion. Shorter: everybody replied in time and nine of ten within a quarter of the SLA; the
 * suggestion leaves them twice that. Both rounded up to a whole `unitMs`, the file's minute.
 */
export function suggestSlas(cases: readonly ResponseCase[], unitMs: number): SlaSuggestion[] {
  const byKind = Map.groupBy(cases, ({ kind }) => kind);
  return [...byKind.keys()].sort().flatMap((kind) => {
    const all = byKind.get(kind) ?? [];
    const slaMs = all.at(-1)?.slaMs ?? 0;
    const present = all.filter((each) => each.slaMs === slaMs);
    const { repliedCount, inTimeShare, p90Ms, medianMs } = timesOf(kind, present);
    if (repliedCount < fewestReplies || inTimeShare === null || p90Ms === null || medianMs === null)
      return [];
    const wanted = wantedMs({ slaMs, inTimeShare, p90Ms });
    const suggestedMs = wanted === null ? slaMs : Math.ceil(wanted / unitMs) * unitMs;
    if (suggestedMs === slaMs) return [];
    const inMinutes = (ms: number) => `${Math.round((ms / unitMs) * 10) / 10} min`;
    const evidence = `${repliedCount} replies: half within ${inMinutes(medianMs)}, nine of ten within ${inMinutes(p90Ms)}; ${Math.round(inTimeShare * 100)} % in time`;
    return [{ kind, slaMs, suggestedMs, evidence }];
  });
}

function wantedMs(found: { slaMs: number; inTimeShare: number; p90Ms: number }): number | null {
  const { slaMs, inTimeShare, p90Ms } = found;
  if (inTimeShare < 0.8 && p90Ms > slaMs) return p90Ms;
  return inTimeShare === 1 && p90Ms <= slaMs / 4 ? p90Ms * 2 : null;
}
