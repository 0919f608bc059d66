/**
 * Reading and writing the shared streams of questions: fold, decide, append at the folded version, again when somebody was
 * faster. What belongs to the same fact is posted in the same unit: each asker's settlement, and the word to the desk.
 */
import { type JsonObject, storableJson } from '../base/json.ts';
import { appendShared, type SharedWrite } from '../journal/append-shared.ts';
import { type NewEvent, type StoredEvent, streamId } from '../journal/event.ts';
import type { Journal, StreamHead } from '../journal/journal.ts';
import { numberOf } from '../journal/numbered-streams.ts';
import type { InboxPost } from '../journal/unit.ts';
import { toStorable, unlessNewer } from '../journal/upcast.ts';
import { advanceQuestion, foldQuestion } from './fold-question.ts';
import { type QuestionEvent, questionKinds, questionStream } from './question-event.ts';
import type { QuestionState } from './question-state.ts';
import { reroutePosts, settlementPosts } from './settlement.ts';

/** Message to the mesh: a question has changed in a way that its desk has to do with. */
export const questionChanged = 'question.changed';

/** Null: there is no such question. @throws MeshwrightError `event_unknown`. */
export async function readQuestion(
  journal: Pick<Journal, 'read'>,
  project: string,
  number: number,
  from: QuestionState | null = null,
): Promise<QuestionState | null> {
  const after = from?.version ?? 0;
  return foldQuestion(await journal.read(questionStream(project, number), { after }), from);
}

/**
 * Every question that the mesh still has to do with, by number: the open ones, and those of which it is not in memory yet
 * what came of them (see isOpen). Those that a newer version wrote are left out.
 * @param known by number, of an earlier reading: only what has changed since is read.
 * @param heads of the mesh's claim unit, where they were listed already.
 */
export async function readOpenQuestions(
  journal: Pick<Journal, 'read' | 'streams'>,
  project: string,
  known: ReadonlyMap<number, QuestionState> = new Map(),
  heads?: readonly StreamHead[],
): Promise<Map<number, QuestionState>> {
  const prefix = `question:${project}/`;
  const listed = heads ?? (await journal.streams(project, { prefix, claimUnit: streamId('mesh', project) }));
  const open: QuestionState[] = [];
  for (const { stream, version } of listed.filter((head) => head.stream.startsWith(prefix))) {
    const number = numberOf(stream);
    const before = known.get(number) ?? null;
    const state =
      before?.version === version
        ? before
        : await unlessNewer(() => readQuestion(journal, project, number, before));
    if (state) open.push(state);
  }
  return new Map(open.sort((a, b) => a.number - b.number).map((state) => [state.number, state]));
}

export interface QuestionWrite {
  events: QuestionEvent[];
  /** What else belongs to the fact: orders to outboxes. */
  posts?: InboxPost[];
}

export interface WriteQuestionOptions {
  journal: Pick<Journal, 'read' | 'append'>;
  newId: () => string;
  project: string;
  number: number;
  /** `person:sarah-pm`, an agent's stream, or the mesh's. */
  actor: string;
  /** Called again when somebody was faster. Null, or no event: nothing is to be written. */
  decide: (state: QuestionState) => QuestionWrite | null | Promise<QuestionWrite | null>;
}

/** The question as it is after it; null: there is none of this number. */
export async function writeQuestion(options: WriteQuestionOptions): Promise<QuestionState | null> {
  const { journal, newId, project, number, actor } = options;
  const stream = questionStream(project, number);
  let state: QuestionState | null = null;
  const decide = async (): Promise<SharedWrite | null> => {
    state = await readQuestion(journal, project, number, state);
    if (state === null) return null;
    const write = await options.decide(state);
    if (write === null || write.events.length === 0) return null;
    return {
      version: state.version,
      events: write.events.map((event) => toQuestionEvent(event, actor)),
      posts: [...postsOf({ project, actor, newId }, state, write.events), ...(write.posts ?? [])],
      ...transferOf(project, number, write.events),
    };
  };
  const stored: StoredEvent[] = await appendShared({ journal, newId, project, stream, decide });
  return foldQuestion(stored, state);
}

export function toQuestionEvent({ kind, data }: QuestionEvent, actor: string): NewEvent {
  const storable = storableJson(data as unknown as JsonObject) as JsonObject;
  return toStorable(questionKinds, { kind, data: storable }, actor);
}

export interface Writer {
  project: string;
  actor: string;
  newId: () => string;
}

/** What the events mean to others, of a question that was `state` before them. */
export function postsOf(writer: Writer, state: QuestionState | null, events: QuestionEvent[]): InboxPost[] {
  const posts: InboxPost[] = [];
  let now = state;
  for (const event of events) {
    const modeBefore = now?.mode;
    // The time is not in any settlement; the real one is not known before the database has it.
    now = advanceQuestion(now, event, now?.askedAt ?? '');
    posts.push(...settlementPosts(writer, now, event));
    if (event.kind === 'question.routed' && now.mode !== modeBefore) posts.push(...reroutePosts(writer, now));
  }
  if (now !== null && events.some(concernsDesk)) posts.push(wakePost(writer, now));
  return posts;
}

/** What the desk writes itself it need not be told; of all else it hears, since its own write may have been the slower one. */
function concernsDesk({ kind, data }: QuestionEvent): boolean {
  switch (kind) {
    case 'question.asked':
    case 'question.joined':
    case 'question.left':
    case 'question.acknowledged':
    case 'question.answered':
    case 'question.overturned':
    case 'question.confirmed':
    case 'question.answer_refused':
      return true;
    case 'question.routed':
      return data.by !== null;
    default:
      return false;
  }
}

function wakePost({ project, actor, newId }: Writer, { name, number }: QuestionState): InboxPost {
  return {
    stream: streamId('mesh', project),
    id: `question/${newId()}`,
    kind: questionChanged,
    actor,
    data: { question: name, number },
  };
}

/** Recorded, it leaves the mesh's claim unit, so that the open ones are found without reading the others; overturned, it returns. */
function transferOf(project: string, number: number, events: readonly QuestionEvent[]) {
  const moves = events.findLast(({ kind }) => kind === 'question.recorded' || kind === 'question.overturned');
  if (!moves) return {};
  const isRecorded = moves.kind === 'question.recorded';
  return { transferTo: isRecorded ? questionStream(project, number) : streamId('mesh', project) };
}
