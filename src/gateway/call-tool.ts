/**
 * One tool call of an agent: judged, recorded as intent, run in the cell, recorded with its result. A refused call runs
 * nothing and is recorded too. `deliver` is one atomic fact, so it can never be in doubt.
 */
import type { Clock } from '../base/clock.ts';
import { canonicalJson } from '../base/json.ts';
import { judgeToolCall, type ToolVerdict } from '../capabilities/judge-tool-call.ts';
import type { Cell } from '../cells/cell.ts';
import type { ControlDoor } from '../controls/control-door.ts';
import type { Journal } from '../journal/journal.ts';
import { type AskingTool, askingTools, type CellTool, cellTools } from '../permissions/tool-name.ts';
import type { Redactor } from '../secrets/redactor.ts';
import type { Role } from '../teams/team.ts';
import { aboutInput } from './about-input.ts';
import type { ApprovalDoor } from './approval-door.ts';
import { consult, isInDoubt, waitingFor } from './ask-person.ts';
import { whyLeftOut } from './bound-reply.ts';
import { type CallLimits, waitForTool } from './call-limits.ts';
import { findOutEdit, foreseeEdit } from './edit-file.ts';
import type { ToolCallPart, ToolResultPart } from './model.ts';
import type { QuestionDoor, Waiting } from './question-door.ts';
import { runTool } from './run-tool.ts';
import { findToolResult } from './tape.ts';
import { makeStorable } from './tape-codec.ts';
import type { TapeEvent } from './tape-event.ts';
import type { TapeWriter } from './tape-writer.ts';
import { done, type ToolOutput } from './tool-output.ts';

export interface ToolDoor {
  writer: TapeWriter;
  journal: Pick<Journal, 'putBlob'>;
  role: Role;
  deliverables: readonly string[];
  /** What is wrong with an artifact; empty: nothing. */
  checkDeliverable: (name: string, content: string) => string[];
  /** Null: nobody hears what this seat asks. */
  people: QuestionDoor | null;
  /** Null: nobody can be asked for a yes from this seat. */
  approvals: ApprovalDoor | null;
  cell: Cell;
  clock: Clock;
  limits: CallLimits;
  redactor: Redactor;
  controls: ControlDoor;
  signal: AbortSignal;
}

/** What a call came to, or who is asked before it comes to anything. */
export type ToolAnswer = ToolResultPart | Waiting;

/**
 * A call that the tape already answers is not run again. After the loss of the stream nothing runs; the result says so and
 * exists only in memory.
 * @throws the signal's reason when the agent is killed; the call is then in doubt. HeldError before anything ran.
 */
export async function callTool(door: ToolDoor, asked: ToolCallPart): Promise<ToolAnswer> {
  const { writer, role, deliverables, signal } = door;
  const call = door.redactor.redactJson(makeStorable(asked));
  const recorded = findToolResult(writer.tape, call.id);
  if (recorded) return recorded;
  signal.throwIfAborted();
  door.controls.assertOpen();

  const leftOut = whyLeftOut(call.input);
  const verdict: ToolVerdict =
    leftOut === null
      ? judgeToolCall({ role, tool: call.tool, input: call.input, deliverables, mayAsk: mayAsk(door) })
      : { decision: 'deny', rule: 'input', reason: leftOut };
  const mayBeApproved = verdict.decision === 'ask' && door.approvals !== null;
  if (verdict.decision !== 'allow' && !mayBeApproved) return refuse(door, call, verdict);
  await waitForTool({ ...door, signal: AbortSignal.any([signal, door.controls.held]) }, call.tool);
  const passed = mayBeApproved ? await passPeople(door, call, verdict) : { call, rule: verdict.rule };
  if ('type' in passed) return passed;
  return carryOut(door, passed);
}

async function carryOut(door: ToolDoor, allowed: AllowedCall): Promise<ToolAnswer> {
  const { call } = allowed;
  const asking = askingTools.find((name) => name === call.tool);
  if (asking && door.people) return askPerson(door, allowed, { tool: asking, people: door.people });
  const tool = cellTools.find((name) => name === call.tool);
  return tool === undefined ? deliver(door, allowed) : runInCell(door, allowed, tool);
}

/** An agent that was seated before there was somebody to ask goes on without. */
function mayAsk({ people, writer }: ToolDoor): boolean {
  return people !== null && askingTools.some((tool) => writer.tape.offered.includes(tool));
}

/** A call and the rule that allowed it. */
interface AllowedCall {
  call: ToolCallPart;
  rule: string;
  /** `A-2`: the approval that it used up. */
  approval?: string;
}

export async function refuse(
  door: ToolDoor,
  call: ToolCallPart,
  { decision, rule, reason }: Pick<ToolVerdict, 'decision' | 'rule' | 'reason'>,
): Promise<ToolResultPart> {
  const { id, tool, input } = call;
  const hint = decision === 'ask' ? ', and nobody can be asked from here; go on without it' : '';
  const output = `refused: ${reason}${hint}`;
  return record(door, call, [{ kind: 'tool.call_refused', data: { id, tool, input, rule, reason, output } }]);
}

