/**
 * Finds out from a conversation alone where its script stands, by playing it again along what was said and returned.
 * Holds nothing between calls: a crash, a restart or another process makes no difference.
 */
import type {
  AssistantPart,
  ModelMessage,
  ModelRequest,
  Seat,
  ToolCallPart,
  ToolResultPart,
} from '../model.ts';
import { findScript } from './find-script.ts';
import { type CallResult, ScriptPlayer, type Turn } from './play-script.ts';
import type { Scenario } from './scenario.ts';

/** The agent's next turn. Where nothing fits it ends the turn and says why. */
export function decideTurn(scenario: Scenario, request: Pick<ModelRequest, 'messages' | 'seat'>): Turn {
  const { messages, seat } = request;
  const prompt = textOf(messages[0]);
  const script = findScript(scenario, seat, prompt);
  if (script === undefined)
    return lastWords(`the scenario "${scenario.name}" has no script for ${describeSeat(seat)}`);
  const player = new ScriptPlayer(script, startValues(seat, prompt));
  let turn = player.nextTurn();
  for (const [index, message] of messages.entries()) {
    if (message.role !== 'assistant') continue;
    const calls = message.content.filter(isCall);
    if (!hasSameTools(turn, calls)) {
      return lastWords(`this conversation is not the one that the script "${script.name}" leads`);
    }
    player.seeResults(resultsOf(calls, messages.slice(index + 1)));
    turn = player.nextTurn();
  }
  return turn;
}

function startValues(seat: Seat, prompt: string): Map<string, string> {
  return new Map([
    ['prompt', prompt],
    ['seat.project', seat.project],
    ['seat.item', String(seat.item)],
    ['seat.title', seat.itemTitle],
    ['seat.role', seat.role],
    ['seat.step', seat.step],
    ['seat.task', seat.task ?? ''],
    ['seat.round', String(seat.round)],
  ]);
}

function hasSameTools(turn: Turn, calls: readonly ToolCallPart[]): boolean {
  return (
    turn.calls.length === calls.length && turn.calls.every((call, index) => call.tool === calls[index]?.tool)
  );
}

function resultsOf(
  calls: readonly ToolCallPart[],
  following: readonly ModelMessage[],
): (CallResult | undefined)[] {
  const end = following.findIndex((message) => message.role === 'assistant');
  const results = following
    .slice(0, end < 0 ? following.length : end)
    .flatMap((message): ToolResultPart[] =>
      message.role === 'user' ? message.content.filter((part) => part.type === 'tool_result') : [],
    );
  return calls.map((call) => results.find((result) => result.id === call.id));
}

function textOf(message: ModelMessage | undefined): string {
  if (message?.role !== 'user') return '';
  return message.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

function isCall(part: AssistantPart): part is ToolCallPart {
  return part.type === 'tool_call';
}

function describeSeat(seat: Seat): string {
  const task = seat.task === null ? '' : `, task ${seat.task}`;
  return `a ${seat.role} of item ${seat.item} "${seat.itemTitle}"${task}, round ${seat.round}`;
}

function lastWords(reason: string): Turn {
  return { text: `I give up: ${reason}.`, calls: [] };
}
