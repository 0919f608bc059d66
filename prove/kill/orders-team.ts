/**
 * What the model says in the kill suites: a pure function of the conversation as it is on the wire, so that whoever
 * asks again after a death gets on with the work. A move whose tool call was interrupted is made again.
 */
import type { DoubleAnswer, DoubleMessage, DoubleRequest } from '../../test/doubles/model-protocol.ts';
import { type OrdersBrief, ordersBriefs } from './orders-project.ts';

export interface OrdersSeat {
  brief: OrdersBrief;
  role: string;
  /** `T1`, `T2`; null outside the plan. */
  task: string | null;
  isRework: boolean;
}

type Call = { name: string; input: Record<string, unknown> };
/** The tool calls of one reply. */
type Move = readonly Call[];

export function readSeat(request: DoubleRequest): OrdersSeat {
  const role = /^You are the (\S+) of a software team\./.exec(request.system)?.[1] ?? '';
  const asked = request.messages.find(({ role: from }) => from === 'user')?.text ?? '';
  const title = /^# Brief: (.+)$/m.exec(asked)?.[1] ?? '';
  const brief = ordersBriefs.find((each) => each.title === title);
  if (!brief || role === '') throw new Error(`nobody plays the role "${role}" on "${title}"`);
  return {
    brief,
    role,
    task: /^# Your task: (\S+) /m.exec(asked)?.[1] ?? null,
    isRework: role === 'developer' && asked.includes('# What was found wrong'),
  };
}

/** `serial` marks the reply, so that it can be found on a tape: in the ids of its calls, or in its last words. */
export function playOrders(request: DoubleRequest, serial: number): DoubleAnswer {
  const seat = readSeat(request);
  const made = countMovesMade(request.messages);
  const move = movesOf(seat)[made];
  if (!move) return { text: `The ${seat.role} is done. (reply ${serial})` };
  return {
    toolCalls: move.map(({ name, input }, index) => ({
      id: `toolu_${serial}_${made}_${index}`,
      name,
      input,
    })),
  };
}

/** The serial of the reply that a text (a reply as JSON) carries. */
export function findSerial(text: string): number | null {
  const found = /\(reply (\d+)\)|"toolu_(\d+)_\d+_\d+"/.exec(text);
  return found ? Number(found[1] ?? found[2]) : null;
}

function movesOf(seat: OrdersSeat): readonly Move[] {
  const { folder, isBrokenFirst } = seat.brief;
  const look: Call = { name: 'read', input: { path: 'orders.txt' } };
  const check: Call = { name: 'run', input: { argv: ['sh', 'check.sh'] } };
  switch (seat.role) {
    case 'planner':
      return [[deliver('plan.json', planOf(folder))]];
    case 'developer': {
      const isBroken = isBrokenFirst && seat.task === 'T1' && !seat.isRework;
      const file = `${folder}/${seat.isRework ? 'T1' : seat.task}.txt`;
      return [[look, write(file, `${folder} ${isBroken ? 'BROKEN' : 'works'}\n`)], [check]];
    }
    case 'tester':
      return [[write(`${folder}/test/cases.txt`, `${folder} is tested\n`)]];
    case 'reviewer':
      return [[deliver('verdict.json', { verdict: 'pass', summary: 'as the brief asks', findings: [] })]];
    default:
      return [];
  }
}

function planOf(folder: string) {
  const task = (id: string) => ({
    id,
    title: `part ${id} of ${folder}`,
    instructions: `write ${folder}/${id}.txt`,
    after: [],
  });
  return { summary: 'two independent parts', tasks: [task('T1'), task('T2')] };
}

function write(path: string, content: string): Call {
  return { name: 'write', input: { path, content } };
}

function deliver(name: string, content: object): Call {
  return { name: 'deliver', input: { name, content: JSON.stringify(content) } };
}

function countMovesMade(messages: readonly DoubleMessage[]): number {
  const interrupted = new Set(
    messages
      .flatMap(({ toolResults }) => toolResults)
      .filter(({ output }) => output.includes('outcome unknown'))
      .map(({ id }) => id),
  );
  return messages.filter(
    ({ role, toolCalls }) =>
      role === 'assistant' && toolCalls.length > 0 && !toolCalls.some(({ id }) => interrupted.has(id)),
  ).length;
}
