/**
 * Replays an item: every agent in the order of its flow, then the trees that its branch had and the one that landed. What persons and
 * checks decided is taken as recorded; what the agents and the platform made of it is made again.
 */
import { MeshwrightError } from '../base/errors.ts';
import type { Mirror } from '../git/mirror.ts';
import { advance, initialItem } from '../items/advance.ts';
import { begun, type ItemEffect } from '../items/in-flight.ts';
import type { ItemEvent } from '../items/item-event.ts';
import type { ItemState } from '../items/item-state.ts';
import { readItemEvent } from '../items/item-stream.ts';
import { readJsonBlob } from '../journal/blob-text.ts';
import { type StreamId, streamId } from '../journal/event.ts';
import { completeTeam } from '../teams/pinned-team.ts';
import type { Team } from '../teams/team.ts';
import { viewItem } from '../views/item-view.ts';
import { seatRole } from '../worker/seat-role.ts';
import { authorOf } from '../worker/step-commit.ts';
import type { WorkerContext } from '../worker/worker-context.ts';
import { type AgentReplay, type AgentRun, type ReplayOptions, replayAgent } from './replay-agent.ts';

export interface ItemReplay {
  item: number;
  title: string;
  agents: AgentReplay[];
  /** Of the branch after each step that committed, and of what landed. */
  trees: { of: string; commit: string; isIdentical: boolean }[];
  notes: string[];
  isIdentical: boolean;
}

export interface ReplayRequest extends ReplayOptions {
  item: number;
  /** Only this one of its agents. */
  agent: StreamId | null;
}

/** @throws MeshwrightError `no_such_item`, `nothing_to_replay`, and what reading a blob can (`blob_deleted`). */
export async function replayItem(context: WorkerContext, request: ReplayRequest): Promise<ItemReplay> {
  const { journal, project } = context;
  const { state: last, events } = await viewItem(journal, project, request.item);
  if (last.team === null || last.flowName === null) {
    throw nothingToReplay(`item ${request.item} has not begun`);
  }
  const pinned = completeTeam(await readJsonBlob<Team>(journal, last.team));
  const team = request.isCurrent ? await context.compileTeam(last.flowName) : pinned;
  const replay: ItemReplay = {
    item: request.item,
    title: last.title,
    agents: [],
    trees: [],
    notes: [],
    isIdentical: false,
  };
  if (last.fork) {
    replay.notes.push(
      `forked from #${last.fork.from} at ${last.fork.at}: what came before is replayed there`,
    );
  }
  let state = initialItem;
  for (const stored of events) {
    const event = readItemEvent(stored);
    const before = state;
    state = advance(state, event);
    if (event.kind === 'step.started')
      await replayStep(context, { state, event, pinned, team }, request, replay);
    if (request.agent === null && !request.isCurrent) await compareBranch(context, before, event, replay);
  }
  if (replay.agents.length === 0) throw nothingToReplay(`no agent of item ${request.item} has a tape`);
  replay.isIdentical =
    replay.agents.every(({ isIdentical }) => isIdentical) &&
    replay.trees.every(({ isIdentical }) => isIdentical);
  return replay;
}

function nothingToReplay(message: string): MeshwrightError {
  return new MeshwrightError('nothing_to_replay', message, {
    hint: '`meshwright log <item>` shows what happened.',
  });
}

interface StepMoment {
  state: ItemState;
  event: Extract<ItemEvent, { kind: 'step.started' }>;
  pinned: Team;
  team: Team;
}

async function replayStep(
  context: WorkerContext,
  moment: StepMoment,
  request: ReplayRequest,
  replay: ItemReplay,
): Promise<void> {
  const { state, event, pinned, team } = moment;
  const { agent, role: roleName, step, base } = event.data;
  if (request.agent !== null && request.agent !== agent) return;
  // A fork begins with what another item's agents did; their tapes are that item's.
  if (!agent.startsWith(`${streamId('agent', context.project, request.item)}/`)) return;
  if (!(await context.journal.streamHead(agent as StreamId))) return;
  const effect = begun(state, pinned.flow).find(isStepOf(agent));
  const role = team.roles[roleName];
  if (!role) {
    replay.notes.push(`${step}: the team has no role ${roleName} any more`);
    return;
  }
  if (!effect) return;
  const run: AgentRun = {
    agent: agent as StreamId,
    step,
    role: await seatRole(context, role, { from: state.base, to: base }),
    stepDefinition: effect.stepDefinition,
    base,
  };
  replay.agents.push(await replayAgent(context, run, request));
}

function isStepOf(agent: string) {
  return (effect: ItemEffect): effect is Extract<ItemEffect, { effect: 'runStep' }> =>
    effect.effect === 'runStep' && effect.agent === agent;
}

/** Made again from the commits that the agents left: a merge of the same two gives the same tree. */
async function compareBranch(
  context: WorkerContext,
  before: ItemState,
  event: ItemEvent,
  replay: ItemReplay,
): Promise<void> {
  const made = await remakeTree(context, before, event, replay);
  if (!made) return;
  const { of, commit, tree } = made;
  replay.trees.push({ of, commit, isIdentical: tree === (await context.mirror.treeOf(commit)) });
}

async function remakeTree(
  { mirror, clock }: WorkerContext,
  before: ItemState,
  event: ItemEvent,
  { agents }: ItemReplay,
): Promise<{ of: string; commit: string; tree: string | null } | null> {
  if (event.kind === 'item.landed') {
    const { commit, target } = event.data;
    return { of: target, commit, tree: await mergeAgain(mirror, commit, before.readyCommit ?? '') };
  }
  if (event.kind !== 'step.finished' || event.data.commit === null) return null;
  const { step, commit } = event.data;
  const run = before.phase?.steps[step];
  const tree = agents.find(({ agent }) => agent === run?.agent)?.tree;
  if (!run || !tree) return null;
  if (before.head === run.base) return { of: step, commit, tree: tree.remade };
  // Another step's commit came in between, and the two were merged.
  const theirs = await mirror.commitTree({
    tree: tree.remade,
    parents: [run.base],
    message: 'Replay',
    trailers: {},
    ...authorOf(run.role),
    at: clock.now(),
  });
  return { of: step, commit, tree: await mergeAgain(mirror, commit, theirs) };
}

/** The tree of the merge that `commit` is, of what it stands on and `theirs`; null when they conflict. */
async function mergeAgain(mirror: Mirror, commit: string, theirs: string): Promise<string | null> {
  const ours = await mirror.resolve(`${commit}^1`);
  if (ours === null) return null;
  const merged = await mirror.mergeTree({ ours, theirs });
  return merged.ok ? merged.tree : null;
}
