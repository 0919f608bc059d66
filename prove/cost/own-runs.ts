/**
 * Runs of our own agent loop through the real gateway: real PostgreSQL, a real cell without isolation, every call reserved,
 * settled and taped. Only the model is replaced, by one that answers at once. A turn is two steps: a model call, and the tool
 * call that it asks for.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runAgent } from '../../src/agents/run-agent.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { processDriver } from '../../src/cells/process-cell.ts';
import { openAgentGateway } from '../../src/gateway/agent-gateway.ts';
import type { ModelProvider } from '../../src/gateway/model.ts';
import { streamId } from '../../src/journal/event.ts';
import type { Claim, Journal } from '../../src/journal/journal.ts';
import { gatewayOptions } from '../../test/doubles/gateway-options.ts';
import { claimItemAccount } from '../../test/doubles/open-item-account.ts';
import { makeText, type Shape, stateBytes } from './workload.ts';

export interface OwnBench {
  journal: Journal;
  claim: Claim;
  /** For workspaces and cells. */
  dir: string;
}

const project = 'cost';

export async function openOwnBench(journal: Journal, dir: string): Promise<OwnBench> {
  const claimUnit = streamId('cluster', project, 'main');
  const item = { project, claimUnit, ceilingMicroUsd: null, leaseMs: 7_200_000 };
  const claim = await claimItemAccount(journal, item);
  return { journal, claim, dir };
}

const cellLimits = {
  memoryMb: 1024,
  processes: 64,
  commandTimeoutMs: 60_000,
  outputBytes: 100_000,
  fileBytes: 200_000,
};

function layOutWorkspace(
  { dir }: OwnBench,
  { name, shape, turns }: { name: string; shape: Shape; turns: number },
  document: string,
): string {
  const workspace = path.join(dir, name);
  mkdirSync(workspace, { recursive: true });
  writeFileSync(path.join(workspace, 'state.txt'), `step 0;\n${document}\n`);
  for (let part = 0; shape === 'conversation' && part < turns; part += 1)
    writeFileSync(path.join(workspace, `part-${part}.txt`), makeText(`${name}/${part}`, stateBytes / turns));
  return workspace;
}

/** One agent, one run, and a last model call that ends it. `onTurn` is told before each model call how many turns are done. */
export async function runOwn(
  bench: OwnBench,
  request: {
    name: string;
    shape: Shape;
    turns: number;
    onTurn?: (done: number) => Promise<void>;
  },
): Promise<void> {
  const { name, shape, turns, onTurn = async () => {} } = request;
  const document = makeText(name, stateBytes);
  const workspace = layOutWorkspace(bench, request, document);
  const { journal, claim } = bench;
  const cell = await processDriver({ cellsDir: path.join(bench.dir, 'cells') }).open({
    id: `cost-${name}`,
    workspace,
    isWorkspaceWritable: true,
    readable: [],
    env: {},
    allowedHosts: [],
    limits: cellLimits,
  });
  const { signal } = new AbortController();
  try {
    const gateway = await openAgentGateway(
      gatewayOptions({
        journal,
        project,
        agent: streamId('agent', project, 1, name),
        claimUnit: claim.unit,
        fence: claim.fence,
        provider: answerAtOnce({ name, shape, turns, onTurn }),
        cell,
        signal,
      }),
    );
    const outcome = await runAgent({
      gateway,
      prompt: {
        system: 'You change a document.',
        firstMessage: shape === 'document' ? document : 'Collect the parts.',
        madeFrom: null,
      },
      deliverables: [],
      effort: null,
      maxOutputTokens: 1_000,
      maxTurns: turns + 1,
      repetitions: turns + 1,
      signal,
    });
    if (outcome.outcome !== 'done') throw new Error(`${name}: ${outcome.outcome}: ${outcome.message}`);
    await gateway.finish({ outcome: 'done', summary: 'done', commit: null, findings: [] });
  } finally {
    await cell.close();
  }
}

function answerAtOnce(run: {
  name: string;
  shape: Shape;
  turns: number;
  onTurn: (done: number) => Promise<void>;
}): ModelProvider {
  let done = 0;
  return {
    name: 'scripted',
    isRealModel: false,
    async generate() {
      await run.onTurn(done);
      const step = done;
      done += 1;
      const usage = { inputTokens: 1_000, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 50 };
      if (step >= run.turns)
        return { ok: true, reply: { content: [{ type: 'text', text: 'done' }], stop: 'end', usage } };
      const content = [{ type: 'tool_call' as const, id: `call-${step}`, ...callOf(run, step) }];
      return { ok: true, reply: { content, stop: 'tool_call', usage } };
    },
  };
}

function callOf(
  run: { name: string; shape: Shape; turns: number },
  step: number,
): { tool: string; input: JsonObject } {
  switch (run.shape) {
    case 'document':
      return {
        tool: 'edit',
        input: { path: 'state.txt', old_text: `step ${step};`, new_text: `step ${step + 1};` },
      };
    case 'conversation':
      return { tool: 'read', input: { path: `part-${step}.txt` } };
    case 'authored': {
      const content = makeText(`${run.name}/${step}`, stateBytes / run.turns);
      return { tool: 'write', input: { path: `part-${step}.txt`, content } };
    }
  }
}
