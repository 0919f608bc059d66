/**
 * What an item has to do with the people whom its agents asked: it hears the answer, tells the mesh when it does not need one any
 * more, and hears that a decision holds no longer.
 */
import type { JsonObject } from '../base/json.ts';
import { findMisplacement } from '../items/find-misplacement.ts';
import { findWaits } from '../items/find-waits.ts';
import { isFinal } from '../items/is-final.ts';
import type { ItemEvent, Overturned } from '../items/item-event.ts';
import type { ItemState } from '../items/item-state.ts';
import { itemStream } from '../items/item-stream.ts';
import { streamId } from '../journal/event.ts';
import type { InboxPost } from '../journal/unit.ts';
import type { WaitMode } from '../policy/stakeholders.ts';
import { readApproval, readOpenApprovals } from '../questions/approval-record.ts';
import { isSettled } from '../questions/approval-state.ts';
import { refusalAnswers } from '../questions/decline-input.ts';
import {
  askDropped,
  type DroppedAsk,
  ownKinds,
  type ReroutedAsk,
  type Settlement,
} from '../questions/question.ts';
import { readOpenQuestions, readQuestion } from '../questions/question-record.ts';
import { isOpen, questionNumber } from '../questions/question-state.ts';
import type { OverturnedNotice } from './record-outcome.ts';
import type { WorkerContext } from './worker-context.ts';

/** How an item waits for it now; null: nobody is to answer it any more. `ask`: `Q-7` or `A-2`. */
export async function readWaitMode(
  { journal, project }: WorkerContext,
  ask: string,
): Promise<WaitMode | null> {
  if (ask.startsWith('A-')) {
    const approval = await readApproval(journal, project, Number(ask.slice('A-'.length)));
    return approval?.status === 'open' ? 'wait' : null;
  }
  const question = await readQuestion(journal, project, questionNumber(ask) ?? 0);
  return question !== null && isOpen(question) ? question.mode : null;
}

/** Null: no step waits for it, or not any more, and nothing else follows. */
export async function eventsOfSettlement(
  context: WorkerContext,
  state: ItemState,
  { ask, agent, how, by, summary }: Settlement,
): Promise<ItemEvent[] | null> {
  const events: ItemEvent[] = [];
  const wait = findWaits(state).find((each) => each.ask === ask && each.agent === agent);
  if (wait && (state.status === 'running' || state.status === 'paused')) {
    events.push({ kind: 'step.answered', data: { step: wait.step, ask, how, by, summary } });
  }
  // Whether its agent waits for it, is still at work or has ended meanwhile: the item ends because a person says so.
  const canceler = how === 'answered' ? await cancelerOf(context, ask) : null;
  if (canceler !== null) {
    const canceled: ItemEvent = { kind: 'item.canceled', data: { by: canceler, reason: summary } };
    if (findMisplacement(state, canceled) === null) events.push(canceled);
  }
  return events.length > 0 ? events : null;
}

/** Who answered an agent's refusal with the end of its item; null: nobody did. */
async function cancelerOf({ journal, project }: WorkerContext, ask: string): Promise<string | null> {
  const question = await readQuestion(journal, project, questionNumber(ask) ?? 0);
  const isRefusal = question?.key.kind === ownKinds.refusal;
  const isCanceled = question?.answer?.answer.option === refusalAnswers.cancelItem;
  return isRefusal && isCanceled ? (question.answer?.by ?? null) : null;
}

/** The question was given to other people, for whom the item waits otherwise. Null: no step waits for it, or it does so already. */
export function eventOfReroute(state: ItemState, { ask, agent, mode }: ReroutedAsk): ItemEvent | null {
  const wait = findWaits(state).find((each) => each.ask === ask && each.agent === agent);
  if (!wait || wait.mode === mode) return null;
  const event: ItemEvent = { kind: 'step.rerouted', data: { step: wait.step, ask, mode } };
  // The item may have ended since, by a message that came just before.
  return findMisplacement(state, event) === null ? event : null;
}

export function overturnedOf({ question, decision, was, by, is }: OverturnedNotice): Overturned {
  const message = `${decision} holds no longer (“${was}”), a person ruled otherwise on ${question}. ${by} holds instead: ${is}`;
  const finding = { source: `decision:${decision}`, message, file: null, line: null, output: null };
  return { question, decision, supersededBy: by, instead: is, finding };
}

/** To be posted with the events that end an agent's run: whoever is asked for it is not needed any more, whether or not its step waits. */
export async function postsOfDropped(
  context: WorkerContext,
  before: ItemState,
  { events, after }: { events: readonly ItemEvent[]; after: ItemState },
): Promise<InboxPost[]> {
  const isEnding = events.some(({ kind }) => kind === 'step.failed' || kind === 'item.canceled');
  if (!isEnding) return [];
  const going = isFinal(after) ? [] : runningAgents(after);
  return dropPosts(context, after, new Set(runningAgents(before).filter((agent) => !going.includes(agent))));
}

export function runningAgents({ phase }: Pick<ItemState, 'phase'>): string[] {
  return Object.values(phase?.steps ?? {}).flatMap(({ status, agent }) =>
    status === 'running' ? [agent] : [],
  );
}

/** Word to the mesh about everything that is still asked for these agents of an item. */
export async function dropPosts(
  { journal, project }: WorkerContext,
  { number, status }: ItemState,
  agents: ReadonlySet<string>,
): Promise<InboxPost[]> {
  if (agents.size === 0) return [];
  const questions = [...(await readOpenQuestions(journal, project)).values()].filter(isOpen);
  const approvals = (await readOpenApprovals(journal, project)).filter((approval) => !isSettled(approval));
  const asks = [
    ...questions.flatMap(({ name, askers }) => askers.map((asker) => ({ ask: name, ...asker }))),
    ...approvals.map(({ name, asker }) => ({ ask: name, ...asker })),
  ];
  return asks
    .filter(({ agent }) => agents.has(agent))
    .map(({ ask, agent, call }) => {
      const why = `item ${number} does not wait for it any more: ${status}`;
      const dropped: DroppedAsk = { ask, agent, why };
      return {
        stream: streamId('mesh', project),
        id: `dropped/${ask}/${agent}/${call}`,
        kind: askDropped,
        actor: itemStream(project, number),
        data: { ...dropped } as unknown as JsonObject,
      };
    });
}
