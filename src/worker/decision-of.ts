/** What a settled question leaves in memory. Pure: the question, its text and the memory as it is in, the record out. */
import type { NewRecord } from '../memory/decide-record.ts';
import type { MemoryRecord } from '../memory/memory-record.ts';
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
 * Null: nothing to remember: withdrawn, answered by memory itself, left to the agent's judgment, or about money, which is decided
 * anew each time.
 */
export function decisionOf(state: QuestionState, text: QuestionText, memory: Memory): NewRecord | null {
  const ruling = rulingOf(state);
  const answer = ruling?.answer ?? defaultOf(state);
  if (answer === null || state.key.kind === ownKinds.budget) return null;
  const statement = statementOf(answer, text);
  if (statement === null) return null;
  const by = ruling?.by ?? null;
  const isDefault = ruling === null;
  return {
    kind: 'decision',
    ...placeOf(state, memory),
    statement,
    reasons: reasonsOf(state, by),
    rejected: text.options.flatMap(({ label }, index) => (index + 1 === answer.option ? [] : [label])),
    status: 'active',
    source: { from: 'question', question: state.name, by, isDefault },
    validUntil: null,
    check: null,
    supersedes: [...contradictingIds(state), ...overturnedBy(state, memory).map(({ id }) => id)],
    why: isDefault ? `${state.name} was taken by default` : `${by} ruled otherwise (${state.name})`,
    by: by ?? 'mesh',
  };
}

/** What held by the question's default until a person ruled otherwise, superseded by that ruling or about to be. */
export function overturnedBy({ name, overturned }: QuestionState, memory: Memory): MemoryRecord[] {
  if (overturned === null) return [];
  return [...memory.records.values()].filter(
    ({ source }) => source.from === 'question' && source.question === name && source.isDefault,
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

/** Of a contradiction: what the records that contradict each other were about. */
function placeOf(state: QuestionState, memory: Memory): Pick<NewRecord, 'answers' | 'topic' | 'scope'> {
  const [contested] = contradictingIds(state).flatMap((id) => memory.records.get(id) ?? []);
  if (contested) {
    const { answers, topic, scope } = contested;
    return { answers, topic, scope };
  }
  const { kind: answers, topic, scope } = state.key;
  return { answers, topic, scope: state.route?.writesToSharedMemory ? 'mesh' : scope };
}

function reasonsOf({ name, title, default: taken }: QuestionState, by: string | null): string {
  return by === null ? `${name} (${title}): ${taken?.why ?? ''}` : `${by} answered ${name} (${title})`;
}
