/**
 * Replays one agent: its conversation from the tape, then its tool calls in a new workspace and a new cell, then compares what came out:
 * artifacts by hash, files by tree. No model is called and no network is reached.
 */
import { sha256Hex } from '../base/json.ts';
import type { ToolCallPart } from '../gateway/model.ts';
import { foldTape } from '../gateway/tape.ts';
import type { AgentEnding, TapeEvent } from '../gateway/tape-event.ts';
import { readTapeEvents } from '../gateway/tape-writer.ts';
import { type StreamId, streamId } from '../journal/event.ts';
import type { Role, Step } from '../teams/team.ts';
import { openSeatCell } from '../worker/seat-cell.ts';
import { workspaceId } from '../worker/seat-name.ts';
import type { WorkerContext } from '../worker/worker-context.ts';
import { CaptureRefused } from '../workspaces/capture-refused.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { gatherMaterials, readStoredInputs } from './gather-materials.ts';
import { type Divergence, replayConversation } from './replay-conversation.ts';
import { rerunTools, type ToolRerun } from './rerun-tools.ts';

export interface AgentReplay {
  agent: string;
  step: string;
  /** As its tape says; null: it has no ending yet. */
  outcome: string | null;
  calls: number;
  divergence: Divergence | null;
  /** Null: nothing was run again; `notes` say why. */
  tools: ToolRerun | null;
  artifacts: { name: string; isIdentical: boolean }[];
  /** Null: none was recorded, or none was made again. */
  tree: TreeReplay | null;
  notes: string[];
  isIdentical: boolean;
}

export interface TreeReplay {
  recorded: string;
  remade: string;
  /** Paths that differ. */
  paths: string[];
}

export interface AgentRun {
  agent: StreamId;
  step: string;
  role: Role;
  stepDefinition: Step;
  /** Commit that its workspace started from. */
  base: string;
}

export interface ReplayOptions {
  /** Roles and policy as the files are now; nothing is run again then. */
  isCurrent: boolean;
  runsTools: boolean;
  signal: AbortSignal;
}

export async function replayAgent(
  context: WorkerContext,
  run: AgentRun,
  options: ReplayOptions,
): Promise<AgentReplay> {
  const events = await readTapeEvents(context.journal, run.agent);
  const { isCurrent } = options;
  const { role, stepDefinition } = run;
  const play = { role, deliverables: stepDefinition.writes, isCurrent };
  const materials = await gatherMaterials(context, events, play);
  const { calls, divergence, comparedInParts } = replayConversation(events, materials);
  const { ending, outside, threads } = foldTape(events);
  const isOutside = outside !== null || threads.length > 0;
  const replay: AgentReplay = {
    agent: run.agent,
    step: run.step,
    outcome: ending?.outcome ?? null,
    calls,
    divergence,
    tools: null,
    artifacts: replayArtifacts(events),
    tree: null,
    notes: notesOf(events, {
      isOutside,
      isRemade: materials.remade !== null,
      comparedInParts,
    }),
    isIdentical: false,
  };
  const willRun = options.runsTools && !isCurrent && divergence === null && !isOutside;
  if (willRun && ending?.outcome === 'done')
    await replayFiles(context, { run, events, ending }, replay, options.signal);
  else if (willRun) replay.notes.push('its files were not recorded, so nothing was run again');
  replay.isIdentical =
    divergence === null &&
    replay.artifacts.every(({ isIdentical }) => isIdentical) &&
    (replay.tree === null || replay.tree.recorded === replay.tree.remade);
  return replay;
}

/** What it would hand in is what its replies hold; that must be what was stored under its name. */
function replayArtifacts(events: readonly TapeEvent[]): AgentReplay['artifacts'] {
  const artifacts = new Map<string, boolean>();
  let asked: ToolCallPart[] = [];
  let handedIn: unknown;
  for (const event of events) {
    if (event.kind === 'model.call_finished') {
      asked = event.data.reply.filter((part) => part.type === 'tool_call');
    }
    if (event.kind === 'tool.call_intended') {
      const { id, input } = event.data;
      handedIn = (input ?? asked.find((part) => part.id === id)?.input)?.content;
    }
    if (event.kind === 'artifact.delivered') {
      artifacts.set(event.data.name, sha256Hex(String(handedIn)) === event.data.hash);
    }
  }
  return [...artifacts].map(([name, isIdentical]) => ({ name, isIdentical }));
}

