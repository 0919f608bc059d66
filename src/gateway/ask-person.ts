/**
 * The tools `ask` and `decline`: well-formed or told what is missing, answered by memory where a decision binds, else asked. They
 * touch no cell. After a crash the question itself says whether it was asked and what came of it.
 */
import type { AskingTool } from '../permissions/tool-name.ts';
import type { ToolCallPart } from './model.ts';
import type { AskState, QuestionDoor, Waiting } from './question-door.ts';
import type { TapeState } from './tape.ts';
import type { TapeEvent } from './tape-event.ts';
import { done, problem, type ToolOutput } from './tool-output.ts';

export interface AskedCall {
  people: QuestionDoor;
  tape: TapeState;
  tool: AskingTool;
  call: ToolCallPart;
}

export type Consulted =
  /** Nobody needs to be asked: what the agent is told, and what belongs to the same fact. */
  | { kind: 'told'; output: ToolOutput; beside: TapeEvent[] }
  /** To be done once the intent is on the tape. */
  | { kind: 'ask'; open: () => Promise<AskState> };

/** Everything that can be said without asking anybody. */
export async function consult({ people, tape, tool, call }: AskedCall): Promise<Consulted> {
  const wasAsked = isInDoubt(tape, call.id);
  const read = await people.read(tool, call.input, wasAsked);
  if (!read.ok) {
    const lines = read.missing.map((line) => `- ${line}`).join('\n');
    return { kind: 'told', output: problem(`nobody was asked; put this right first:\n${lines}`), beside: [] };
  }
  // Memory was looked into before the intent; what it holds now may be the answer to this very call, which says more.
  const binding = wasAsked ? null : await people.recall(read);
  if (binding) {
    const { decision, statement } = binding;
    const output = done(`Decision ${decision} holds: ${statement}\nNobody was asked.`);
    const beside: TapeEvent[] = [{ kind: 'memory.answered', data: { call: call.id, id: decision } }];
    return { kind: 'told', output, beside };
  }
  return { kind: 'ask', open: () => people.open(call.id, read) };
}

export function isInDoubt({ inDoubt }: TapeState, call: string): boolean {
  return inDoubt?.kind === 'tool' && inDoubt.call === call;
}

export function waitingFor(call: string, { ask, mode, of }: Extract<AskState, { isOpen: true }>): Waiting {
  return { type: 'waiting', ask, call, mode, of };
}
