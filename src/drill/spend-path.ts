/**
 * The ways in which money can leave: each a small project whose agents spend for as long as they are let, by a model that
 * only pretends. Data and pure functions; run-drill.ts runs them.
 */
import type { ModelRequest } from '../gateway/model.ts';
import type { Move } from '../gateway/scripted/scripted-provider.ts';

export interface SpendPath {
  name: string;
  /** For a person, in a few words. */
  says: string;
  items: number;
  /** Tasks of each item's plan; they run side by side. */
  tasks: number;
  /** Role of the steps that spend. */
  role: 'spender' | 'outsider';
  /** Model calls of one agent run; then the step fails and starts again. */
  turns: number;
  /** Consecutive failures after which a step is not started again. */
  breaker: number;
  /** What the pretended model answers to the `count`-th request of the run. */
  answer: (request: ModelRequest, count: number) => Move;
  /** What is done when the first items have come to a stop. */
  afterwards: 'nothing' | 'fork' | 'replay';
}

const manyTurns = 100_000;

/** Never twice the same, so that nothing but money stops it. */
function spend(request: ModelRequest, count: number): Move {
  const offset = (request.messages.length % 50) + 1;
  const calls =
    request.seat.role === 'outsider' ? [] : [{ tool: 'read', input: { path: 'README.md', offset } }];
  return { text: `${count}: ${'one more look at the same file. '.repeat(100)}`, calls };
}

/** Every second attempt fails after the provider may have billed it. */
function failEverySecond(request: ModelRequest, count: number): Move {
  if (count % 2 === 0) return spend(request, count);
  return {
    failure: {
      kind: 'cut_off',
      message: 'the answer broke off (pretended)',
      isRetryable: true,
      retryAfterMs: 1,
      mayHaveBilled: true,
      usage: null,
    },
  };
}

const one: Omit<SpendPath, 'name' | 'says'> = {
  items: 1,
  tasks: 1,
  role: 'spender',
  turns: manyTurns,
  breaker: 3,
  answer: spend,
  afterwards: 'nothing',
};

export const spendPaths: readonly SpendPath[] = [
  { ...one, name: 'step', says: 'one agent that never ends' },
  { ...one, name: 'side by side', says: 'four developers of one item at once', tasks: 4 },
  { ...one, name: 'items', says: 'three items at once', items: 3 },
  {
    ...one,
    name: 'retried call',
    says: 'every second call fails after it was billed',
    answer: failEverySecond,
  },
  { ...one, name: 'retried step', says: 'a step that fails and starts again', turns: 2, breaker: 1_000 },
  { ...one, name: 'fork', says: 'an item and a fork of it', afterwards: 'fork' },
  { ...one, name: 'replay', says: 'an item that is replayed', afterwards: 'replay' },
  { ...one, name: 'outside agent', says: 'an agent of somebody else, through the gateway', role: 'outsider' },
];
