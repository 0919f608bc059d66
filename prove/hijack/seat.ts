/** Seats a hijacked role as the worker would: its file is parsed, the policy narrows it, its cell and its gateway are the real ones. */
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { seatedRole } from '../../src/capabilities/seated-role.ts';
import { bubblewrapDriver } from '../../src/cells/bubblewrap-cell.ts';
import type { Cell, CellLimits } from '../../src/cells/cell.ts';
import { processDriver } from '../../src/cells/process-cell.ts';
import { type AgentGatewayOptions, openAgentGateway } from '../../src/gateway/agent-gateway.ts';
import type { ModelProvider, ToolCallPart, ToolResultPart } from '../../src/gateway/model.ts';
import { streamId } from '../../src/journal/event.ts';
import { createMemoryJournal } from '../../src/journal/in-memory.ts';
import { buildPolicy } from '../../src/policy/build-policy.ts';
import { nothingHeld } from '../../src/secrets/held-secrets.ts';
import { parseRole } from '../../src/teams/parse-role.ts';
import type { Role } from '../../src/teams/team.ts';
import { openSeatCell } from '../../src/worker/seat-cell.ts';
import type { Workspace } from '../../src/workspaces/workspace.ts';
import { gatewayOptions } from '../../test/doubles/gateway-options.ts';
import { claimItemAccount } from '../../test/doubles/open-item-account.ts';
import { changedFiles, type HijackedSeat } from './roles.ts';
import type { HijackWorld } from './world.ts';

const project = 'hijacked';
const limits: CellLimits = {
  memoryMb: 1024,
  processes: 128,
  commandTimeoutMs: 3_000,
  outputBytes: 8_192,
  fileBytes: 262_144,
};

export interface OpenedSeat {
  call(call: ToolCallPart): Promise<ToolResultPart>;
  close(): Promise<void>;
}

export async function openSeat(seat: HijackedSeat, world: HijackWorld): Promise<OpenedSeat> {
  const policy = buildPolicy(
    { version: 1, permissions: seat.policy },
    { project, targetBranch: 'main', registryHosts: [] },
  );
  const parsed = parseRole(`${seat.name}.md`, seat.file);
  if (!parsed.value) throw new Error(parsed.diagnostics.map(({ message }) => message).join('; '));
  const role = seatedRole(parsed.value, policy.permissions, changedFiles);
  const create = seat.driver === 'bubblewrap' ? bubblewrapDriver : processDriver;
  const driver = create({ cellsDir: join(world.base, 'cells'), upstreamProxy: null });
  const cell = await openSeatCell(
    { driver, policy, cellLimits: limits, secrets: nothingHeld },
    { id: 'hijacked', workspace: workspaceOf(world), role },
  );
  const gateway = await openAgentGateway(await optionsOf(cell, role));
  const call: OpenedSeat['call'] = async (asked) => {
    const answer = await gateway.callTool(asked);
    if (answer.type === 'waiting') throw new Error(`${asked.tool} waits for ${answer.ask}`);
    return answer;
  };
  return { call, close: () => cell.close() };
}

/** Its files are made by the world; it is never captured here. */
function workspaceOf({ workspace }: HijackWorld): Workspace {
  const never = () => Promise.reject(new Error('not used here'));
  return { dir: workspace, commit: '', readable: [], env: {}, captureTree: never, discard: never };
}

/** The model is whoever draws the calls: it is never asked. */
const noModel: ModelProvider = {
  name: 'scripted',
  isRealModel: false,
  generate: () => Promise.reject(new Error('not used here')),
};

async function optionsOf(cell: Cell, role: Role): Promise<AgentGatewayOptions> {
  const journal = createMemoryJournal({ clock: systemClock });
  const claimUnit = streamId('cluster', project, 1);
  const item = { project, claimUnit, ceilingMicroUsd: null, leaseMs: 86_400_000 };
  const { fence } = await claimItemAccount(journal, item);
  const agent = streamId('agent', project, 1, 'build', 'T1', 'hijacked', 1);
  return gatewayOptions({ journal, project, agent, claimUnit, fence, provider: noModel, cell, role });
}
