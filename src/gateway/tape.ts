/**
 * The tape: what an agent said, did and spent, as a pure fold of its events. From it a run that was cut off goes on
 * where it stopped; it knows nothing of providers, cells or the journal.
 */
import type { JsonObject } from '../base/json.ts';
import type { AccountPlan } from '../ledger/account-names.ts';
import { aboutInput } from './about-input.ts';
import type { AssistantPart, ModelMessage, TextPart, ToolResultPart } from './model.ts';
import { applyOutsideEvent, emptyOutsideTape, type OutsideTape } from './outside-event.ts';
import { followRequest, type Thread } from './outside-request.ts';
import type { AgentEnding, AskedAction, ExpectedEdit, RecordedPrompt, TapeEvent } from './tape-event.ts';

export interface TapeState {
  /**
   * Assistant replies and tool results in order; the first user message is not on the tape. Of an outside agent: what it
   * sent last, the first message included, and what it got.
   */
  readonly messages: readonly ModelMessage[];
  /** An outside agent's conversations, the latest last; empty for our own loop. */
  readonly threads: readonly Thread[];
  /** Of an outside agent, beside its model calls; null: none was started. */
  readonly outside: OutsideTape | null;
  /** Attempts of model calls. */
  readonly calls: number;
  /** Charged to this agent so far, failed attempts included. */
  readonly costMicroUsd: number;
  /** What it was after each reply. */
  readonly costAfterReply: readonly number[];
  /** Artifact name → blob hash of its latest version. */
  readonly delivered: Readonly<Record<string, string>>;
  /** An intent without a result: what a crash left behind. */
  readonly inDoubt: InDoubt | null;
  readonly isSeated: boolean;
  /** Names of the tools that it was seated with: a later version offers it no other. */
  readonly offered: readonly string[];
  /** Ids of what it was shown of memory. */
  readonly recalled: readonly string[];
  /** What it asked without waiting for the answer, in order. */
  readonly asks: readonly TapedAsk[];
  /** Paths as they were spelt in the writes and edits that people said yes to. */
  readonly approvedFiles: readonly string[];
  /** What every call must fit in; null: assigned by no event (written before accounts had windows). */
  readonly accounts: readonly AccountPlan[] | null;
  /** Occasions on which the agent was told something. */
  readonly told: readonly string[];
  /** As the first model call had it; null before it. */
  readonly prompt: RecordedPrompt | { whole: string } | null;
  /** Null while it may go on. */
  readonly ending: AgentEnding | null;
}

/** As in `people.asked`; `answer` null: it has not heard it yet. */
export interface TapedAsk {
  call: string;
  ask: string;
  action: AskedAction | null;
  answer: string | null;
}

export type InDoubt =
  | { kind: 'model'; reservation: string; reservedMicroUsd: number }
  /** `input` null: as in the reply that asked for it. */
  | { kind: 'tool'; call: string; tool: string; input: JsonObject | null; expects: ExpectedEdit | null };

export const emptyTape: TapeState = {
  messages: [],
  threads: [],
  outside: null,
  calls: 0,
  costMicroUsd: 0,
  costAfterReply: [],
  delivered: {},
  inDoubt: null,
  isSeated: false,
  offered: [],
  recalled: [],
  asks: [],
  approvedFiles: [],
  accounts: null,
  told: [],
  prompt: null,
  ending: null,
};

export function foldTape(events: Iterable<TapeEvent>, from: TapeState = emptyTape): TapeState {
  let state = from;
  for (const event of events) state = applyTapeEvent(state, event);
  return state;
}

export function applyTapeEvent(state: TapeState, event: TapeEvent): TapeState {
  switch (event.kind) {
    case 'agent.seated':
      return { ...state, isSeated: true, offered: event.data.tools };
    case 'accounts.assigned':
      return { ...state, accounts: event.data.accounts };
    case 'agent.told':
      return withUserPart({ ...state, told: [...state.told, event.data.about] }, event.data);
    case 'prompt.recorded': {
      const { prompt: _, ...recorded } = event.data;
      return { ...state, prompt: state.prompt ?? recorded };
    }
    case 'model.request_recorded': {
      const threads = followRequest(state.threads, event.data);
      return { ...state, threads, messages: threads.at(-1)?.messages ?? [] };
    }
    case 'model.call_intended': {
      const { call, reservedMicroUsd, wholePrompt } = event.data;
      return {
        ...state,
        calls: state.calls + 1,
        prompt: state.prompt ?? (wholePrompt === undefined ? null : { whole: wholePrompt }),
        inDoubt: { kind: 'model', reservation: call, reservedMicroUsd },
      };
    }
    case 'model.call_finished': {
      const costMicroUsd = state.costMicroUsd + event.data.costMicroUsd;
      return {
        ...state,
        inDoubt: null,
        costMicroUsd,
        costAfterReply: [...state.costAfterReply, costMicroUsd],
        messages: [...state.messages, { role: 'assistant', content: event.data.reply }],
        threads: answerThread(state.threads, event.data.reply),
      };
    }
    case 'model.call_failed':
      return { ...state, inDoubt: null, costMicroUsd: state.costMicroUsd + event.data.costMicroUsd };
    case 'model.call_refused':
    case 'model.call_postponed':
    case 'call.delayed':
      return state;
    case 'tool.call_intended':
      return beginTool(state, event.data);
    case 'tool.call_finished':
      return withToolResult(hearResult(state, event.data), event.data, event.data.isError);
    case 'tool.call_refused':
      return withToolResult(hearResult(state, event.data), event.data, true);
    case 'outside.session_started':
    case 'outside.prompted':
    case 'outside.said':
    case 'outside.tool_reported':
    case 'outside.permission_judged':
    case 'outside.turn_ended':
      return { ...state, outside: applyOutsideEvent(state.outside ?? emptyOutsideTape, event) };
    case 'memory.recalled':
      return { ...state, recalled: [...new Set([...state.recalled, ...event.data.ids])] };
    case 'memory.answered':
      return state;
    case 'people.asked':
    case 'people.answered':
      return { ...state, asks: applyAskEvent(state.asks, event) };
    case 'artifact.delivered':
      return { ...state, delivered: { ...state.delivered, [event.data.name]: event.data.hash } };
    case 'agent.finished':
      return { ...state, ending: event.data };
  }
}

