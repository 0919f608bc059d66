/**
 * A seat for a coding agent of others: the server by which it reaches its gateway, and its run in the cell. Flow, gates, capture
 * and tape are those of every seat.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Prompt } from '../agents/assemble-prompt.ts';
import { fillEnvironment } from '../agents/outside/agent-environment.ts';
import type { FoundProgram } from '../agents/outside/find-program.ts';
import { outsidePrompt } from '../agents/outside/outside-prompt.ts';
import { runOutsideAgent } from '../agents/outside/run-outside-agent.ts';
import { watchGateway } from '../agents/outside/watch-gateway.ts';
import { type AgentOutcome, waitingOutcome } from '../agents/run-agent.ts';
import { rulesAskingFor, toolsNeedingYes } from '../capabilities/needing-yes.ts';
import type { Cell } from '../cells/cell.ts';
import type { AgentGateway } from '../gateway/agent-gateway.ts';
import type { FaceSeat } from '../gateway/http/face-seat.ts';
import { type FaceServer, openFaceServer } from '../gateway/http/face-server.ts';
import { askingTools } from '../permissions/tool-name.ts';
import type { OutsideAgent } from '../policy/policy.ts';
import type { SecretKeeper } from '../secrets/held-secrets.ts';
import type { OutsideChoice } from './choose-outside-agent.ts';
import type { WorkerContext } from './worker-context.ts';

export interface OutsideSeat {
  name: string;
  agent: OutsideAgent;
  program: FoundProgram;
  /** What its cell has beside that of every seat. */
  cell: { gatewaySocket: string; readable: string[]; allowedHosts: string[] };
  server: FaceServer;
  close(): Promise<void>;
}

/** A server of its own, on a socket that only its cell is shown: no other agent can so much as knock. */
export async function openOutsideSeat(
  choice: Extract<OutsideChoice, { ok: true }>,
  log: WorkerContext['log'],
): Promise<OutsideSeat> {
  const { name, agent, program } = choice;
  const folder = await mkdtemp(join(tmpdir(), 'mw-gw-'));
  const gatewaySocket = join(folder, 'socket');
  const onFault = (error: unknown) => log.error('the gateway failed to answer', { err: error, agent: name });
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  try {
    const server = await openFaceServer({ listen: { socketPath: gatewaySocket }, onFault });
    return {
      name,
      agent,
      program,
      cell: { gatewaySocket, readable: program.readable, allowedHosts: [...agent.hosts] },
      server,
      close: async () => {
        await server.close();
        await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

export interface OutsideRun {
  seat: OutsideSeat;
  cell: Cell;
  workspace: string;
  gateway: AgentGateway;
  face: Omit<FaceSeat, 'gateway' | 'signal' | 'offeredTools' | 'mayCallModels'>;
  prompt: Prompt;
  maxTurns: number;
  repetitions: number;
  /** Aborts when a control begins to hold the agent. */
  held: AbortSignal;
  signal: AbortSignal;
  /** Learns the agent's key, which is nobody's business while it opens something. */
  secrets: Pick<SecretKeeper, 'add'>;
}

/** When it resolves, nothing of the agent runs any more. @throws like runOutsideAgent. */
export async function runInOutsideSeat(run: OutsideRun): Promise<AgentOutcome> {
  const { seat, cell, gateway, face, signal, maxTurns, repetitions } = run;
  // A session begins anew, and costs as much: it is not begun before there is an answer.
  const waiting = await gateway.hearAnswers();
  if (waiting) return waitingOutcome(waiting);
  // With tools of its own it needs ours for what people have to approve: it is then done for it.
  const needingYes = toolsNeedingYes(face.role);
  const offeredTools = (['deliver', ...askingTools, ...needingYes] as const).filter((tool) =>
    gateway.tape.offered.includes(tool),
  );
  const approvable = needingYes.filter((tool) => offeredTools.includes(tool));
  const watched = watchGateway(gateway, { maxTurns, repetitions });
  const { key, revoke } = seat.server.register({
    ...face,
    mayCallModels: seat.agent.isMetered,
    offeredTools,
    gateway: watched.gateway,
    signal,
  });
  const forgetKey = run.secrets.add({ name: 'AGENT_KEY', value: key });
  try {
    const gatewayUrl = `http://127.0.0.1:${cell.gatewayPort}`;
    const env = fillEnvironment(seat.agent.env, { gatewayUrl, key, model: face.model });
    const started = await cell.spawn({ argv: seat.program.argv, env });
    if (!started.ok) {
      return {
        outcome: 'model_refused',
        message: `the agent ${seat.name} cannot be started: ${started.message}`,
      };
    }
    return await runOutsideAgent({
      agent: seat.name,
      isMetered: seat.agent.isMetered,
      watched,
      program: started.value,
      workspace: run.workspace,
      mcp: { url: `${gatewayUrl}/mcp`, key },
      prompt: outsidePrompt(run.prompt, {
        mayAsk: offeredTools.includes('ask'),
        askRules: rulesAskingFor(face.role, approvable).map(({ text }) => text),
        approvable,
      }),
      role: face.role,
      deliverables: face.deliverables,
      maxTurns,
      held: run.held,
      signal,
    });
  } finally {
    revoke();
    await cell.close();
    forgetKey();
  }
}
