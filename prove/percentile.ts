/** Percentiles of small samples: the nearest rank, so that every figure is one that was measured. */

/** `share` of 0.99 is the 99th percentile; null for an empty sample. */
export function percentile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? null;
}

/** `p50 812 ms, p99 1,900 ms, of 41`. */
export function describeSample(values: readonly number[], unit: string): string {
  const show = (share: number) => Math.round(percentile(values, share) ?? 0).toLocaleString('en-US');
  if (values.length === 0) return 'none';
  return `p50 ${show(0.5)} ${unit}, p99 ${show(0.99)} ${unit}, of ${values.length.toLocaleString('en-US')}`;
}