/** The yes of people: the call may be carried out, once; or it waits for them; or it has its result. */
async function passPeople(
  door: ToolDoor,
  call: ToolCallPart,
  { rule, tier = '' }: ToolVerdict,
): Promise<ToolAnswer | AllowedCall> {
  const passage = await door.approvals?.pass(call, { rule, tier });
  switch (passage?.state) {
    case 'passed':
      return { call, rule, approval: passage.ask };
    case 'waits':
      return { type: 'waiting', ask: passage.ask, call: call.id, mode: 'wait', of: null };
    case 'unknown': {
      const output = `interrupted, outcome unknown: ${call.tool} was approved as ${passage.ask} and may or may not have taken effect; look before you ask for it again`;
      const intended: TapeEvent = {
        kind: 'tool.call_intended',
        data: intentOf(door, { call, rule, approval: passage.ask }),
      };
      const told = finished(call, { output, isError: true }, 0);
      return record(door, call, isInDoubt(door.writer.tape, call.id) ? [told] : [intended, told]);
    }
    case 'refused':
    case undefined:
      return refuse(door, call, { decision: 'deny', rule, reason: passage?.why ?? 'nobody can be asked' });
  }
}

async function runInCell(door: ToolDoor, allowed: AllowedCall, tool: CellTool): Promise<ToolResultPart> {
  const { call } = allowed;
  const { writer, cell, role, signal, clock } = door;
  const { id, input } = call;
  const doubt = writer.tape.inDoubt;
  if (doubt?.kind === 'tool' && doubt.call === id) {
    const found = tool === 'edit' ? await findOutEdit(cell, input, doubt.expects) : null;
    if (found) return record(door, call, [finished(call, found, 0)]);
  } else {
    const expects = tool === 'edit' ? await foreseeEdit(cell, input) : null;
    const intended: TapeEvent = {
      kind: 'tool.call_intended',
      data: { ...intentOf(door, allowed), ...(expects && { expects }) },
    };
    if ((await writer.write([intended])).outcome !== 'written') return stoppedResult(door, call);
  }
  const startedMs = clock.monotonicMs();
  const result = await runTool({ tool, input, cell, role, redactor: door.redactor, signal });
  signal.throwIfAborted();
  const durationMs = Math.round(clock.monotonicMs() - startedMs);
  return record(door, call, [finished(call, result, durationMs)]);
}

/** The intent stands alone on the tape while somebody is asked: with it a run that is taken up again finds the answer. */
async function askPerson(
  door: ToolDoor,
  allowed: AllowedCall,
  { tool, people }: { tool: AskingTool; people: QuestionDoor },
): Promise<ToolAnswer> {
  const { call } = allowed;
  const { writer } = door;
  const intended: TapeEvent = { kind: 'tool.call_intended', data: intentOf(door, allowed) };
  const isBegun = isInDoubt(writer.tape, call.id);
  const consulted = await consult({ people, tape: writer.tape, tool, call });
  if (consulted.kind === 'told') {
    const told = [...consulted.beside, finished(call, consulted.output, 0)];
    return record(door, call, isBegun ? told : [intended, ...told]);
  }
  if (!isBegun && (await writer.write([intended])).outcome !== 'written') return stoppedResult(door, call);
  const state = await consulted.open();
  if (state.isOpen) return waitingFor(call.id, state);
  return record(door, call, [finished(call, done(state.text), 0)]);
}

async function deliver(door: ToolDoor, allowed: AllowedCall): Promise<ToolResultPart> {
  const { call } = allowed;
  const { input } = call;
  const name = String(input.name);
  const content = String(input.content);
  const intended: TapeEvent = { kind: 'tool.call_intended', data: intentOf(door, allowed) };
  const problems = door.checkDeliverable(name, content);
  if (problems.length > 0) {
    const output = `${name} was not accepted:\n${problems.map((line) => `- ${line}`).join('\n')}`;
    return record(door, call, [intended, finished(call, { output, isError: true }, 0)]);
  }
  const bytes = Buffer.from(content);
  const hash = await door.journal.putBlob(bytes);
  const result = { output: `${name} delivered`, isError: false };
  return record(door, call, [
    intended,
    { kind: 'artifact.delivered', data: { name, hash, bytes: bytes.length } },
    finished(call, result, 0),
  ]);
}

/** What the reply on the tape says is not said twice. */
function intentOf({ writer }: ToolDoor, { call, rule, approval }: AllowedCall) {
  const { id, tool, input } = call;
  const asking = writer.tape.messages.findLast(({ role }) => role === 'assistant');
  const asked = asking?.content.find((part) => part.type === 'tool_call' && part.id === id);
  const isOnTape = asked?.type === 'tool_call' && canonicalJson(asked.input) === canonicalJson(input);
  return {
    id,
    tool,
    rule,
    about: aboutInput(input),
    input: isOnTape ? null : input,
    ...(approval && { approval }),
  };
}

export function finished(call: ToolCallPart, result: ToolOutput, durationMs: number): TapeEvent {
  return { kind: 'tool.call_finished', data: { id: call.id, tool: call.tool, ...result, durationMs } };
}

/** The result as it is on the tape, so that what the loop sees is what a replay sees. */
export async function record(
  door: ToolDoor,
  call: ToolCallPart,
  events: TapeEvent[],
): Promise<ToolResultPart> {
  const written = await door.writer.write(events);
  const recorded = written.outcome === 'written' ? findToolResult(door.writer.tape, call.id) : undefined;
  return recorded ?? stoppedResult(door, call);
}

/** Keeps a loop that works from the tape moving to its next model call, which then says `fenced`. */
export function stoppedResult(door: ToolDoor, call: ToolCallPart): ToolResultPart {
  const result = { output: 'stopped: another worker has taken over this agent', isError: true };
  door.writer.showOnly([finished(call, result, 0)]);
  return { type: 'tool_result', id: call.id, tool: call.tool, ...result };
}
