/**
 * Asking people for an agent that cannot wait within a call: the call has its result at once, the tape names the question, and the
 * answer is heard between the agent's turns. One question at a time, as with every agent.
 */
import { hashJson } from '../base/json.ts';
import { isAskingTool } from '../permissions/tool-name.ts';
import { waitingFor } from './ask-person.ts';
import { callTool, finished, record, refuse, type ToolDoor } from './call-tool.ts';
import type { ToolCallPart, ToolResultPart } from './model.ts';
import type { Waiting, WellFormed } from './question-door.ts';
import { makeStorable } from './tape-codec.ts';
import { done } from './tool-output.ts';

const whatNow =
  'finish what does not depend on it, then end your turn: you are taken up again with the answer';

/** @throws as callTool does. */
export async function callToolAtOnce(door: ToolDoor, call: ToolCallPart): Promise<ToolResultPart> {
  if (!isAskingTool(call.tool)) return callNow(door, call);
  const open = await hearAnswers(door);
  if (open === null || open.call === keyOf(door, call)) return callNow(door, call);
  const reason = `${open.ask} is not answered yet, and one question is asked at a time; ${whatNow}`;
  return refuse(door, call, { decision: 'deny', rule: 'one question at a time', reason });
}

/**
 * What people have said since goes on the tape, and a call that was cut off by a crash is finished first: its question is found
 * again. The one that is still open; null: none is.
 */
export async function hearAnswers(door: ToolDoor): Promise<Waiting | null> {
  const { people, writer } = door;
  await finishCutCall(door);
  for (const { call, ask, answer } of writer.tape.asks) {
    if (people === null || answer !== null) continue;
    const state = await people.stateOf(ask);
    if (state.isOpen) return waitingFor(call, state);
    await writer.write([{ kind: 'people.answered', data: { call, ask, text: state.text } }]);
  }
  return null;
}

/** Its client is gone with the run that was cut off, so nobody makes it again. */
async function finishCutCall(door: ToolDoor): Promise<void> {
  const doubt = door.writer.tape.inDoubt;
  if (doubt?.kind !== 'tool' || !isAskingTool(doubt.tool)) return;
  await callNow(door, { type: 'tool_call', id: doubt.call, tool: doubt.tool, input: doubt.input ?? {} });
}

async function callNow(door: ToolDoor, call: ToolCallPart): Promise<ToolResultPart> {
  const { people } = door;
  const key = keyOf(door, call);
  const byKey = people && {
    ...people,
    open: (_: string, question: WellFormed) => people.open(key, question),
  };
  const answer = await callTool({ ...door, people: byKey }, call);
  return answer.type === 'waiting' ? answerLater(door, call, answer) : answer;
}

/**
 * Clients number their calls anew in every session. What is asked in the same words is the same question: after a cut nobody is
 * asked twice.
 */
function keyOf({ redactor }: ToolDoor, { tool, input }: ToolCallPart): string {
  return `same-${hashJson(redactor.redactJson(makeStorable({ tool, input }))).slice(0, 24)}`;
}

async function answerLater(
  door: ToolDoor,
  call: ToolCallPart,
  { ask, of }: Waiting,
): Promise<ToolResultPart> {
  const key = keyOf(door, call);
  const isKnown = door.writer.tape.asks.some((each) => each.call === key);
  const whom = of ?? 'whoever is to decide it';
  const told = finished(call, done(`asked ${ask} of ${whom}; it is answered later; ${whatNow}`), 0);
  return record(door, call, isKnown ? [told] : [{ kind: 'people.asked', data: { call: key, ask } }, told]);
}