function notesOf(
  events: readonly TapeEvent[],
  facts: { isOutside: boolean; isRemade: boolean; comparedInParts: number },
): string[] {
  const notes: string[] = [];
  const { isOutside, isRemade, comparedInParts } = facts;
  if (isOutside) {
    notes.push(
      'an outside agent: its requests and replies are compared with their record; it is not run again',
    );
  } else if (!isRemade && events.some(({ kind }) => kind === 'model.call_intended')) {
    notes.push(
      'its tape does not say what its prompt was made of: system text and first message are taken as they were',
    );
  }
  if (comparedInParts > 0) {
    notes.push(
      `${comparedInParts} calls were recorded by an earlier version: prompt and tools are compared, not every byte`,
    );
  }
  const broken = events.filter(({ kind, data }) => kind === 'model.call_failed' && isCutOff(data));
  if (broken.length > 0)
    notes.push(`it was cut off in ${broken.length} model calls and went on from its tape`);
  const last = events.at(-1)?.kind;
  if (last !== 'agent.finished') notes.push('it has not ended: what is on its tape so far was replayed');
  return notes;
}

function isCutOff(data: TapeEvent['data']): boolean {
  return 'reason' in data && (data.reason === 'in_doubt' || data.reason === 'killed');
}

interface Recorded {
  run: AgentRun;
  events: readonly TapeEvent[];
  ending: AgentEnding;
}

/** Fills in what was run and which tree came of it. */
async function replayFiles(
  context: WorkerContext,
  { run, events, ending }: Recorded,
  replay: AgentReplay,
  signal: AbortSignal,
): Promise<void> {
  const kept = (await readStoredInputs(context.journal, events))?.kept ?? null;
  // An owner of its own: no worker takes the workspace for one that an agent left.
  const owner = streamId('replay', context.project, context.newId());
  const id = workspaceId({ fence: 0, owner, purpose: run.agent });
  const prepared = await context.workspaces.prepare({
    id,
    mirror: context.mirror,
    commit: kept ?? run.base,
    setup: context.policy.profile.setup,
    limits: context.cellLimits,
    signal,
  });
  if (!prepared.ok) {
    const [finding] = prepared.findings;
    replay.notes.push(
      `nothing was run again, its set-up needs more than a replay has: ${finding?.message ?? ''}`,
    );
    return;
  }
  const { workspace } = prepared;
  try {
    const cell = await openSeatCell(context, { id, workspace, role: run.role });
    try {
      replay.tools = await rerunTools(events, {
        cell,
        role: run.role,
        redactor: context.secrets.redactor,
        signal,
      });
    } finally {
      await cell.close();
    }
    for (const call of replay.tools.unknown)
      replay.notes.push(`not run again, its outcome was never known: ${call}`);
    for (const call of replay.tools.approved)
      replay.notes.push(`not run again, it was approved for one run: ${call}`);
    if (run.stepDefinition.commits)
      replay.tree = await compareTree(context, workspace, ending.commit ?? run.base);
  } catch (error) {
    if (!(error instanceof CaptureRefused)) throw error;
    replay.notes.push(`its files could not be taken out again: ${error.message}`);
  } finally {
    await workspace.discard();
  }
}

async function compareTree(
  { mirror }: WorkerContext,
  workspace: Workspace,
  commit: string,
): Promise<TreeReplay> {
  const recorded = await mirror.treeOf(commit);
  const remade = await workspace.captureTree();
  const paths = recorded === remade ? [] : await mirror.changedFiles(recorded, remade);
  return { recorded, remade, paths };
}
