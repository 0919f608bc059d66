/**
 * When a limit that a provider has just enforced ends, from the headers of its 429: those of Anthropic and of OpenAI and those
 * that answer like them. Only limits that are used up count. Pure; what else the answer says is failure.ts's matter.
 */

/** Milliseconds from now; null: the headers do not say. */
export function quotaResetMs(headers: Readonly<Record<string, string>>, nowMs: number): number | null {
  const resets = Object.entries(headers).flatMap(([name, value]) => {
    const [, maker, before = '', after = ''] = resetHeader.exec(name.toLowerCase()) ?? [];
    if (maker === undefined) return [];
    const isUsedUp = isExhausted(headers, maker, before + after);
    const ms = readMoment(value, nowMs);
    return isUsedUp && ms !== null ? [ms] : [];
  });
  return resets.length > 0 ? Math.max(...resets) : null;
}

/** `anthropic-ratelimit-input-tokens-reset`, `x-ratelimit-reset-requests`, `x-ratelimit-reset`. */
const resetHeader = /^(anthropic|x)-ratelimit(?:-(.+))?-reset(?:-(.+))?$/;

/** The header of what remains stands beside it; without one, or without a number there, the reset is taken as it is. */
function isExhausted(headers: Readonly<Record<string, string>>, maker: string, limit: string): boolean {
  const stem = `${maker}-ratelimit`;
  const status = headers[`${stem}-${limit}-status`];
  if (status !== undefined) return status === 'rejected';
  const remaining =
    maker === 'x'
      ? headers[limit === '' ? `${stem}-remaining` : `${stem}-remaining-${limit}`]
      : headers[`${stem}-${limit}-remaining`];
  const count = Number.parseFloat(remaining ?? '');
  return Number.isNaN(count) || count <= 0;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Seconds since 1970 have at least so many; a smaller number is a time from now. */
const leastEpochSeconds = 1_000_000_000;

/** A date, seconds since 1970, seconds from now, or a duration such as `6m0s`. Null: none of them. */
function readMoment(value: string, nowMs: number): number | null {
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) {
    const seconds = Number(text);
    const ms = seconds >= leastEpochSeconds ? seconds * 1_000 - nowMs : seconds * 1_000;
    return Math.max(0, Math.ceil(ms));
  }
  if (/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
    return Math.ceil(
      parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ''] ?? 0), 0),
    );
  }
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}
