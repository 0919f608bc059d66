/** One agent about to be seated: a journal in memory, an item's account, a cell over a folder, a clock that only sleeping moves. */
import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import type { AgentGateway, AgentGatewayOptions } from '../../src/gateway/agent-gateway.ts';
import type {
  ModelOutcome,
  ModelProvider,
  ModelReply,
  ToolCallPart,
  ToolResultPart,
} from '../../src/gateway/model.ts';
import { streamId } from '../../src/journal/event.ts';
import { createMemoryJournal } from '../../src/journal/in-memory.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { itemAccount } from '../../src/ledger/account-names.ts';
import { type FolderCell, openFolderCell } from './folder-cell.ts';
import { gatewayOptions } from './gateway-options.ts';
import { claimItemAccount } from './open-item-account.ts';

export const project = 'orders-api';
export const claimUnit = streamId('cluster', project, 1);
export const agent = streamId('agent', project, 1, 'build', 'T1', 'developer', 1);
export const account = itemAccount(project, 1);

/** Time passes only by sleeping. */
function makeClock(): Clock & { slept: number[] } {
  const slept: number[] = [];
  let now = Date.UTC(2026, 10, 2);
  return {
    slept,
    now: () => now,
    monotonicMs: () => now,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      slept.push(ms);
      now += ms;
    },
  };
}

export interface World {
  journal: Journal;
  clock: ReturnType<typeof makeClock>;
  cell: FolderCell;
  fence: number;
  options: (overrides?: Partial<AgentGatewayOptions>) => AgentGatewayOptions;
}

export async function makeWorld(itemCeilingMicroUsd: number | null = 10_000_000): Promise<World> {
  const clock = makeClock();
  const journal = createMemoryJournal({ clock });
  const cell = await openFolderCell({ 'src/add.ts': 'export const add = 1;\n', 'README.md': 'hello\n' });
  onTestFinished(async () => {
    await cell.close();
    await journal.close();
  });
  const item = { project, claimUnit, ceilingMicroUsd: itemCeilingMicroUsd, leaseMs: 60_000 };
  const { fence } = await claimItemAccount(journal, item);
  const options = (overrides: Partial<AgentGatewayOptions> = {}): AgentGatewayOptions =>
    gatewayOptions({
      journal,
      project,
      agent,
      claimUnit,
      fence,
      provider: answering({ content: [{ type: 'text', text: 'ok' }], stop: 'end' }),
      agentCeilingMicroUsd: 5_000_000,
      cell,
      clock,
      callAttempts: 3,
      ...overrides,
    });
  return { journal, clock, cell, fence, options };
}

export const usage = { inputTokens: 100, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 20 };

export type Answer = ModelOutcome | { content: ModelReply['content']; stop: 'end' | 'tool_call' };

/** A provider that gives its answers in order, the last one for ever. */
export function answering(...answers: Answer[]): ModelProvider & { calls: number } {
  const provider: ModelProvider & { calls: number } = {
    name: 'scripted',
    isRealModel: false,
    calls: 0,
    generate: async (): Promise<ModelOutcome> => {
      const answer = answers[Math.min(provider.calls, answers.length - 1)];
      provider.calls += 1;
      if (!answer) throw new Error('no answer');
      return 'ok' in answer ? answer : { ok: true, reply: { ...answer, usage } };
    },
  };
  return provider;
}

/** A provider whose calls never end by themselves. */
export const silent: ModelProvider = {
  name: 'scripted',
  isRealModel: false,
  generate: (_, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    }),
};

export const ask = {
  system: 'You write code.',
  messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Add two numbers.' }] }],
  maxOutputTokens: 1000,
  effort: null,
};

export function toolCall(tool: string, input: ToolCallPart['input'], id = `call-${tool}`): ToolCallPart {
  return { type: 'tool_call', id, tool, input };
}

/** The call's result, where nobody is asked. */
export async function ran(gateway: AgentGateway, call: ToolCallPart): Promise<ToolResultPart> {
  const answer = await gateway.callTool(call);
  if (answer.type === 'waiting') throw new Error(`it waits for ${answer.ask}`);
  return answer;
}

export async function kindsOf(journal: Journal): Promise<string[]> {
  return (await journal.read(agent)).map(({ kind }) => kind);
}

/** Another worker takes the cluster; a gateway opened before still believes that it owns the agent. */
export async function takeOver({ journal, clock, options }: World) {
  await clock.sleep(120_000);
  const claim = await journal.claimUnit(claimUnit, { owner: 'w2', host: 'h', leaseMs: 60_000 });
  if (!claim) throw new Error('the claim should have expired');
  return (overrides: Partial<AgentGatewayOptions> = {}) => options({ fence: claim.fence, ...overrides });
}
