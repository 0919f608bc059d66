/**
 * Synthetic agents: what a planner, a developer, a tester and a reviewer say in one turn. Pure: a function of the
 * conversation and of seeded chance; some are careless, forget what they owe, or never come to an end.
 */
import type { JsonObject } from '../base/json.ts';
import type { ModelRequest } from '../gateway/model.ts';
import type { Random } from './random.ts';

export interface Move {
  text?: string;
  calls?: { tool: string; input: JsonObject }[];
}

export interface BrainWorld {
  /** How often something is written that the check refuses; 0 to 1. */
  carelessness: number;
  /** Number of tasks in the plan of an item. */
  taskCountOf: (item: number) => number;
}

export interface Turn {
  request: ModelRequest;
  /** Replies so far. */
  turn: number;
  /** Of this turn alone. */
  random: Random;
  /** The same in every turn of one run. */
  habits: Random;
}

export function decideMove(world: BrainWorld, turn: Turn): Move {
  switch (turn.request.seat.role) {
    case 'planner':
      return planTasks(world, turn);
    case 'reviewer':
      return giveVerdict(turn);
    case 'tester':
      return writeTests(world, turn);
    default:
      return build(world, turn);
  }
}

export function makePlan(random: Random, taskCount: number): JsonObject {
  const ids = Array.from({ length: taskCount }, (_, index) => `T${index + 1}`);
  return {
    summary: `${taskCount} tasks`,
    tasks: ids.map((id, index) => ({
      id,
      title: `do ${id}`,
      instructions: `write what ${id} needs`,
      after: ids.slice(0, index).filter(() => random.chance(0.35)),
    })),
  };
}

function planTasks(world: BrainWorld, turn: Turn): Move {
  const { request, random, habits } = turn;
  const circle = { id: 'A', title: 'a', instructions: 'a', after: ['A'] };
  if (turn.turn === 0 && random.chance(0.5)) return look(random);
  if (isDelivered(request)) return { text: 'The plan is made.' };
  if (turn.turn < 2 && random.chance(0.1)) return { text: 'I have thought about it.' };
  if (turn.turn < 3 && random.chance(0.1)) return deliver('plan.json', { summary: 's', tasks: [circle] });
  return deliver('plan.json', makePlan(habits, world.taskCountOf(request.seat.item)));
}

function giveVerdict({ request, turn, random }: Turn): Move {
  if (turn < 2 && random.chance(0.6)) return look(random);
  if (isDelivered(request)) return { text: 'I have judged it.' };
  if (random.chance(0.1)) return { text: 'It looks fine to me.' };
  if (random.chance(0.1)) return deliver('verdict.json', { verdict: 'maybe' });
  const isFail = random.chance(request.seat.round === 1 ? 0.25 : 0.08);
  return deliver('verdict.json', {
    verdict: isFail ? 'fail' : 'pass',
    summary: isFail ? 'not yet' : 'good',
    findings: isFail ? [{ message: 'say it more clearly', file: 'a.txt', line: 1 }] : [],
  });
}

function writeTests(world: BrainWorld, { request, turn, random, habits }: Turn): Move {
  const isStray = habits.chance(0.06);
  if (turn === 0) return look(random);
  if (turn === 1 && isStray) return call('shell', { command: 'put a.txt out of my scope' });
  if (turn === 1) {
    const path = `test/item-${request.seat.item}.test.txt`;
    return call('write', { path, content: contentOf(world, request, random) });
  }
  return turn < 3 && random.chance(0.4) ? runCheck() : { text: 'I have tested it.' };
}

function build(world: BrainWorld, turn: Turn): Move {
  const { request, random, habits } = turn;
  if (habits.chance(0.03)) return look(random);
  const length = habits.between(3, 8);
  const isRework = request.messages[0]?.content.some(
    (part) => part.type === 'text' && part.text.includes('# What was found wrong'),
  );
  if (isRework && turn.turn < 3) return repair(turn);
  if (turn.turn === 0 || (turn.turn < length && random.chance(0.4))) return change(world, request, random);
  if (turn.turn >= length) return { text: `Built ${request.seat.task ?? 'it'}.` };
  return random.chance(0.5) ? look(random) : runCheck();
}

/** Looks for what the check refuses, then writes those files anew. */
function repair({ request, turn, random }: Turn): Move {
  if (turn === 0) {
    const calls = ['BROKEN', '<<<<<<<'].map((pattern) => ({ tool: 'grep', input: { pattern } }));
    return { calls };
  }
  const hits = lastOutputs(request)
    .flatMap((output) => output.split('\n'))
    .flatMap((line) => /^([\w./-]+\.txt):\d+: /.exec(line)?.[1] ?? []);
  const paths = [...new Set(hits)];
  if (turn > 1 || paths.length === 0) return { text: 'Put right what was found.' };
  const content = `put right in round ${request.seat.round} by ${random.between(1, 999)}\n`;
  return { calls: paths.map((path) => ({ tool: 'write', input: { path, content } })) };
}

function change(world: BrainWorld, request: ModelRequest, random: Random): Move {
  const { item, task } = request.seat;
  const content = contentOf(world, request, random);
  const path = `src/item-${item}-${task ?? 'work'}.txt`;
  const line = `shared line ${random.between(0, 7)}`;
  const moves: (() => Move)[] = [
    () => call('write', { path, content }),
    () => call('write', { path, content }),
    () => call('shell', { command: `put ${path} by hand ${random.between(1, 99)}` }),
    () =>
      call('edit', { path: 'shared.txt', old_text: `${line}\n`, new_text: `${line} of ${item} ${task}\n` }),
    () => ({
      calls: [
        { tool: 'write', input: { path, content } },
        { tool: 'edit', input: { path, old_text: 'made', new_text: 'built' } },
        { tool: 'run', input: { argv: ['wait', 'wait 40'] } },
      ],
    }),
  ];
  return random.pick(moves)();
}

function contentOf(world: BrainWorld, request: ModelRequest, random: Random): string {
  const share = world.carelessness / request.seat.round;
  const flaw = random.chance(share) ? 'BROKEN\n' : '';
  return `made by ${request.seat.step} in round ${request.seat.round}: ${random.between(1, 9999)}\n${flaw}`;
}

function look(random: Random): Move {
  // What no role may do is refused, and told.
  if (random.chance(0.05)) return call('read', { path: '../outside.txt' });
  return random.pick<Move>([
    call('read', { path: 'a.txt' }),
    call('read', { path: 'nowhere.txt' }),
    call('glob', { pattern: '**/*.txt' }),
    call('grep', { pattern: 'line' }),
  ]);
}

function runCheck(): Move {
  return call('shell', { command: 'sh check.sh' });
}

function call(tool: string, input: JsonObject): Move {
  return { calls: [{ tool, input }] };
}

function deliver(name: string, content: JsonObject): Move {
  return call('deliver', { name, content: JSON.stringify(content) });
}

function isDelivered(request: ModelRequest): boolean {
  return lastOutputs(request).some((output) => output.endsWith(' delivered'));
}

function lastOutputs(request: ModelRequest): string[] {
  const last = request.messages.findLast(
    (message) => message.role === 'user' && message.content.some((part) => part.type === 'tool_result'),
  );
  return (last?.content ?? []).flatMap((part) => (part.type === 'tool_result' ? [part.output] : []));
}
