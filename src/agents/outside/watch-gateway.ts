/**
 * Looks at the model calls that an outside agent makes through its gateway: counts them, and notes what ends the agent whatever
 * it says itself afterwards. Some agents end their turn after a refusal as if all were well.
 */
import type { AgentGateway } from '../../gateway/agent-gateway.ts';
import type { CallOutcome } from '../../gateway/call-model.ts';
import { describeRepetition, findCircle } from '../find-repetition.ts';
import type { AgentOutcome } from '../run-agent.ts';

export type Verdict = { outcome: AgentOutcome } | { error: unknown };

export interface WatchedGateway {
  gateway: AgentGateway;
  /** Resolves once, when the agent is to be ended. */
  ended: Promise<Verdict>;
  verdict(): Verdict | null;
  end(verdict: Verdict): void;
  /** The latest call's failure, when no reply came after it. */
  lastFailure(): string | null;
}

export interface WatchLimits {
  /** Model calls. */
  maxTurns: number;
  /** How often it may do the same with the same result before it would be told; once more ends it, as nobody can tell it. */
  repetitions: number;
}

export function watchGateway(gateway: AgentGateway, limits: WatchLimits): WatchedGateway {
  const { maxTurns, repetitions } = limits;
  let verdict: Verdict | null = null;
  let lastFailure: string | null = null;
  let settle: (verdict: Verdict) => void;
  const ended = new Promise<Verdict>((resolve) => {
    settle = resolve;
  });
  const end = (found: Verdict) => {
    verdict ??= found;
    settle(verdict);
  };
  let calls = gateway.tape.calls;
  const watched: AgentGateway = {
    ...gateway,
    get tape() {
      return gateway.tape;
    },
    callModelFor: async (request) => {
      if (verdict === null && calls >= maxTurns) end({ outcome: turnLimit(maxTurns) });
      const circle = findCircle(request.messages, repetitions + 1);
      if (circle !== null) {
        const message = `went in circles: ${describeRepetition(circle)}`;
        end({ outcome: { outcome: 'repetition', message } });
      }
      if (verdict !== null) return notAnswered;
      calls += 1;
      try {
        const outcome = await gateway.callModelFor(request);
        lastFailure = outcome.kind === 'failed' ? outcome.failure.message : null;
        const ending = endingOf(outcome);
        if (ending !== null) end({ outcome: ending });
        return outcome;
      } catch (error) {
        // The client went away: that is its own affair.
        if (!request.signal.aborted) end({ error });
        throw error;
      }
    },
  };
  return { gateway: watched, ended, verdict: () => verdict, end, lastFailure: () => lastFailure };
}

export function turnLimit(maxTurns: number): AgentOutcome {
  return { outcome: 'turn_limit', message: `ended after ${maxTurns} model calls without finishing` };
}

/** Null: it may go on, or try again. */
function endingOf(outcome: CallOutcome): AgentOutcome | null {
  switch (outcome.kind) {
    case 'reply':
      return null;
    case 'refused':
      return { outcome: 'ceiling', message: outcome.message, refusal: outcome.refusal };
    case 'postponed':
      return { outcome: 'postponed', until: outcome.until, message: outcome.message };
    case 'failed': {
      const { kind, message } = outcome.failure;
      return kind === 'unauthorized' || kind === 'unknown_model'
        ? { outcome: 'model_refused', message }
        : null;
    }
    case 'fenced':
      return { outcome: 'fenced', message: 'another worker took over' };
  }
}

const notAnswered: CallOutcome = {
  kind: 'failed',
  failure: {
    kind: 'rejected',
    message: 'this agent has come to its end; nothing more is answered',
    isRetryable: false,
    retryAfterMs: null,
    mayHaveBilled: false,
    usage: null,
  },
};
