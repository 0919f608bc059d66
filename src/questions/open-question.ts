/**
 * Opens a question under the next number of its project. Numbers serialise opening: whoever opens number n has seen all
 * lower ones, so that what is being asked already is not asked twice, whichever process asks.
 */
import { idOf } from '../base/ids.ts';
import { type Json, storableJson } from '../base/json.ts';
import { putJsonBlob } from '../journal/blob-text.ts';
import { type StoredEvent, type StreamId, streamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import { nextNumber, numberOf } from '../journal/numbered-streams.ts';
import type { Unit } from '../journal/unit.ts';
import type { Route, Stakeholders } from '../policy/stakeholders.ts';
import { modeOf } from './find-route.ts';
import type { Asker, QuestionKey, QuestionText } from './question.ts';
import { type QuestionEvent, questionStream } from './question-event.ts';
import { postsOf, readQuestion, toQuestionEvent } from './question-record.ts';
import { isOpen, type QuestionState } from './question-state.ts';
import { slaEndsAt } from './sla.ts';

export interface QuestionDraft {
  key: QuestionKey;
  text: QuestionText;
  /** As the map and memory have it now; null: the kind has none, it waits until it has. */
  route: Route | null;
  /** Null: the product itself asks. */
  asker: Asker | null;
  /** Which one a blocking question stops; null: none. */
  cluster: string | null;
  /**
   * Names what may be asked once only, where no agent's call does; null: as often as it is not open. The same call after a
   * crash finds its own question, settled or not.
   */
  once: string | null;
}

export interface OpenQuestionOptions {
  journal: Journal;
  newId: () => string;
  project: string;
  /** The agent's stream, or the mesh's. */
  actor: string;
  nowMs: number;
  stakeholders: Stakeholders;
  draft: QuestionDraft;
}

const maxTries = 50;

/** The question that answers the draft: a new one, the one that was open already, or the one that this call opened before. */
export async function openQuestion(options: OpenQuestionOptions): Promise<QuestionState> {
  const { journal, project, draft } = options;
  const id = unitIdOf(options);
  const text = await putJsonBlob(journal, storableJson(draft.text as unknown as Json));
  for (let tries = 0; tries < maxTries; tries += 1) {
    // The number first: a question that is opened after the search for an equal one then takes the number, and this one searches again.
    const number = await nextNumber(journal, (free) => questionStream(project, free));
    const equal = await findEqual(journal, project, draft.key);
    if (equal && draft.asker === null) return equal;
    const unit = equal ? joinUnit(options, equal) : createUnit(options, number, text);
    const outcome = await journal.append({ id, project, fence: null, ...unit });
    if (outcome.outcome === 'appended') return readBack(journal, project, outcome.events);
    if (outcome.outcome === 'refused') throw new Error(`${unit.stream}: the ledger refused it`);
  }
  throw new Error(`${project}: gave up after ${maxTries} tries to number a question`);
}

function unitIdOf({ project, draft, newId }: OpenQuestionOptions): string {
  if (draft.asker) return idOf(`ask/${project}/${draft.asker.agent}/${draft.asker.call}`);
  return draft.once === null ? newId() : idOf(`ask/${project}/${draft.once}`);
}

type PartialUnit = Pick<Unit, 'stream' | 'expectedVersion' | 'events' | 'posts'> & { claimUnit?: StreamId };

function joinUnit(options: OpenQuestionOptions, equal: QuestionState): PartialUnit {
  const { project, actor, draft } = options;
  if (draft.asker === null) throw new Error('the product joins no question');
  const events: QuestionEvent[] = [{ kind: 'question.joined', data: { asker: draft.asker } }];
  return {
    stream: questionStream(project, equal.number),
    expectedVersion: equal.version,
    events: events.map((event) => toQuestionEvent(event, actor)),
    posts: postsOf(options, equal, events),
  };
}

function createUnit(options: OpenQuestionOptions, number: number, text: string): PartialUnit {
  const { project, actor, nowMs, stakeholders, draft } = options;
  const { key, route, asker, cluster } = draft;
  const asked: QuestionEvent = {
    kind: 'question.asked',
    data: {
      number,
      key,
      text,
      title: draft.text.title,
      optionCount: draft.text.options.length,
      defaultOption: draft.text.defaultOption,
      isCompliance: draft.text.compliance !== null,
      asker,
      cluster,
      route,
      mode: modeOf(route, key.kind),
      dueAt: route ? slaEndsAt(route, stakeholders, { of: route.primary, fromMs: nowMs }) : null,
    },
  };
  return {
    stream: questionStream(project, number),
    expectedVersion: 0,
    claimUnit: streamId('mesh', project),
    events: [toQuestionEvent(asked, actor)],
    posts: postsOf(options, null, [asked]),
  };
}

/**
 * Asked for the same, and the mesh still has to do with it: open, or settled and not in memory yet. What is in memory was
 * looked for there before.
 */
async function findEqual(
  journal: Pick<Journal, 'read' | 'streams'>,
  project: string,
  key: QuestionKey,
): Promise<QuestionState | null> {
  const prefix = `question:${project}/`;
  for (const { stream } of await journal.streams(project, { prefix, claimUnit: streamId('mesh', project) })) {
    const [first] = await journal.read(stream, { limit: 1 });
    if (!first || !isSameKey(first.data.key as unknown as QuestionKey, key)) continue;
    const state = await readQuestion(journal, project, numberOf(stream));
    if (state && (isOpen(state) || isHeldByMemory(state))) return state;
  }
  return null;
}

/** Settled with something that the next asker is to have as well. */
function isHeldByMemory({ status, recorded }: QuestionState): boolean {
  return recorded === null && (status === 'answered' || status === 'defaulted' || status === 'remembered');
}

function isSameKey(a: QuestionKey, b: QuestionKey): boolean {
  return a.kind === b.kind && a.topic === b.topic && a.scope === b.scope;
}

async function readBack(
  journal: Pick<Journal, 'read'>,
  project: string,
  events: readonly StoredEvent[],
): Promise<QuestionState> {
  const stream = events[0]?.stream ?? '';
  const state = await readQuestion(journal, project, numberOf(stream));
  if (state === null) throw new Error(`${stream} was appended and is not there`);
  return state;
}
