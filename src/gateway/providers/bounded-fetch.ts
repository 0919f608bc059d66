/**
 * A fetch whose answers end: in size, and in time. What a provider (or whoever answers in its place) sends is read no
 * further than that. Knows nothing of protocols.
 */

export interface AnswerLimits {
  /** Of an answer that says it is one; more is a failure. */
  answerBytes: number;
  /** Of an answer with an error status; the rest is not read. */
  failureBytes: number;
  /** From the request to the last byte. */
  answerMs: number;
}

/** An answer of the largest output limit has about one megabyte; long ones take some minutes. */
export const standardAnswerLimits: AnswerLimits = {
  answerBytes: 32_000_000,
  failureBytes: 64 * 1_024,
  answerMs: 15 * 60_000,
};

export function boundFetch(inner: typeof fetch, limits: AnswerLimits): typeof fetch {
  return async (input, init) => {
    const inTime = AbortSignal.timeout(limits.answerMs);
    const signal = init?.signal ? AbortSignal.any([init.signal, inTime]) : inTime;
    const response = await inner(input, { ...init, signal });
    if (response.body === null) return response;
    const body = response.body.pipeThrough(
      response.ok ? refuseBeyond(limits.answerBytes) : endAfter(limits.failureBytes),
    );
    const { status, statusText, headers } = response;
    return new Response(body, { status, statusText, headers });
  };
}

function refuseBeyond(most: number): TransformStream<Uint8Array, Uint8Array> {
  let size = 0;
  return new TransformStream({
    transform(chunk, controller) {
      size += chunk.length;
      if (size > most) controller.error(new Error(`it is larger than ${most / 1_000_000} MB`));
      else controller.enqueue(chunk);
    },
  });
}

function endAfter(most: number): TransformStream<Uint8Array, Uint8Array> {
  let left = most;
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) controller.terminate();
    },
  });
}
