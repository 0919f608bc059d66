/**
 * The small team as a model provider sees it: a brain for the model server double that knows only what is on the wire
 * (system text, messages, tools), the repository it works on, and the bill to compare the ledger with.
 */
import { systemClock } from '../../src/base/clock.ts';
import { createProvider } from '../../src/gateway/providers/create-provider.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { itemAccount } from '../../src/ledger/account-names.ts';
import { priceSnapshot } from '../../src/ledger/price-snapshot.ts';
import type { DoubleAnswer, DoubleRequest } from '../doubles/model-protocol.ts';
import { type Fault, type ModelServer, startModelServer } from '../doubles/model-server.ts';
import { smallFiles, twoTasks } from '../engine/small-team.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';

/** Looks like a real one, so that whatever redacts by shape has its chance, and is found by its middle when it leaks. */
export const wireKey = 'sk-ant-WIREKEYdoNotLeak0123456789';
export const wireKeyCore = 'WIREKEYdoNotLeak';

export const wireProtocols = [
  { name: 'anthropic', models: '{ provider: anthropic }' },
  {
    name: 'openai-compatible',
    models:
      '{ provider: openai-compatible, default: gpt-5.2, aliases: { opus: gpt-5.2, sonnet: gpt-5.4-mini } }',
  },
] as const;
export type WireProtocol = (typeof wireProtocols)[number];

export interface WireTurn {
  role: string;
  /** Of the plan; null for roles without one. */
  task: string | null;
  /** Answers that this agent gave before. */
  turn: number;
}

export type WireBrain = (request: DoubleRequest) => DoubleAnswer;

export function readTurn(request: DoubleRequest): WireTurn {
  const role = /^You are the (\S+) of a software team\./.exec(request.system)?.[1];
  if (role === undefined) throw new Error(`no role in the system text: ${request.system.slice(0, 80)}`);
  const asked = request.messages.filter(({ role: from }) => from === 'user').map(({ text }) => text);
  return {
    role,
    task: /^# Your task: (\S+) /m.exec(asked.join('\n'))?.[1] ?? null,
    turn: request.messages.filter(({ role: from }) => from === 'assistant').length,
  };
}

/** Every role of the feature flow; `onTurn` is told of each answer before it is given. */
export function wireTeam(onTurn: (turn: WireTurn) => void = () => {}): WireBrain {
  return (request) => {
    const seat = readTurn(request);
    onTurn(seat);
    const { role, task, turn } = seat;
    if (turn > 0) return { text: `The ${role} is done.` };
    switch (role) {
      case 'planner':
        return deliver('plan.json', twoTasks);
      case 'reviewer':
        return deliver('verdict.json', { verdict: 'pass', summary: 'good', findings: [] });
      case 'developer':
        return callTool('write', { path: `${task ?? 'rework'}.txt`, content: `by ${role} ${task}\n` });
      default:
        return { reasoning: 'Nothing is missing.', text: 'I looked at it.' };
    }
  };
}

export function callTool(name: string, input: object): DoubleAnswer {
  return { toolCalls: [{ name, input }] };
}

function deliver(name: string, content: object): DoubleAnswer {
  return callTool('deliver', { name, content: JSON.stringify(content) });
}

export interface WireWorld {
  server: ModelServer;
  project: TestProject;
  close(): Promise<void>;
}

export async function startWireWorld(
  protocol: WireProtocol,
  options: { brain?: WireBrain; faults?: Fault[]; clientKey?: string; journal?: Journal } = {},
): Promise<WireWorld> {
  const { brain = wireTeam(), faults = [], clientKey = wireKey } = options;
  const server = await startModelServer({ brain, faults, apiKey: wireKey });
  try {
    const project = await createTestProject({
      files: wireFiles(protocol),
      model: createProvider({ name: protocol.name, baseUrl: server.baseUrl, apiKey: clientKey }),
      ...(options.journal ? { journal: options.journal } : {}),
      change: (context) => ({
        ...context,
        // A hundred times as fast: waits before another attempt are real ones, and short.
        clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 100, signal) },
      }),
    });
    const close = async () => {
      await project.remove();
      await server.close();
    };
    return { server, project, close };
  } catch (error) {
    await server.close();
    throw error;
  }
}

export function wireFiles(protocol: WireProtocol): Record<string, string> {
  const mesh = smallFiles['.mesh/mesh.yaml'] ?? '';
  return { ...smallFiles, '.mesh/mesh.yaml': mesh.replace(/^models: .*$/m, `models: ${protocol.models}`) };
}

/** Worked out from the price list by hand, call by call, each rounded up. */
export function billMicroUsd(server: ModelServer): number {
  let sum = 0;
  for (const { model, usage } of server.billed) {
    const price = priceSnapshot[model];
    if (!price) throw new Error(`${model} is in no price list`);
    const perMillion =
      usage.inputTokens * price.inputMicroUsd +
      usage.cacheReadTokens * price.cacheReadMicroUsd +
      usage.cacheWriteTokens * price.cacheWriteMicroUsd +
      usage.outputTokens * price.outputMicroUsd;
    sum += Math.ceil(perMillion / 1_000_000);
  }
  return sum;
}

export async function accountOf({ project }: WireWorld, number: number) {
  const account = await project.journal.account(itemAccount('test', number));
  if (!account) throw new Error(`item ${number} has no account`);
  return account;
}

/** Every event, every blob that an event names, and every blob that those name: all that was kept of the item, as text. */
export async function journalText(journal: Journal): Promise<string> {
  const texts: string[] = [];
  const seen = new Set<string>();
  const waiting = [JSON.stringify(await journal.readAll({ after: 0, limit: 100_000 }))];
  for (let text = waiting.pop(); text !== undefined; text = waiting.pop()) {
    texts.push(text);
    for (const [hash] of text.matchAll(/\b[0-9a-f]{64}\b/g)) {
      if (seen.has(hash)) continue;
      seen.add(hash);
      const bytes = await journal.getBlob(hash as Parameters<Journal['getBlob']>[0]);
      if (bytes) waiting.push(Buffer.from(bytes).toString('utf8'));
    }
  }
  return texts.join('\n');
}