function applyAskEvent(
  asks: TapeState['asks'],
  { kind, data }: Extract<TapeEvent, { kind: 'people.asked' | 'people.answered' }>,
): TapeState['asks'] {
  if (kind === 'people.asked') return [...asks, { ...data, answer: null }];
  return asks.map((each) => (each.call === data.call ? { ...each, answer: data.text } : each));
}

function beginTool(
  before: TapeState,
  { id, tool, input, expects, approval }: Extract<TapeEvent, { kind: 'tool.call_intended' }>['data'],
): TapeState {
  const inDoubt: InDoubt = { kind: 'tool', call: id, tool, input, expects: expects ?? null };
  const state: TapeState = { ...before, inDoubt };
  if (approval === undefined || (tool !== 'write' && tool !== 'edit')) return state;
  const reply = state.messages.findLast(({ role }) => role === 'assistant');
  const asked = reply?.content.find((part) => part.type === 'tool_call' && part.id === id);
  const path = (input ?? (asked?.type === 'tool_call' ? asked.input : {})).path;
  return typeof path === 'string' ? { ...state, approvedFiles: [...state.approvedFiles, path] } : state;
}

/** What became of an approved action is the answer to what was asked. */
function hearResult(state: TapeState, { id, output }: { id: string; output: string }): TapeState {
  const asked = state.asks.find(({ call, answer }) => call === id && answer === null);
  if (!asked?.action) return state;
  const { ask, action } = asked;
  const answer = `What became of ${ask}, ${action.tool} ${aboutInput(action.input)}:\n${output.trimEnd()}`;
  return { ...state, asks: state.asks.map((each) => (each === asked ? { ...each, answer } : each)) };
}

/** The recorded result of a call of the latest reply; ids of earlier replies may be used again by a provider. */
export function findToolResult(state: TapeState, id: string): ToolResultPart | undefined {
  const last = state.messages.at(-1);
  if (last?.role !== 'user') return undefined;
  return last.content.find((part): part is ToolResultPart => part.type === 'tool_result' && part.id === id);
}

/** A reply belongs to the conversation that asked last. */
function answerThread(threads: readonly Thread[], reply: AssistantPart[]): readonly Thread[] {
  const asking = threads.at(-1);
  if (asking === undefined) return threads;
  const messages: ModelMessage[] = [...asking.messages, { role: 'assistant', content: reply }];
  return [...threads.slice(0, -1), { ...asking, messages }];
}

/** All results of one reply stand in one user message, as providers want them. */
function withToolResult(
  state: TapeState,
  result: { id: string; tool: string; output: string },
  isError: boolean,
): TapeState {
  const { id, tool, output } = result;
  const part: ToolResultPart = { type: 'tool_result', id, tool, output, isError };
  return withUserPart({ ...state, inDoubt: null }, part);
}

/** Results stand before what we say ourselves: providers want them next to the reply that they answer. */
function withUserPart(state: TapeState, added: ToolResultPart | { text: string }): TapeState {
  const part: ToolResultPart | TextPart = 'id' in added ? added : { type: 'text', text: added.text };
  const last = state.messages.at(-1);
  if (last?.role !== 'user') {
    return { ...state, messages: [...state.messages, { role: 'user', content: [part] }] };
  }
  const results = last.content.filter((each) => each.type === 'tool_result');
  const texts = last.content.filter((each) => each.type === 'text');
  const content = part.type === 'text' ? [...results, ...texts, part] : [...results, part, ...texts];
  return { ...state, messages: [...state.messages.slice(0, -1), { role: 'user', content }] };
}
