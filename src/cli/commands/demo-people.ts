/**
 * The persons of the demo: some time after somebody is asked they say what is written here, through the function that `meshwright
 * answer` calls too; and what is ready is accepted. Everything else about a question is the product's: who is asked, when, what
 * follows. Whoever has no words here never answers.
 */
import { newId } from '../../base/ids.ts';
import type { StoredEvent } from '../../journal/event.ts';
import { readMemory } from '../../memory/memory-store.ts';
import type { Handle, QuestionKind } from '../../policy/stakeholders.ts';
import { readOpenQuestions, readQuestion } from '../../questions/question-record.ts';
import { questionNumber } from '../../questions/question-state.ts';
import { replyToQuestion } from '../../requests/answer-question.ts';
import { askOfItem } from '../../requests/ask-of-item.ts';
import { requireStakeholders } from '../../views/configuration.ts';
import { itemOf } from '../../views/describe-event.ts';
import { askName } from '../../views/describe-question.ts';
import { viewItem } from '../../views/item-view.ts';
import { knownEvent } from '../../views/known-event.ts';
import { viewStatus } from '../../views/status-view.ts';
import type { ProjectSession } from '../session.ts';

interface Part {
  who: Handle;
  about: QuestionKind;
  /** After they were asked. */
  says: readonly { afterMs: number; words: string }[];
}

/** Nobody is written for @product-channel: what it is asked is decided by default. */
const parts: readonly Part[] = [
  {
    who: '@sarah-pm',
    about: 'requirement_ambiguity',
    says: [{ afterMs: 1_500, words: '1, their spreadsheet converts it' }],
  },
  {
    who: '@compliance-team',
    about: 'compliance_question',
    says: [
      { afterMs: 1_000, words: 'ack' },
      { afterMs: 3_000, words: 'yes' },
    ],
  },
  {
    who: '@alex-engineering-lead',
    about: 'unrouted_kind',
    says: [{ afterMs: 1_500, words: 'Route it like requirement_ambiguity' }],
  },
  { who: '@sarah-pm', about: 'support_process', says: [{ afterMs: 1_500, words: '1' }] },
];

export interface DemoPeople {
  /** To be told every event, in order. */
  see(event: StoredEvent): void;
  /** Aborted when everything has landed and nothing is asked any more, or when something will not land. */
  over: AbortSignal;
  /** From now on nobody says anything. @throws what went wrong while they did. */
  leave(): Promise<void>;
}

/**
 * @param person accepts what is ready
 * @param heldBack item that is accepted only when a question stops its cluster, to show that nothing lands meanwhile; at the latest
 *   with the next item
 */
export function playPeople(
  project: ProjectSession,
  { person, heldBack }: { person: string; heldBack: number },
): DemoPeople {
  const over = new AbortController();
  const timers = new Set<NodeJS.Timeout>();
  let doing = Promise.resolve();
  let failure: unknown = null;
  const next = (act: () => Promise<void>) => {
    doing = doing.then(act).catch((error: unknown) => {
      failure ??= error;
      over.abort();
    });
  };
  const stage: Stage = { project, person, heldBack, blockedBy: null, isHeldBackReady: false };
  const onAsked = async (name: string, by: Handle) => {
    for (const { afterMs, words } of await findWords(stage, name, by)) {
      if (over.signal.aborted) return;
      timers.add(setTimeout(() => next(() => speak(stage, { name, by, words })), afterMs));
    }
  };
  return {
    over: over.signal,
    see: (event) => next(async () => ((await follow(stage, event, onAsked)) ? over.abort() : undefined)),
    async leave() {
      over.abort();
      for (const timer of timers) clearTimeout(timer);
      await doing;
      if (failure !== null) throw failure;
    },
  };
}

interface Stage {
  project: ProjectSession;
  person: string;
  heldBack: number;
  /** The open question that stops the cluster; null: none does. */
  blockedBy: string | null;
  isHeldBackReady: boolean;
}

