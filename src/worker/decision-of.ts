/** What a settled question leaves in memory. Pure: the question, its text and the memory as it is in, the record out. */
import type { NewRecord } from '../memory/decide-record.ts';
import type { Memory } from '../memory/memory-state.ts';
import { type Answer, ownKinds, type QuestionText } from '../questions/question.ts';
import { type QuestionState, rulingOf } from '../questions/question-state.ts';

/** Ids in the topic of a question about a contradiction. */
const idSeparator = ' ';

/** What two or more records that contradict each other are asked about. */
export function contradictionTopic(ids: readonly string[]): string {
  return ids.join(idSeparator);
}

export function contradictingIds({ key }: Pick<QuestionState, 'key'>): string[] {
  return key.kind === ownKinds.contradiction ? key.topic.split(idSeparator) : [];
}

/**
 * One; of a contradiction one for each key that it is about, of a misclassified question one for each of its kinds. None:
 * there is nothing to remember, as it was withdrawn, answered by memory itself, left to the agent's judgment, or about money,
 * which is decided anew each time.
 */
export function decisionsOf(state: QuestionState, text: QuestionText, memory: Memory): NewRecord[] {
  const ruling = rulingOf(state);
  const answer = ruling?.answer ?? defaultOf(state);
  if (answer === null || state.key.kind === ownKinds.budget) return [];
  const statement = statementOf(answer, text);
  if (statement === null) return [];
  const by = ruling?.by ?? null;
  const isDefault = ruling === null;
  return placesOf(state, memory).map((place) => ({
    kind: 'decision',
    ...place,
    statement,
    reasons: reasonsOf(state, by),
    rejected: text.options.flatMap(({ label }, index) => (index + 1 === answer.option ? [] : [label])),
    status: 'active',
    source: { from: 'question', question: state.name, by, isDefault },
    validUntil: null,
    check: null,
    supersedes: [...place.supersedes, ...overturnedBy(state, place, memory)],
    why: isDefault ? `${state.name} was taken by default` : `${by} ruled otherwise (${state.name})`,
    by: by ?? 'mesh',
  }));
}

/** Ids of what held there by the question's default until a person ruled otherwise, superseded by that ruling or about to be. */
function overturnedBy({ name, overturned }: QuestionState, place: Place, memory: Memory): string[] {
  if (overturned === null) return [];
  return [...memory.records.values()].flatMap(({ id, answers, source }) =>
    source.from === 'question' && source.question === name && source.isDefault && answers === place.answers
      ? [id]
      : [],
  );
}

function defaultOf(state: QuestionState): Answer | null {
  return state.default === null ? null : { option: state.default.option, text: null };
}

/** Null: the agent chooses. */
function statementOf(answer: Answer, { options }: QuestionText): string | null {
  if (answer.option === null) return answer.text;
  const { label = '' } = options[answer.option - 1] ?? {};
  return answer.text === null ? label : `${label} (${answer.text})`;
}

type Place = Pick<NewRecord, 'answers' | 'topic' | 'scope' | 'supersedes'>;

/** What the answer answers. Of a contradiction: what the records that contradict each other do, each key with those that have it. */
function placesOf(state: QuestionState, memory: Memory): Place[] {
  const contested = contradictingIds(state).flatMap((id) => memory.records.get(id) ?? []);
  const places = new Map<string, Place>();
  for (const { id, answers, topic, scope } of contested) {
    const key = JSON.stringify([answers, topic, scope]);
    const supersedes = [...(places.get(key)?.supersedes ?? []), id];
    places.set(key, { answers, topic, scope, supersedes });
  }
  if (places.size > 0) return [...places.values()];
  const { topic } = state.key;
  const scope = state.route?.writesToSharedMemory ? 'mesh' : state.key.scope;
  // Whoever asks it again may know by then what kind it is, or make the same mistake.
  const kinds = new Set([state.key.kind, state.kind]);
  return [...kinds].map((answers) => ({ answers, topic, scope, supersedes: [] }));
}

function reasonsOf({ name, title, default: taken }: QuestionState, by: string | null): string {
  return by === null ? `${name} (${title}): ${taken?.why ?? ''}` : `${by} answered ${name} (${title})`;
}
