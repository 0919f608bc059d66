/**
 * What went wrong with one attempt, from whatever the AI SDK threw: whether to try again, when, and whether the provider
 * may have billed it. When in doubt it may have. Keys and tokens never reach a message.
 */
import { APICallError, RetryError } from 'ai';
import { storableText } from '../../base/json.ts';
import type { ModelFailure } from '../model.ts';
import { quotaResetMs } from './quota-reset.ts';

interface HttpFacts {
  status: number;
  headers: Record<string, string>;
  body: string;
  text: string;
}

type Classified = Omit<ModelFailure, 'message' | 'usage'> & { lead: string };

export function toModelFailure(error: unknown, secrets: readonly string[], nowMs: number): ModelFailure {
  const cause = RetryError.isInstance(error) ? error.lastError : error;
  const classified = classify(cause, nowMs);
  const detail = cleanDetail(detailOf(cause), secrets);
  const { lead, ...failure } = classified;
  return { ...failure, message: detail === '' ? lead : `${lead}: ${detail}`, usage: null };
}

function classify(error: unknown, nowMs: number): Classified {
  if (causesOf(error).some((cause) => cause.name === 'TimeoutError'))
    return failed('cut_off', 'the provider did not come to the end of its answer in time', {
      mayHaveBilled: true,
    });
  if (!APICallError.isInstance(error)) {
    return failed('malformed', 'the provider sent an answer that cannot be read', { mayHaveBilled: true });
  }
  if (error.statusCode === undefined) return classifyNetwork(error);
  const facts: HttpFacts = {
    status: error.statusCode,
    headers: error.responseHeaders ?? {},
    body: error.responseBody ?? '',
    text: error.message,
  };
  return facts.status < 400 ? classifyBody(error) : classifyStatus(facts, nowMs);
}

/** Nothing was answered. Only where no connection came about is it sure that nothing was billed. */
function classifyNetwork(error: unknown): Classified {
  const codes = causesOf(error).flatMap((cause) => ('code' in cause ? [String(cause.code)] : []));
  const isUnconnected = codes.some(
    (code) => unconnectedCodes.has(code) || code.startsWith('ERR_TLS') || code.includes('CERT'),
  );
  return isUnconnected
    ? failed('unavailable', 'the provider cannot be reached')
    : failed('cut_off', 'the connection ended before an answer came', { mayHaveBilled: true });
}

const unconnectedCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_INVALID_URL',
]);

/** Status 200: either the body broke off, or it is not what the protocol says. */
function classifyBody(error: unknown): Classified {
  const isCut = causesOf(error).some(
    (cause) =>
      cause.message === 'terminated' ||
      ('code' in cause &&
        /^(UND_ERR_SOCKET|UND_ERR_BODY_TIMEOUT|ECONNRESET|EPIPE)$/.test(String(cause.code))),
  );
  return isCut
    ? failed('cut_off', 'the answer broke off', { mayHaveBilled: true })
    : failed('malformed', 'the provider sent an answer that cannot be read', { mayHaveBilled: true });
}

function classifyStatus(facts: HttpFacts, nowMs: number): Classified {
  const { status } = facts;
  const retryAfterMs = retryAfterOf(facts.headers, nowMs);
  if (status === 429) {
    const isExhausted = /insufficient_quota|billing_hard_limit/.test(facts.body);
    const lead = isExhausted ? 'the account has no quota left (429)' : 'the provider limits the rate (429)';
    const resetMs = retryAfterMs ?? quotaResetMs(facts.headers, nowMs);
    return failed('rate_limited', lead, { retryAfterMs: resetMs, isRetryable: !isExhausted });
  }
  if (status === 529) return failed('overloaded', 'the provider is overloaded (529)', { retryAfterMs });
  if (status === 503) {
    return failed('overloaded', 'the provider is overloaded (503)', { retryAfterMs, mayHaveBilled: true });
  }
  if (status >= 500) {
    return failed('unavailable', `the provider failed (${status})`, { retryAfterMs, mayHaveBilled: true });
  }
  if (status === 401 || status === 403) {
    return failed('unauthorized', `the provider does not accept the key (${status})`, { isRetryable: false });
  }
  if (status === 408 || status === 409) {
    return failed('unavailable', `the provider gave up on the request (${status})`, { retryAfterMs });
  }
  if (/model_not_found|not_found_error/.test(facts.body) || (status === 404 && /model/i.test(facts.text))) {
    return failed('unknown_model', `the provider does not know the model (${status})`, {
      isRetryable: false,
    });
  }
  return failed('rejected', `the provider rejected the request (${status})`, { isRetryable: false });
}

function failed(kind: ModelFailure['kind'], lead: string, rest: Partial<Classified> = {}): Classified {
  return { kind, lead, isRetryable: true, retryAfterMs: null, mayHaveBilled: false, ...rest };
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date (measured from the answer's own date when it has one). */
function retryAfterOf(headers: Record<string, string>, nowMs: number): number | null {
  const milliseconds = Number.parseFloat(headers['retry-after-ms'] ?? '');
  if (milliseconds >= 0) return Math.ceil(milliseconds);
  const value = headers['retry-after'];
  if (value === undefined) return null;
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Math.ceil(Number.parseFloat(value) * 1000);
  const until = Date.parse(value);
  if (Number.isNaN(until)) return null;
  const sentAt = Date.parse(headers.date ?? '');
  return Math.max(0, until - (Number.isNaN(sentAt) ? nowMs : sentAt));
}

function detailOf(error: unknown): string {
  const causes = causesOf(error);
  const deepest = causes.at(-1);
  if (APICallError.isInstance(error) && (error.statusCode ?? 0) >= 400) return error.message;
  if (deepest === undefined) return '';
  // A parse error quotes the body, which may be anything: only its first line's beginning is kept.
  return deepest.message !== '' ? deepest.message : 'code' in deepest ? String(deepest.code) : '';
}

function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  let current = error;
  while (current instanceof Error && causes.length < 10 && !causes.includes(current)) {
    causes.push(current);
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return causes;
}

/** One line, at most 300 characters, without the secrets given and without anything that looks like one. */
function cleanDetail(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '[secret]');
  clean = clean
    .replaceAll(/\b(sk|pk|rk|key|xox[a-z]|gh[a-z])[-_][A-Za-z0-9_*.-]{8,}/gi, '[secret]')
    .replaceAll(/\bBearer\s+\S+/gi, 'Bearer [secret]')
    .replaceAll(/\/\/[^/\s@]+@/g, '//[secret]@')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return storableText(clean.length > 300 ? `${clean.slice(0, 300)}…` : clean);
}
