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
import type { StreamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import { agentAccount } from '../ledger/account-names.ts';
import type { ListPrice } from '../ledger/price-snapshot.ts';
import type { Role } from '../teams/team.ts';
import { type CallOutcome, callModel } from './call-model.ts';
import { callTool } from './call-tool.ts';
import { createRequestEstimate } from './estimate-request.ts';
import type { ModelMessage, ModelProvider, Seat, ToolCallPart, ToolResultPart } from './model.ts';
import { createPromptStore } from './prompt-store.ts';
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
  role: Role;
  /** Artifacts that this seat may hand in. */
  deliverables: readonly string[];
  /** What is wrong with an artifact; empty: nothing. */
  checkDeliverable: (name: string, content: string) => string[];
  cell: Cell;
  clock: Clock;
  callAttempts: number;
  seat: Seat;
  /** The kill switch: aborts calls and commands under way. */
  signal: AbortSignal;
  newId: () => string;
}

export interface CallRequest {
  system: string;
  messages: ModelMessage[];
  maxOutputTokens: number;
  effort: 'low' | 'medium' | 'high' | null;
}

export interface AgentGateway {
  /** As recorded so far; a new value after every call. */
  readonly tape: TapeState;
  /** Rejects with the signal's reason when killed, and when storage fails. */
  callModel(request: CallRequest): Promise<CallOutcome>;
  /** Calls made at once run one after another. Rejects like callModel. */
  callTool(call: ToolCallPart): Promise<ToolResultPart>;
  /** Ends the agent; a second time changes nothing. */
  finish(ending: AgentEnding): Promise<'finished' | 'fenced'>;
}

/** Opens or reopens an agent. Fenced already: the gateway says so at its first call. */
export async function openAgentGateway(options: AgentGatewayOptions): Promise<AgentGateway> {
  const { role, deliverables, provider, model, seat } = options;
  const writer = await openTapeWriter(options);
  if (!writer.tape.isSeated) await seatAgent(writer, options);
  await resolveDoubt(writer);

  const tools = toolSpecs(role, deliverables);
  const accounts = [agentAccount(options.agent), options.itemAccount];
  const prompts = createPromptStore(options.journal);
  const estimateTokens = createRequestEstimate();
  const inOrder = makeQueue();
  return {
    get tape() {
      return writer.tape;
    },
    callModel: (request) =>
      inOrder<CallOutcome>(async () =>
        writer.isFenced
          ? { kind: 'fenced' }
          : callModel(
              { ...options, writer, prompts, estimateTokens, accounts, provider },
              { ...request, model, tools, seat },
            ),
      ),
    callTool: (call) => inOrder(() => callTool({ ...options, writer }, call)),
    finish: (ending) =>
      inOrder(async () => {
        if (writer.tape.ending) return 'finished';
        const written = await writer.write([{ kind: 'agent.finished', data: ending }]);
        return written.outcome === 'written' ? 'finished' : 'fenced';
      }),
  };
}

/** One unit: the stream, its first event, its account. */
async function seatAgent(writer: TapeWriter, options: AgentGatewayOptions): Promise<void> {
  const { provider, role, deliverables, agentCeilingMicroUsd } = options;
  const seated: TapeEvent = {
    kind: 'agent.seated',
    data: {
      role: role.name,
      model: options.model,
      provider: provider.name,
      isRealModel: provider.isRealModel,
      seat: options.seat,
      tools: toolSpecs(role, deliverables).map((tool) => tool.name),
      price: options.price,
      ceilingMicroUsd: agentCeilingMicroUsd,
      itemAccount: options.itemAccount,
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
