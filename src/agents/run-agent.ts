/**
 * Our own agent loop: asks the model, runs the tool calls it makes, until it ends its turn and owes nothing. It holds
 * no state of its own: every round starts from the tape, so a run that was cut off goes on from what is recorded.
 */
import { formatUsd } from '../base/money.ts';
import type { AgentGateway } from '../gateway/agent-gateway.ts';
import type { AssistantPart, ModelMessage, ToolCallPart } from '../gateway/model.ts';
import type { Waiting } from '../gateway/question-door.ts';
import type { TapeState } from '../gateway/tape.ts';
import { cutMiddle } from '../gateway/tool-output.ts';
import type { LedgerRefusal } from '../journal/unit.ts';
import { nudge, type Prompt } from './assemble-prompt.ts';
import { describeRepetition, judgeRepetition, type Repetition } from './find-repetition.ts';

export interface RunAgentRequest {
  gateway: AgentGateway;
  prompt: Prompt & { madeFrom: string | null };
  /** Artifacts without which the run has failed. */
  deliverables: readonly string[];
  effort: 'low' | 'medium' | 'high' | null;
  maxOutputTokens: number;
  /** Model calls, retries not counted. */
  maxTurns: number;
  /** How often it may do the same with the same result before it is told. */
  repetitions: number;
  signal: AbortSignal;
}

export type AgentOutcome =
  | { outcome: 'done'; summary: string }
  /** Nothing was called; with room in the account it goes on from the tape. */
  | { outcome: 'ceiling'; message: string; refusal: LedgerRefusal }
  | { outcome: 'model_failed' | 'model_refused'; message: string }
  | { outcome: 'turn_limit' | 'repetition' | 'command_failed'; message: string }
  /** No model that it may use is to be had before `until` (ISO time). */
  | { outcome: 'postponed'; message: string; until: string }
  | { outcome: 'artifact_missing'; message: string }
  /** A person is asked; with the answer it goes on from the tape. */
  | { outcome: 'waiting'; message: string; waiting: Waiting }
  | { outcome: 'fenced'; message: string };

const maxNudges = 2;
/** Characters; a summary stands in an event and in a commit, and the whole of it is on the tape. */
const longestSummary = 10_000;

export async function runAgent(request: RunAgentRequest): Promise<AgentOutcome> {
  const { gateway, prompt, signal } = request;
  const opening = openingOf(prompt);
  for (;;) {
    signal.throwIfAborted();
    const last = gateway.tape.messages.at(-1);
    if (last?.role === 'assistant') {
      const calls = last.content.filter(isToolCall);
      if (calls.length > 0) {
        const waiting = await answerToolCalls(gateway, calls, signal);
        if (waiting) return waitingOutcome(waiting);
        continue;
      }
      const ending = judgeEnding(request, textOf(last.content));
      if (ending) return ending;
    } else {
      const unanswered = unansweredCalls(gateway.tape.messages);
      if (unanswered.length > 0) {
        const waiting = await answerToolCalls(gateway, unanswered, signal);
        if (waiting) return waitingOutcome(waiting);
        continue;
      }
    }
    if (turnsOf(gateway.tape.messages) >= request.maxTurns) {
      return {
        outcome: 'turn_limit',
        message: `ended after ${request.maxTurns} model calls without finishing`,
      };
    }
    const repeated = judgeRepetition(gateway.tape.messages, request.repetitions);
    if (repeated.kind === 'end') return endOfRepetition(gateway.tape, repeated.repetition);
    if (repeated.kind === 'tell') await gateway.tell({ about: 'repetition', text: repeated.text });
    await gateway.tellBudget();
    const answer = await gateway.callModel({
      system: prompt.system,
      messages: conversation(opening, gateway.tape.messages, request.deliverables),
      maxOutputTokens: request.maxOutputTokens,
      effort: request.effort,
      madeFrom: prompt.madeFrom,
    });
    if (answer.kind === 'refused') {
      return { outcome: 'ceiling', message: answer.message, refusal: answer.refusal };
    }
    if (answer.kind === 'failed') {
      const { kind, message } = answer.failure;
      const isRefused = kind === 'unauthorized' || kind === 'unknown_model';
      return { outcome: isRefused ? 'model_refused' : 'model_failed', message };
    }
    if (answer.kind === 'postponed') {
      return { outcome: 'postponed', message: answer.message, until: answer.until };
    }
    if (answer.kind === 'fenced') return { outcome: 'fenced', message: 'another worker took over' };
  }
}

