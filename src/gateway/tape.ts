/**
 * The tape: what an agent said, did and spent, as a pure fold of its events. From it a run that was cut off goes on
 * where it stopped; it knows nothing of providers, cells or the journal.
 */
import type { ModelMessage, ToolResultPart } from './model.ts';
import type { AgentEnding, ExpectedEdit, RecordedPrompt, TapeEvent } from './tape-event.ts';

export interface TapeState {
  /** Assistant replies and tool results in order; the first user message is not on the tape. */
  readonly messages: readonly ModelMessage[];
  /** Attempts of model calls. */
  readonly calls: number;
  /** Charged to this agent so far, failed attempts included. */
  readonly costMicroUsd: number;
  /** Artifact name → blob hash of its latest version. */
  readonly delivered: Readonly<Record<string, string>>;
  /** An intent without a result: what a crash left behind. */
  readonly inDoubt: InDoubt | null;
  readonly isSeated: boolean;
  /** As the first model call had it; null before it. */
  readonly prompt: RecordedPrompt | { whole: string } | null;
  /** Null while it may go on. */
  readonly ending: AgentEnding | null;
}

export type InDoubt =
  | { kind: 'model'; reservation: string; reservedMicroUsd: number }
  | { kind: 'tool'; call: string; tool: string; expects: ExpectedEdit | null };

export const emptyTape: TapeState = {
  messages: [],
  calls: 0,
  costMicroUsd: 0,
  delivered: {},
  inDoubt: null,
  isSeated: false,
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
      return { ...state, isSeated: true };
    case 'prompt.recorded': {
      const { system, tools, firstMessage } = event.data;
      return { ...state, prompt: state.prompt ?? { system, tools, firstMessage } };
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
    case 'model.call_finished':
      return {
        ...state,
        inDoubt: null,
        costMicroUsd: state.costMicroUsd + event.data.costMicroUsd,
        messages: [...state.messages, { role: 'assistant', content: event.data.reply }],
      };
    case 'model.call_failed':
      return { ...state, inDoubt: null, costMicroUsd: state.costMicroUsd + event.data.costMicroUsd };
    case 'model.call_refused':
      return state;
    case 'tool.call_intended': {
      const { id, tool, expects = null } = event.data;
      return { ...state, inDoubt: { kind: 'tool', call: id, tool, expects } };
    }
    case 'tool.call_finished':
      return withToolResult(state, event.data, event.data.isError);
    case 'tool.call_refused':
      return withToolResult(state, event.data, true);
    case 'artifact.delivered':
      return { ...state, delivered: { ...state.delivered, [event.data.name]: event.data.hash } };
    case 'agent.finished':
      return { ...state, ending: event.data };
  }
}

/** The recorded result of a call of the latest reply; ids of earlier replies may be used again by a provider. */
export function findToolResult(state: TapeState, id: string): ToolResultPart | undefined {
  const last = state.messages.at(-1);
  if (last?.role !== 'user') return undefined;
  return last.content.find((part): part is ToolResultPart => part.type === 'tool_result' && part.id === id);
}

/** All results of one reply stand in one user message, as providers want them. */
function withToolResult(
  state: TapeState,
  result: { id: string; tool: string; output: string },
  isError: boolean,
): TapeState {
  const { id, tool, output } = result;
  const part: ToolResultPart = { type: 'tool_result', id, tool, output, isError };
  const last = state.messages.at(-1);
  const messages: ModelMessage[] =
    last?.role === 'user'
      ? [...state.messages.slice(0, -1), { role: 'user', content: [...last.content, part] }]
      : [...state.messages, { role: 'user', content: [part] }];
  return { ...state, inDoubt: null, messages };
}
