/** Why a face did not answer with a reply: one kind for each cause, with its status and its name in each protocol. Pure. */
import { HeldError } from '../../controls/control-door.ts';
import { FencedError } from '../../journal/fenced-error.ts';
import type { CallOutcome } from '../call-model.ts';
import type { ModelFailure } from '../model.ts';

export interface FaceError {
  kind: FaceErrorKind;
  /** One line for a person: what happened, and who can do something about it. */
  message: string;
  /** When a repetition has a chance; null: not by itself. */
  retryAfterMs: number | null;
}

/** `anthropic` and `openAi` are the protocols' own names for such errors. */
export const faceErrors = {
  invalid_request: { status: 400, anthropic: 'invalid_request_error', openAi: 'invalid_request_error' },
  /** The provider refused it and would refuse it again. */
  rejected: { status: 400, anthropic: 'invalid_request_error', openAi: 'invalid_request_error' },
  unknown_key: { status: 401, anthropic: 'authentication_error', openAi: 'authentication_error' },
  over_ceiling: { status: 402, anthropic: 'billing_error', openAi: 'insufficient_quota' },
  not_permitted: { status: 403, anthropic: 'permission_error', openAi: 'permission_error' },
  not_found: { status: 404, anthropic: 'not_found_error', openAi: 'not_found_error' },
  wrong_method: { status: 405, anthropic: 'invalid_request_error', openAi: 'invalid_request_error' },
  too_large: { status: 413, anthropic: 'request_too_large', openAi: 'invalid_request_error' },
  rate_limited: { status: 429, anthropic: 'rate_limit_error', openAi: 'rate_limit_error' },
  internal: { status: 500, anthropic: 'api_error', openAi: 'server_error' },
  provider_failed: { status: 502, anthropic: 'api_error', openAi: 'server_error' },
  /** A person holds the agent, or it does not run here any more. */
  held: { status: 503, anthropic: 'api_error', openAi: 'server_error' },
  overloaded: { status: 529, anthropic: 'overloaded_error', openAi: 'server_error' },
} as const;

export type FaceErrorKind = keyof typeof faceErrors;

export function faceError(
  kind: FaceErrorKind,
  message: string,
  retryAfterMs: number | null = null,
): FaceError {
  return { kind, message, retryAfterMs };
}

/** Both SDKs and the clients built on them obey `x-should-retry`: whatever was worth trying again, the gateway has tried. */
export function headersOf(error: FaceError): Record<string, string> {
  return error.retryAfterMs === null
    ? { 'x-should-retry': 'false' }
    : { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) };
}

/** Of a model call that brought no reply. */
export function errorOfOutcome(outcome: Exclude<CallOutcome, { kind: 'reply' }>, nowMs: number): FaceError {
  switch (outcome.kind) {
    case 'refused':
      return faceError(
        'over_ceiling',
        `${outcome.message}; whoever set the ceiling may raise it (meshwright resume --ceiling)`,
      );
    case 'failed':
      return errorOfFailure(outcome.failure);
    case 'postponed':
      return faceError('rate_limited', outcome.message, Math.max(0, Date.parse(outcome.until) - nowMs));
    case 'fenced':
      return faceError('held', 'another worker has taken over this agent; nothing more is answered here');
  }
}

/** Of a call that was thrown out of; null: it is a fault of ours. */
export function errorOfStop(error: unknown, stops: readonly AbortSignal[]): FaceError | null {
  if (error instanceof HeldError) return faceError('held', error.message);
  if (error instanceof FencedError || stops.some(({ aborted }) => aborted)) {
    return faceError('held', 'this agent was stopped; nothing more is answered');
  }
  return null;
}

function errorOfFailure(failure: ModelFailure): FaceError {
  const { kind, message, retryAfterMs } = failure;
  switch (kind) {
    case 'rate_limited':
      return faceError('rate_limited', message, failure.isRetryable ? (retryAfterMs ?? 60_000) : null);
    case 'overloaded':
      return faceError('overloaded', message);
    case 'rejected':
    case 'unauthorized':
    case 'unknown_model':
      return faceError('rejected', message);
    case 'unavailable':
    case 'cut_off':
    case 'malformed':
    case 'empty':
      return faceError('provider_failed', message);
  }
}