function endOfRepetition(tape: TapeState, repetition: Repetition): AgentOutcome {
  const { firstReply } = repetition;
  const costMicroUsd = tape.costMicroUsd - (tape.costAfterReply[firstReply - 1] ?? 0);
  return {
    outcome: 'repetition',
    message: `went in circles and did not stop when told: ${describeRepetition(repetition)}; the loop cost ${formatUsd(costMicroUsd)}`,
  };
}

export function openingOf(prompt: Prompt): ModelMessage {
  return { role: 'user', content: [{ type: 'text', text: prompt.firstMessage }] };
}

/** The first message, the tape, and a nudge after every turn that ended too early: a pure function of the tape. */
export function conversation(
  opening: ModelMessage,
  taped: readonly ModelMessage[],
  deliverables: readonly string[],
): ModelMessage[] {
  const messages: ModelMessage[] = [opening];
  for (const message of taped) {
    const last = messages.at(-1);
    // Two messages of one side in a row are one, as providers want them: the reminder, and what the agent was told.
    if (message.role === 'user' && last?.role === 'user') {
      messages[messages.length - 1] = { role: 'user', content: [...last.content, ...message.content] };
    } else messages.push(message);
    if (endsTurn(message)) {
      messages.push({ role: 'user', content: [{ type: 'text', text: nudge(deliverables) }] });
    }
  }
  return messages;
}

/** Null: each has its result. The calls after one that waits are made when it has been answered. */
async function answerToolCalls(
  gateway: AgentGateway,
  calls: ToolCallPart[],
  signal: AbortSignal,
): Promise<Waiting | null> {
  for (const call of calls) {
    signal.throwIfAborted();
    const answer = await gateway.callTool(call);
    if (answer.type === 'waiting') return answer;
  }
  return null;
}

export function waitingOutcome(waiting: Waiting): AgentOutcome {
  return { outcome: 'waiting', message: `waits for the answer to ${waiting.ask}`, waiting };
}

/** Null: the agent still owes something and gets another turn. */
function judgeEnding(request: RunAgentRequest, summary: string): AgentOutcome | null {
  const { tape } = request.gateway;
  const missing = request.deliverables.filter((name) => !Object.hasOwn(tape.delivered, name));
  if (missing.length === 0) return { outcome: 'done', summary: cutMiddle(summary, longestSummary) };
  if (tape.messages.filter(endsTurn).length <= maxNudges) return null;
  return {
    outcome: 'artifact_missing',
    message: `ended without delivering ${missing.join(', ')}; its last words: ${summary.slice(0, 300).toWellFormed() || '(none)'}`,
  };
}

function endsTurn(message: ModelMessage): boolean {
  return message.role === 'assistant' && !message.content.some(isToolCall);
}

function unansweredCalls(messages: readonly ModelMessage[]): ToolCallPart[] {
  const lastAssistant = messages.findLastIndex((message) => message.role === 'assistant');
  if (lastAssistant < 0) return [];
  const answered = new Set(
    messages
      .slice(lastAssistant + 1)
      .flatMap((message) =>
        message.role === 'user'
          ? message.content.flatMap((part) => (part.type === 'tool_result' ? [part.id] : []))
          : [],
      ),
  );
  const assistant = messages[lastAssistant];
  if (assistant?.role !== 'assistant') return [];
  return assistant.content.filter(isToolCall).filter((call) => !answered.has(call.id));
}

function turnsOf(messages: readonly ModelMessage[]): number {
  return messages.filter((message) => message.role === 'assistant').length;
}

function isToolCall(part: AssistantPart): part is ToolCallPart {
  return part.type === 'tool_call';
}

function textOf(content: readonly AssistantPart[]): string {
  return content
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n')
    .trim();
}
