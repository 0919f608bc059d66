/**
 * What an item has to do with the people whom its agents asked: it hears the answer, tells the mesh when it does not need one any
 * more, and hears that a decision holds no longer.
 */
import type { JsonObject } from '../base/json.ts';
import { advance } from '../items/advance.ts';
import { findWaits } from '../items/find-waits.ts';
import { isFinal } from '../items/is-final.ts';
import type { ItemEvent } from '../items/item-event.ts';
import type { ItemState } from '../items/item-state.ts';
import { itemStream } from '../items/item-stream.ts';
import { type StreamId, streamId } from '../journal/event.ts';
import type { InboxPost } from '../journal/unit.ts';
import { readApproval } from '../questions/approval-record.ts';
import { refusalAnswers } from '../questions/decline-input.ts';
import { askDropped, type DroppedAsk, ownKinds, type Settlement } from '../questions/question.ts';
import { readQuestion } from '../questions/question-record.ts';
import { isOpen, questionNumber } from '../questions/question-state.ts';
import type { OverturnedNotice } from './record-outcome.ts';
import type { WorkerContext } from './worker-context.ts';

/** Whether somebody is still to answer it. `ask`: `Q-7` or `A-2`. */
export async function isAskOpen({ journal, project }: WorkerContext, ask: string): Promise<boolean> {
  if (ask.startsWith('A-')) {
    return (await readApproval(journal, project, Number(ask.slice('A-'.length))))?.status === 'open';
  }
  const question = await readQuestion(journal, project, questionNumber(ask) ?? 0);
  return question !== null && isOpen(question);
}

/** Null: no step waits for it, or not any more. */
export async function eventsOfSettlement(
  context: WorkerContext,
  state: ItemState,
  { ask, agent, how, by, summary }: Settlement,
): Promise<ItemEvent[] | null> {
  const wait = findWaits(state).find((each) => each.ask === ask && each.agent === agent);
  if (!wait || (state.status !== 'running' && state.status !== 'paused')) return null;
  const answered: ItemEvent = {
    kind: 'step.answered',
    data: { step: wait.step, ask, how, by, summary },
  };
  const canceler = how === 'answered' ? await cancelerOf(context, ask) : null;
  if (canceler === null) return [answered];
  return [answered, { kind: 'item.canceled', data: { by: canceler, reason: summary } }];
}

/** Who answered an agent's refusal with the end of its item; null: nobody did. */
async function cancelerOf({ journal, project }: WorkerContext, ask: string): Promise<string | null> {
  const question = await readQuestion(journal, project, questionNumber(ask) ?? 0);
  const isRefusal = question?.key.kind === ownKinds.refusal;
  const isCanceled = question?.answer?.answer.option === refusalAnswers.cancelItem;
  return isRefusal && isCanceled ? (question.answer?.by ?? null) : null;
}

export function eventOfOverturned({ question, decision, was, by, is }: OverturnedNotice): ItemEvent {
  const instead = by === null ? is : `${by} holds instead: ${is}`;
  const message = `${decision} holds no longer (“${was}”), a person ruled otherwise on ${question}. ${instead}`;
  const finding = { source: `decision:${decision}`, message, file: null, line: null, output: null };
  return { kind: 'item.overturned', data: { question, decision, supersededBy: by, finding } };
}

/** To be posted with the events after which a step does not wait any more although nobody answered. */
export function postsOfDropped(
  project: string,
  before: ItemState,
  events: readonly ItemEvent[],
): InboxPost[] {
  const waits = findWaits(before);
  if (waits.length === 0) return [];
  const after = events.reduce(advance, before);
  const left = isFinal(after) ? [] : findWaits(after);
  const answered = events.flatMap((event) => (event.kind === 'step.answered' ? [event.data.ask] : []));
  return waits
    .filter(
      ({ ask, agent }) =>
        !answered.includes(ask) && !left.some((each) => each.ask === ask && each.agent === agent),
    )
    .map(({ ask, agent, call }) => {
      const why = `item ${before.number} does not wait for it any more: ${after.status}`;
      const dropped: DroppedAsk = { ask, agent: agent as StreamId, why };
      return {
        stream: streamId('mesh', project),
        id: `dropped/${ask}/${agent}/${call}`,
        kind: askDropped,
        actor: itemStream(project, before.number),
        data: { ...dropped } as unknown as JsonObject,
      };
    });
}
