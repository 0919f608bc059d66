/** What people should look at again: what was decided without them, what is parked, how long answers take, and what the map lacks. */
import type { Journal } from '../journal/journal.ts';
import { readMemory } from '../memory/memory-store.ts';
import { ownKinds } from '../questions/question.ts';
import { isOpen, type QuestionState, type RefusedAnswer } from '../questions/question-state.ts';
import { responseCases } from './question-case.ts';
import {
  type QuestionFacts,
  type QuestionHistory,
  type QuestionRow,
  readQuestionHistories,
  viewRows,
} from './question-view.ts';
import type { UnreadableStream } from './read-each.ts';
import { type ResponseTimes, responseTimesBy, type SlaSuggestion, suggestSlas } from './response-times.ts';

export interface DigestView {
  /** ISO; what was settled before is left out. */
  since: string;
  /** Taken by default since, however long ago it was asked; reviewed or not. */
  defaults: QuestionRow[];
  /** Open, and its items take no place meanwhile. */
  parked: QuestionRow[];
  people: ResponseTimes[];
  routes: ResponseTimes[];
  suggestions: SlaSuggestion[];
  /** People said that another kind was right. */
  misclassified: { fromKind: string; toKind: string; count: number; questions: string[] }[];
  /** Kinds that had no route when they were asked; `openCount` of them wait for one still. */
  unrouted: { kind: string; count: number; openCount: number; gap: string | null }[];
  /** Said without effect. */
  refused: ({ question: string } & RefusedAnswer)[];
  /** Decisions that contradict each other and bind nobody until a person rules. */
  contested: { id: string; topic: string; statement: string; contests: readonly string[] }[];
  /** Questions that this version cannot read, and that count nowhere; usually none. */
  unreadable: UnreadableStream[];
}

export async function viewDigest(
  journal: Journal,
  project: string,
  { since, ...facts }: QuestionFacts & { since: string },
): Promise<DigestView> {
  const { stakeholders } = facts;
  const { found: histories, unreadable } = await readQuestionHistories(journal, project, {
    isOpenOnly: false,
  });
  const recent = histories.filter(({ state }) => (state.settledAt ?? since) >= since);
  const cases = recent.flatMap(({ state, events }) => responseCases(state, events, facts));
  const rowsOf = (isWanted: (state: QuestionState) => boolean) =>
    viewRows(journal, recent.map(({ state }) => state).filter(isWanted), facts);
  const memory = await readMemory(journal, project);
  return {
    since,
    defaults: await rowsOf((state) => state.default !== null),
    parked: await rowsOf((state) => isOpen(state) && state.mode === 'park'),
    people: responseTimesBy(cases, ({ person }) => person),
    routes: responseTimesBy(cases, ({ kind }) => kind),
    suggestions: suggestSlas(cases, stakeholders.isRehearsal ? 1_000 : 60_000),
    misclassified: countMisclassified(recent),
    unrouted: countUnrouted(recent),
    refused: histories.flatMap(({ state }) =>
      state.refused.filter(({ at }) => at >= since).map((each) => ({ question: state.name, ...each })),
    ),
    contested: [...memory.records.values()]
      .filter(({ status }) => status === 'contested')
      .map(({ id, topic, statement, contests }) => ({ id, topic, statement, contests })),
    unreadable,
  };
}

function countMisclassified(histories: readonly QuestionHistory[]): DigestView['misclassified'] {
  const moved = histories.flatMap(({ state }) =>
    state.misclassified.map(({ fromKind, toKind }) => ({ fromKind, toKind, question: state.name })),
  );
  const groups = Map.groupBy(moved, ({ fromKind, toKind }) => `${fromKind} ${toKind}`);
  return [...groups.values()].flatMap((each) => {
    const [first] = each;
    if (!first) return [];
    const { fromKind, toKind } = first;
    return [{ fromKind, toKind, count: each.length, questions: each.map(({ question }) => question) }];
  });
}

/** A kind has a gap when its question was asked without a route; the question about the gap has the kind in its topic. */
function countUnrouted(histories: readonly QuestionHistory[]): DigestView['unrouted'] {
  const without = histories.filter(({ events }) => (events[0]?.data.route ?? null) === null);
  const gaps = new Map(
    histories.flatMap(({ state }) =>
      state.key.kind === ownKinds.gap ? [[state.key.topic, state.name] as const] : [],
    ),
  );
  const groups = Map.groupBy(
    without.filter(({ state }) => state.key.kind !== ownKinds.gap),
    ({ state }) => state.key.kind,
  );
  return [...groups].map(([kind, each]) => ({
    kind,
    count: each.length,
    openCount: each.filter(({ state }) => state.status === 'unrouted').length,
    gap: gaps.get(`route.${kind}`) ?? null,
  }));
}
