/** Half-open spans of time, in milliseconds, and what is left of one without others. */

export interface Span {
  fromMs: number;
  toMs: number;
}

/** The parts of `spans` that none of `others` covers, in order. */
export function without(spans: readonly Span[], others: readonly Span[]): Span[] {
  let left = spans.filter(({ fromMs, toMs }) => fromMs < toMs);
  for (const other of others) {
    left = left.flatMap((span) => {
      if (other.toMs <= span.fromMs || span.toMs <= other.fromMs) return [span];
      const before = { fromMs: span.fromMs, toMs: other.fromMs };
      const after = { fromMs: other.toMs, toMs: span.toMs };
      return [before, after].filter(({ fromMs, toMs }) => fromMs < toMs);
    });
  }
  return left;
}

export function overlap(a: Span, b: Span): Span | null {
  const fromMs = Math.max(a.fromMs, b.fromMs);
  const toMs = Math.min(a.toMs, b.toMs);
  return fromMs < toMs ? { fromMs, toMs } : null;
}

/** Of the span, so much is not covered by `others`, which do not overlap each other. */
export function uncoveredMs(span: Span, others: readonly Span[]): number {
  const covered = others.reduce((sum, other) => {
    const both = overlap(span, other);
    return sum + (both ? both.toMs - both.fromMs : 0);
  }, 0);
  return Math.max(0, span.toMs - span.fromMs) - covered;
}
