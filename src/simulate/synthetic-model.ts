/**
 * The model of a simulated world: seeded brains for the roles, prices by the length of what is said, and the provider's
 * failures of the plan. What it answers depends on the seed, the seat and the conversation alone.
 */
import type { AssistantPart, ModelOutcome, ModelProvider, ModelRequest } from '../gateway/model.ts';
import { type BrainWorld, decideMove, type Move } from './brains.ts';
import { drawAsk } from './draw-asks.ts';
import type { AskPlan, ModelFault } from './plan.ts';
import { createRandom } from './random.ts';
import type { SimulatedProcess } from './simulated-process.ts';

export interface SyntheticModel {
  /** As one process reaches it. */
  providerFor(process: SimulatedProcess): ModelProvider;
}

export function createSyntheticModel(options: {
  seed: number;
  modelMs: number;
  brains: BrainWorld;
  asks: AskPlan | null;
  /** The provider is called, and will bill. */
  onCall: (process: SimulatedProcess, request: ModelRequest) => void;
}): SyntheticModel {
  const { seed, modelMs, brains, asks, onCall } = options;
  const pace = createRandom(seed, 'model pace');
  const startsBySeat = new Map<string, number>();

  function answer(request: ModelRequest, how: ModelFault | null): ModelOutcome {
    if (how !== null && how !== 'overbilled') return failure(how);
    const { item, step, round } = request.seat;
    const seat = `${item}/${step}/${round}`;
    const turn = request.messages.filter((message) => message.role === 'assistant').length;
    if (turn === 0) startsBySeat.set(seat, (startsBySeat.get(seat) ?? 0) + 1);
    const start = startsBySeat.get(seat) ?? 0;
    const random = createRandom(seed, 'brain', seat, start, turn);
    const habits = createRandom(seed, 'habits', seat, start);
    const asked = asks && drawAsk(asks, request, createRandom(seed, 'ask', seat, start, turn));
    const move = asked ?? decideMove(brains, { request, turn, random, habits });
    return reply(request, { move, turn, how });
  }

  return {
    providerFor: (process) => ({
      name: 'scripted',
      isRealModel: false,
      generate: (request, signal) =>
        process.call(
          'provider.generate',
          async (special) => {
            onCall(process, request);
            const how = special?.kind === 'model' ? special.how : null;
            if (how === 'throws') throw new Error('the provider broke (simulated)');
            return answer(request, how);
          },
          { signal, workUs: pace.between(1, 800) * 10, restUs: pace.between(1, modelMs) * 1000 },
        ),
    }),
  };
}

function reply(
  request: ModelRequest,
  { move, turn, how }: { move: Move; turn: number; how: ModelFault | null },
): ModelOutcome {
  const content: AssistantPart[] = move.text ? [{ type: 'text', text: move.text }] : [];
  for (const [index, { tool, input }] of (move.calls ?? []).entries()) {
    content.push({ type: 'tool_call', id: `call_${turn}_${index}`, tool, input });
  }
  const stop = move.calls?.length ? 'tool_call' : 'end';
  const outputTokens =
    how === 'overbilled' ? request.maxOutputTokens * 20 : 20 + JSON.stringify(content).length;
  const inputTokens = Math.floor(lengthOf(request) / 4);
  const usage = { inputTokens, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens };
  if (how !== 'overbilled') usage.outputTokens = Math.min(outputTokens, request.maxOutputTokens);
  return { ok: true, reply: { content, stop, usage } };
}

function lengthOf({ system, messages }: ModelRequest): number {
  let length = system.length;
  for (const message of messages) {
    for (const part of message.content) {
      if (part.type === 'text') length += part.text.length;
      else if (part.type === 'tool_result') length += part.output.length;
    }
  }
  return length;
}

type PlainFailure = Exclude<ModelFault, 'overbilled' | 'hangs' | 'throws'>;

function failure(how: ModelFault): ModelOutcome {
  const kind: PlainFailure =
    how === 'hangs' || how === 'throws' || how === 'overbilled' ? 'unavailable' : how;
  const isRefused = kind === 'rate_limited' || kind === 'overloaded';
  return {
    ok: false,
    failure: {
      kind,
      message: `${kind} (simulated)`,
      isRetryable: kind !== 'unauthorized',
      retryAfterMs: kind === 'rate_limited' ? 300 : null,
      mayHaveBilled: !isRefused && kind !== 'unauthorized',
      usage:
        kind === 'cut_off'
          ? { inputTokens: 100, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 50 }
          : null,
    },
  };
}