/** True when the demo is over. */
async function follow(
  stage: Stage,
  event: StoredEvent,
  onAsked: (name: string, by: Handle) => Promise<void>,
): Promise<boolean> {
  if (event.kind === 'control.set' || event.kind === 'control.cleared') {
    stage.blockedBy = event.kind === 'control.set' ? (event.data.holder as string | null) : null;
    if (stage.blockedBy !== null) await acceptHeldBack(stage);
    return false;
  }
  const known = knownEvent(event);
  switch (known?.kind) {
    case 'question.notified':
      if (known.data.why === 'asked') await onAsked(askName(event.stream), known.data.to);
      return false;
    case 'memory.answered':
      await tellDecision(stage, known.data.id);
      return false;
    case 'item.ready':
      await onReady(stage, itemOf(event) ?? 0);
      return false;
    case 'item.landing_refused':
      return true;
    case 'item.landed':
    case 'item.paused':
    case 'question.recorded':
      return isOver(stage.project);
    default:
      return false;
  }
}

async function onReady(stage: Stage, number: number): Promise<void> {
  if (number === stage.heldBack && stage.blockedBy === null) {
    stage.isHeldBackReady = true;
    return;
  }
  await accept(stage, number);
  await acceptHeldBack(stage);
}

async function acceptHeldBack(stage: Stage): Promise<void> {
  const { blockedBy, heldBack, isHeldBackReady } = stage;
  if (!isHeldBackReady) return;
  stage.isHeldBackReady = false;
  if (blockedBy !== null)
    tell(stage, [
      `The demo accepts #${heldBack} only now: it must not land before ${blockedBy} is answered.`,
    ]);
  await accept(stage, heldBack);
}

async function accept({ project, person }: Stage, number: number): Promise<void> {
  const { journal } = project.store;
  const { state } = await viewItem(journal, project.project, number);
  if (state.status !== 'ready' || !state.readyCommit) return;
  const request = { kind: 'accept', by: person, commit: state.readyCommit } as const;
  await askOfItem({ journal, newId, project: project.project, number, request });
}

/** What they will say to it; nothing: they are silent. */
async function findWords(stage: Stage, name: string, by: Handle): Promise<Part['says']> {
  const { store, project } = stage.project;
  const question = await readQuestion(store.journal, project, questionNumber(name) ?? 0);
  const part = parts.find(({ who, about }) => who === by && about === question?.kind);
  if (!part) tell(stage, [`Nobody plays ${by}: the deadline of ${name} will pass.`]);
  return part?.says ?? [];
}

/** What the agent was told instead of asking somebody. */
async function tellDecision(stage: Stage, id: string): Promise<void> {
  const { records } = await readMemory(stage.project.store.journal, stage.project.project);
  const record = records.get(id);
  if (record) tell(stage, [`It asked about ${record.topic}; ${id} holds: ${record.statement}`]);
}

function tell({ project: { terminal } }: Stage, lines: readonly string[]): void {
  for (const line of lines) terminal.line(`      ${terminal.style('dim', line)}`);
}

async function speak(
  stage: Stage,
  { name, by, words }: { name: string; by: Handle; words: string },
): Promise<void> {
  const { terminal, store, configuration } = stage.project;
  tell(stage, [`The demo, as ${by}: meshwright answer ${name} ${JSON.stringify(words)}`]);
  const { isAccepted, line } = await replyToQuestion({
    journal: store.journal,
    newId,
    project: stage.project.project,
    stakeholders: requireStakeholders(configuration),
    nowMs: Date.now(),
    name,
    by,
    via: 'cli',
    text: words,
  });
  if (!isAccepted) terminal.warn(line);
}

/** Everything has landed and nothing is asked any more; or something is paused for good. */
async function isOver({ store, project }: ProjectSession): Promise<boolean> {
  const { items } = await viewStatus(store.journal, project);
  if (items.some(({ status }) => status === 'paused')) return true;
  if (items.some(({ status }) => status !== 'landed')) return false;
  return (await readOpenQuestions(store.journal, project)).size === 0;
}
