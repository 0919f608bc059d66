/**
 * Asking people for an agent that cannot wait within a call: the call has its result at once, the tape names what was asked, and
 * the answer is heard between the agent's turns. What a person has to approve is done then too, and never in the middle of a turn.
 * One thing at a time, as with every agent.
 */
import { hashJson } from '../base/json.ts';
import { judgeToolCall } from '../capabilities/judge-tool-call.ts';
import { isAskingTool } from '../permissions/tool-name.ts';
import { waitingFor } from './ask-person.ts';
import { callTool, finished, record, refuse, stoppedResult, type ToolDoor } from './call-tool.ts';
import type { ToolCallPart, ToolResultPart } from './model.ts';
import type { Waiting, WellFormed } from './question-door.ts';
import type { TapedAsk } from './tape.ts';
import { makeStorable } from './tape-codec.ts';
import type { TapeEvent } from './tape-event.ts';
import { done } from './tool-output.ts';

const whatNow =
  'finish what does not depend on it, then end your turn: you are taken up again with the answer';

/** @throws as callTool does. */
export async function callToolAtOnce(door: ToolDoor, call: ToolCallPart): Promise<ToolResultPart> {
  if (!isAskingTool(call.tool) && !needsYes(door, call)) return callNow(door, call);
  const open = await findOpen(door);
  if (open === null || open.call === keyOf(door, call)) return callNow(door, call);
  const reason = `${open.ask} is not answered yet, and one question is asked at a time; ${whatNow}`;
  return refuse(door, call, { decision: 'deny', rule: 'one question at a time', reason });
}

/** In the middle of a turn: what has been answered is heard, and nothing that was approved is done. */
async function findOpen(door: ToolDoor): Promise<Pick<TapedAsk, 'call' | 'ask'> | null> {
  const first = door.writer.tape.asks.find(({ answer }) => answer === null);
  return first?.action ? first : hearAnswers(door);
}

/**
 * Between two turns: what people have said since goes on the tape, what they have approved is done, and a call that was cut off by a
 * crash is finished first: its question is found again. The one that is still open; null: none is.
 * @throws as callTool does.
 */
export async function hearAnswers(door: ToolDoor): Promise<Waiting | null> {
  await finishCutCall(door);
  for (const asked of door.writer.tape.asks) {
    if (asked.answer !== null) continue;
    const { call, action } = asked;
    // Made as it was asked for, an approved call waits on, is refused or is carried out; what comes of it is its answer.
    const heard =
      action === null
        ? await hearQuestion(door, asked)
        : await callTool(door, { type: 'tool_call', id: call, ...action });
    if (heard?.type === 'waiting') return heard;
  }
  return null;
}

async function hearQuestion({ people, writer }: ToolDoor, { call, ask }: TapedAsk): Promise<Waiting | null> {
  if (people === null) return null;
  const state = await people.stateOf(ask);
  if (state.isOpen) return waitingFor(call, state);
  await writer.write([{ kind: 'people.answered', data: { call, ask, text: state.text } }]);
  return null;
}

function needsYes({ approvals, role, deliverables }: ToolDoor, { tool, input }: ToolCallPart): boolean {
  return approvals !== null && judgeToolCall({ role, tool, input, deliverables }).decision === 'ask';
}

/** Its client is gone with the run that was cut off, so nobody makes it again. */
async function finishCutCall(door: ToolDoor): Promise<void> {
  const doubt = door.writer.tape.inDoubt;
  if (doubt?.kind !== 'tool') return;
  const { call, tool, input } = doubt;
  await callNow(door, { type: 'tool_call', id: call, tool, input: input ?? {} });
}

async function callNow(door: ToolDoor, call: ToolCallPart): Promise<ToolResultPart> {
  const { people } = door;
  const key = keyOf(door, call);
  const byKey = people && {
    ...people,
    open: (_: string, question: WellFormed) => people.open(key, question),
  };
  const named = needsYes(door, call) ? { ...call, id: key } : call;
  const answer = await callTool({ ...door, people: byKey }, named);
  return answer.type === 'waiting' ? answerLater(door, call, { ...answer, call: key }) : answer;
}

/**
 * Clients number their calls anew in every session. What is asked in the same words is the same question: after a cut nobody is
 * asked twice. A yes is for one time, so what was approved once and is wanted again has a name of its own.
 */
function keyOf({ redactor, writer }: ToolDoor, { tool, input }: ToolCallPart): string {
  const words = `same-${hashJson(redactor.redactJson(makeStorable({ tool, input }))).slice(0, 24)}`;
  if (isAskingTool(tool)) return words;
  const before = writer.tape.asks.filter(({ call, answer }) => call.startsWith(words) && answer !== null);
  return `${words}-${before.length + 1}`;
}

/** Of what waits for a yes nothing was begun: the tape says only what was asked for. */
async function answerLater(
  door: ToolDoor,
  call: ToolCallPart,
  { ask, call: key, of }: Waiting,
): Promise<ToolResultPart> {
  const { tool, input } = door.redactor.redactJson(makeStorable(call));
  const action = isAskingTool(tool) ? null : { tool, input };
  const isKnown = door.writer.tape.asks.some((each) => each.call === key);
  const asked: TapeEvent[] = isKnown ? [] : [{ kind: 'people.asked', data: { call: key, ask, action } }];
  if (action === null) {
    const whom = of ?? 'whoever is to decide it';
    const told = finished(call, done(`asked ${ask} of ${whom}; it is answered later; ${whatNow}`), 0);
    return record(door, call, [...asked, told]);
  }
  if (!isKnown && (await door.writer.write(asked)).outcome !== 'written') return stoppedResult(door, call);
  const output = `not done yet: it needs the yes of people, who are asked as ${ask}. Once they have said yes it is done exactly as you asked, after your turn; do not do it in another way; ${whatNow}`;
  return { type: 'tool_result', id: call.id, tool, output, isError: false };
}
