/**
 * The one door of an agent: every model call and tool call goes through here, is identified, checked, metered and taped.
 * It decides nothing about the flow and keeps no state but the tape, so an agent opened again goes on where it was.
 *
 * The tape's states: unseated → seated (idle) ⇄ a model call or a tool call in flight → finished. In flight when opened
 * means that a process died: resolve-doubt.ts. Fenced at any point: nothing runs and nothing is written any more.
 */
import type { Clock } from '../base/clock.ts';
import { MeshwrightError } from '../base/errors.ts';
import type { Cell } from '../cells/cell.ts';
import type { ControlDoor } from '../controls/control-door.ts';
import type { StreamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import { agentAccount } from '../ledger/account-names.ts';
import type { BudgetView } from '../ledger/budget.ts';
import type { ListPrice } from '../ledger/price-snapshot.ts';
import type { Redactor } from '../secrets/redactor.ts';
import type { Role, Tier } from '../teams/team.ts';
import { type AgentBudget, assignAccounts, noteOfBudget, readBudget } from './agent-budget.ts';
import type { ApprovalDoor } from './approval-door.ts';
import { callToolAtOnce, hearAnswers } from './ask-later.ts';
import type { CallLimits } from './call-limits.ts';
import { type CallOutcome, callModel } from './call-model.ts';
import { callTool, type ToolAnswer } from './call-tool.ts';
import { createRequestEstimate } from './estimate-request.ts';
import { createRequestHash } from './hash-request.ts';
import type {
  ModelMessage,
  ModelProvider,
  ModelRequest,
  Seat,
  ToolCallPart,
  ToolResultPart,
  ToolSpec,
} from './model.ts';
import type { OutsideEvent } from './outside-event.ts';
import { createSentMessages, shortenRequest } from './outside-request.ts';
import { createPromptStore } from './prompt-store.ts';
import type { QuestionDoor, Waiting } from './question-door.ts';
import { createRequestRedaction } from './redact-call.ts';
import { resolveDoubt } from './resolve-doubt.ts';
import type { TapeState } from './tape.ts';
import type { AgentEnding, TapeEvent } from './tape-event.ts';
import { openTapeWriter, type TapeWriter } from './tape-writer.ts';
import { toolSpecs } from './tool-specs.ts';

export interface AgentGatewayOptions {
  journal: Journal;
  project: string;
  agent: StreamId;
  /** Who owns the agent's stream, and the fence it holds. */
  claimUnit: StreamId;
  fence: number;
  provider: ModelProvider;
  /** Exact id. */
  model: string;
  price: ListPrice;
  /** Null: no ceiling of its own. */
  agentCeilingMicroUsd: number | null;
  /** Opened by the item's owner; each call must fit in it too. */
  itemAccount: string;
  budget: AgentBudget;
  role: Role;
  /** Artifacts that this seat may hand in. */
  deliverables: readonly string[];
  /** What is wrong with an artifact; empty: nothing. */
  checkDeliverable: (name: string, content: string) => string[];
  /** Null: nobody hears what this seat asks, and it is offered no tool to ask with. */
  people: QuestionDoor | null;
  /** Null: nobody can be asked for a yes from this seat; what needs one is refused. */
  approvals: ApprovalDoor | null;
  cell: Cell;
  clock: Clock;
  callAttempts: number;
  /** What the model stands for, and what chose it; for the tape. */
  route: { tier: Tier | null; why: string | null };
  limits: CallLimits;
  seat: Seat;
  /** Every text passes it on its way to the model and to the tape. */
  redactor: Redactor;
  /** Asked before every call: nothing begins that a control holds. */
  controls: ControlDoor;
  /** The kill switch: aborts calls and commands under way. */
  signal: AbortSignal;
  newId: () => string;
}

export interface CallRequest {
  system: string;
  messages: ModelMessage[];
  maxOutputTokens: number;
  effort: 'low' | 'medium' | 'high' | null;
  /** Blob of what the prompt was assembled from, for a replay; absent: not known here. */
  madeFrom?: string | null;
}

/** What an agent that is not ours asks: tools of its own, a conversation that it keeps itself. */
export interface OutsideCallRequest extends CallRequest {
  /** It runs them itself. The same list again is best the same object. */
  tools: ToolSpec[];
  /** Aborts when the one who asked goes away. */
  signal: AbortSignal;
}

export interface AgentGateway {
  /** As recorded so far; a new value after every call. */
  readonly tape: TapeState;
  /** Rejects with the signal's reason when killed, with a HeldError when a control holds it, and when storage fails. */
  callModel(request: CallRequest): Promise<CallOutcome>;
  /** The same way for an outside agent's request, which is put on the tape first. */
  callModelFor(request: OutsideCallRequest): Promise<CallOutcome>;
  /** Calls made at once run one after another. Rejects like callModel. */
  callTool(call: ToolCallPart): Promise<ToolAnswer>;
  /** For an agent that cannot wait within a call: what it asks is answered later, one question at a time. Rejects like callModel. */
  callToolAtOnce(call: ToolCallPart): Promise<ToolResultPart>;
  /** Puts on the tape what people have said to such an agent since. The question that is still open; null: none is. */
  hearAnswers(): Promise<Waiting | null>;
  /** What an outside agent did beside its calls goes on the tape. */
  note(events: OutsideEvent[]): Promise<'noted' | 'fenced'>;
  /** What is left in its accounts now. */
  budget(): Promise<BudgetView>;
  /** Puts a message of ours on the tape, once per `about`; the next request has it as the user's. */
  tell(note: { about: string; text: string }): Promise<void>;
  /** Tells the agent that little of its own budget is left, when it is and it was not told. */
  tellBudget(): Promise<void>;
  /** What of memory its prompt shows goes on the tape, each id once. */
  noteRecalled(ids: readonly string[]): Promise<void>;
  /** Ends the agent; a second time changes nothing. */
  finish(ending: AgentEnding): Promise<'finished' | 'fenced'>;
}

/** Opens or reopens an agent. Fenced already: the gateway says so at its first call. */
export async function openAgentGateway(options: AgentGatewayOptions): Promise<AgentGateway> {
  const { role, deliverables, provider, model, seat } = options;
  const writer = await openTapeWriter(options);
  if (!writer.tape.isSeated) await seatAgent(writer, options);
  await resolveDoubt(writer);

  const { offered } = writer.tape;
  const tools = toolSpecs(role, deliverables, true).filter(({ name }) => offered.includes(name));
  const prompts = createPromptStore(options.journal);
  const estimateTokens = createRequestEstimate();
  const hashRequest = createRequestHash();
  const clean = createRequestRedaction(options.redactor);
  const known = createSentMessages();
  const inOrder = makeQueue();
  const call = async (
    request: ModelRequest,
    signal = options.signal,
    recordFirst: TapeEvent[] = [],
    madeFrom: string | null = null,
  ): Promise<CallOutcome> => {
    if (writer.isFenced) return { kind: 'fenced' };
    const money = {
      assignAccounts: () => assignAccounts(options, writer.tape, options.clock.now()),
      threshold: options.budget.threshold,
    };
    const counts = { estimateTokens, hashRequest };
    const door = { ...options, signal, writer, prompts, ...counts, ...money, provider, madeFrom };
    return callModel(door, request, recordFirst);
  };
  const tell = (note: { about: string; text: string }): Promise<void> =>
    inOrder(async () => {
      if (!writer.tape.told.includes(note.about)) await writer.write([{ kind: 'agent.told', data: note }]);
    });
  return {
    get tape() {
      return writer.tape;
    },
    callModel: ({ madeFrom, ...request }) =>
      inOrder(() => call({ ...clean(request), model, tools, seat }, options.signal, [], madeFrom)),
    callModelFor: ({ signal, ...asked }) =>
      inOrder(() => {
        const name = options.newId();
        const sent = known.recognize(name, asked.messages);
        const request = clean({ ...asked, messages: sent });
        const short = shortenRequest(writer.tape.threads, name, request.messages);
        const recorded: TapeEvent = { kind: 'model.request_recorded', data: short.recorded };
        const either = AbortSignal.any([options.signal, signal]);
        return call({ ...request, messages: short.messages, model, seat }, either, [recorded]);
      }),
    callTool: (call) => inOrder(() => callTool({ ...options, writer }, call)),
    callToolAtOnce: (call) => inOrder(() => callToolAtOnce({ ...options, writer }, call)),
    hearAnswers: () => inOrder(() => hearAnswers({ ...options, writer })),
    note: (events) =>
      inOrder(async () => {
        const written = await writer.write(events);
        return written.outcome === 'written' ? 'noted' : 'fenced';
      }),
    budget: () => readBudget(options.journal, options, options.clock.now()),
    tell,
    async tellBudget() {
      const note = noteOfBudget(options, writer.tape);
      if (note) await tell(note);
    },
    noteRecalled: (ids) => inOrder(() => noteRecalled(writer, ids)),
    finish: (ending) =>
      inOrder(async () => {
        if (writer.tape.ending) return 'finished';
        const written = await writer.write([{ kind: 'agent.finished', data: ending }]);
        return written.outcome === 'written' ? 'finished' : 'fenced';
      }),
  };
}

async function noteRecalled(writer: TapeWriter, ids: readonly string[]): Promise<void> {
  const fresh = ids.filter((id) => !writer.tape.recalled.includes(id));
  if (fresh.length > 0) await writer.write([{ kind: 'memory.recalled', data: { ids: fresh } }]);
}

/** One unit: the stream, its first event, its account. */
async function seatAgent(writer: TapeWriter, options: AgentGatewayOptions): Promise<void> {
  const { provider, role, deliverables, people, agentCeilingMicroUsd } = options;
  const seated: TapeEvent = {
    kind: 'agent.seated',
    data: {
      role: role.name,
      model: options.model,
      provider: provider.name,
      isRealModel: provider.isRealModel,
      seat: options.seat,
      tools: toolSpecs(role, deliverables, people !== null).map((tool) => tool.name),
      price: options.price,
      ceilingMicroUsd: agentCeilingMicroUsd,
      itemAccount: options.itemAccount,
      tier: options.route.tier,
      why: options.route.why,
    },
  };
  const account = agentAccount(options.agent);
  const written = await writer.write(
    [seated],
    [{ op: 'open', account, ceilingMicroUsd: agentCeilingMicroUsd }],
  );
  if (written.outcome === 'refused') {
    throw new MeshwrightError(
      'ledger_account_taken',
      `the ledger account ${account} belongs to another project`,
      {
        hint: 'Give the projects that share this database different names.',
      },
    );
  }
}

/** Runs what it is given one after another; a failure does not stop what comes after. */
function makeQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => {});
    return next;
  };
}
