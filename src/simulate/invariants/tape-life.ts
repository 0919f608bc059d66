/**
 * An agent's tape makes sense, said without the product's fold: one thing at a time, every result after its intent and once,
 * nothing after the end. And a pause holds: an agent of an item that does not run soon asks for nothing more.
 */
import { itemStream } from '../../items/item-stream.ts';
import type { StoredEvent, StreamId } from '../../journal/event.ts';
import { simulatedProject } from '../simulated-team.ts';
import type { CreateWatcher, Watched } from '../watch.ts';

interface Tape {
  /** `model` or `tool` and its id; null: nothing is under way. */
  open: string | null;
  /** Tool calls answered since the last reply. */
  answered: Set<string>;
  isSeated: boolean;
  isFinished: boolean;
  /** Model calls begun since its item stopped running. */
  callsInPause: number;
}

/** What may be under way, or not yet know of the pause. */
const mostCallsInPause = 3;

export const watchTapes: CreateWatcher = (watched) => {
  const tapes = new Map<StreamId, Tape>();
  // Where the answer to the pause itself is late, so is everybody's knowledge of it.
  const isPrompt = !watched.plan.faults.some(({ kind }) => kind === 'delay' || kind === 'slowStorage');
  return {
    onEvent(event) {
      if (!event.stream.startsWith('agent:')) return;
      const tape = tapes.get(event.stream) ?? newTape();
      tapes.set(event.stream, tape);
      const problem = follow(tape, event) ?? (isPrompt ? findCallInPause(tape, event, watched) : null);
      if (problem) watched.violate('tape life', `${event.stream} ${event.version} ${event.kind}: ${problem}`);
    },
  };
};

function newTape(): Tape {
  return { open: null, answered: new Set(), isSeated: false, isFinished: false, callsInPause: 0 };
}

function follow(tape: Tape, { kind, data }: StoredEvent): string | null {
  if (tape.isFinished) return 'the agent has ended';
  if (!tape.isSeated && kind !== 'agent.seated') return 'nobody sits here';
  switch (kind) {
    case 'agent.seated': {
      const isAgain = tape.isSeated;
      tape.isSeated = true;
      return isAgain ? 'somebody sits here' : null;
    }
    case 'model.call_intended':
      return begin(tape, `model ${String(data.call)}`);
    case 'model.call_finished':
      tape.answered.clear();
      return end(tape, `model ${String(data.call)}`);
    case 'model.call_failed':
      return end(tape, `model ${String(data.call)}`);
    case 'tool.call_intended':
      return begin(tape, `tool ${String(data.id)}`);
    case 'tool.call_finished':
      return end(tape, `tool ${String(data.id)}`) ?? answer(tape, String(data.id));
    case 'tool.call_refused':
      return answer(tape, String(data.id));
    case 'agent.finished':
      tape.isFinished = true;
      return tape.open?.startsWith('model') ? `${tape.open} is under way` : null;
    default:
      return null;
  }
}

function begin(tape: Tape, key: string): string | null {
  const before = tape.open;
  tape.open = key;
  return before === null ? null : `${before} is under way`;
}

function end(tape: Tape, key: string): string | null {
  const before = tape.open;
  tape.open = null;
  return before === key ? null : `${before ?? 'nothing'} is under way`;
}

function answer(tape: Tape, id: string): string | null {
  if (tape.answered.has(id)) return `${id} was answered before`;
  tape.answered.add(id);
  return null;
}

function findCallInPause(tape: Tape, { stream, kind }: StoredEvent, { items }: Watched): string | null {
  if (kind !== 'model.call_intended') return null;
  const number = Number(stream.split('/')[1]);
  const status = items.get(itemStream(simulatedProject, number))?.status;
  tape.callsInPause = status === 'running' ? 0 : tape.callsInPause + 1;
  return tape.callsInPause > mostCallsInPause ? `item ${number} is ${status}` : null;
}
