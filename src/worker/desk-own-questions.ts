/**
 * What the product itself asks: about kinds without a route, about decisions that contradict each other, about budgets that are
 * nearly used up. And what follows from an answer where memory alone does not do it.
 */
import { writeControl } from '../controls/control-record.ts';
import { meshScope } from '../controls/control-scope.ts';
import { controlHeldBy } from '../controls/control-state.ts';
import type { InboxMessage } from '../journal/unit.ts';
import { accountInWords, parseAccount } from '../ledger/account-names.ts';
import { raiseCommand } from '../ledger/judge-ceiling.ts';
import { findBinding, type Memory } from '../memory/memory-state.ts';
import { type ContestedNotice, memoryContested } from '../memory/memory-store.ts';
import { routeOf } from '../policy/route-of.ts';
import type { Stakeholders } from '../policy/stakeholders.ts';
import { findRoute, gapKey, gapText, kindOfGap } from '../questions/find-route.ts';
import { routedTo } from '../questions/judge-answer.ts';
import { openQuestion, type QuestionDraft } from '../questions/open-question.ts';
import { budgetText, contradictionText, pauseOption } from '../questions/own-questions.ts';
import { isOwnKind, ownKinds } from '../questions/question.ts';
import { isOpen, type QuestionState, rulingOf } from '../questions/question-state.ts';
import { contradictingIds, contradictionTopic } from './decision-of.ts';
import type { WorkerContext } from './worker-context.ts';
import { writeAsSeen } from './write-as-seen.ts';

export interface DeskView {
  context: WorkerContext;
  stakeholders: Stakeholders;
  memory: Memory;
  /** Of the mesh's inbox. */
  messages: readonly InboxMessage[];
  questions: ReadonlyMap<number, QuestionState>;
  /** The project's cluster. */
  cluster: string;
}

/** True when something was asked, routed or withdrawn. */
export async function askOwnQuestions(view: DeskView): Promise<boolean> {
  const hasWithdrawn = await withdrawNeedless(view);
  let hasAsked = (await routeUnrouted(view)) || hasWithdrawn;
  for (const message of view.messages) {
    const draft = draftAbout(view, message);
    if (!draft) continue;
    await ask(view, draft);
    hasAsked = true;
  }
  return hasAsked;
}

/** What has come right without an answer need not be asked any more. */
async function withdrawNeedless(view: DeskView): Promise<boolean> {
  let hasChanged = false;
  for (const state of view.questions.values()) {
    const why = isOpen(state) ? whyNeedless(view, state) : null;
    if (why === null) continue;
    hasChanged = true;
    await writeAsSeen(view.context, state, { events: [{ kind: 'question.withdrawn', data: { why } }] });
  }
  return hasChanged;
}

function whyNeedless({ stakeholders, memory }: DeskView, state: QuestionState): string | null {
  const { kind, topic } = state.key;
  if (kind === ownKinds.gap) {
    const routed = kindOfGap(topic);
    return routeOf(stakeholders, routed) ? `${routed} has a route now` : null;
  }
  const contested = contradictingIds(state).flatMap((id) => memory.records.get(id) ?? []);
  if (kind !== ownKinds.contradiction || contested.filter(({ status }) => status === 'contested').length > 1)
    return null;
  const holds = contested.filter(({ status }) => status === 'active').map(({ id }) => id);
  return holds.length > 0 ? `${holds.join(' and ')} is left, and holds` : 'none of them is left';
}

/** By the map as it is now, or by what was ruled about the kind; else the engineering lead is asked, once for each kind. */
async function routeUnrouted(view: DeskView): Promise<boolean> {
  const { context, stakeholders, memory, questions } = view;
  const nowMs = context.clock.now();
  const unrouted = [...questions.values()].filter(({ status }) => status === 'unrouted');
  let hasChanged = false;
  for (const state of unrouted) {
    const { kind, name } = state;
    const ruling = findBinding(memory, gapKey(kind), nowMs)?.statement ?? null;
    const route = findRoute(kind, stakeholders, ruling);
    if (route) {
      const routed = routedTo({ state, toKind: kind, route, by: null, stakeholders, nowMs });
      await writeAsSeen(context, state, { events: [routed] });
      hasChanged = true;
    } else if (isGap(view, kind) && ruling === null) {
      await ask(view, gapDraft(view, kind, name));
      hasChanged = true;
    }
  }
  return hasChanged;
}

/** Nobody to be asked about it: whoever may run commands answers the question itself. */
function isGap({ stakeholders, questions }: DeskView, kind: string): boolean {
  if (stakeholders.engineeringLead === null || isOwnKind(kind)) return false;
  const { topic } = gapKey(kind);
  return ![...questions.values()].some(({ key }) => key.kind === ownKinds.gap && key.topic === topic);
}

function gapDraft({ stakeholders }: DeskView, kind: string, name: string): QuestionDraft {
  return {
    key: gapKey(kind),
    text: gapText(kind, stakeholders, `${name} waits for it, and every later question of the kind ${kind}.`),
    route: findRoute(ownKinds.gap, stakeholders, null),
    asker: null,
    cluster: null,
    once: null,
  };
}

/** Null: the message asks for no question. */
function draftAbout(view: DeskView, message: InboxMessage): QuestionDraft | null {
  switch (message.kind) {
    case memoryContested:
      return contradictionDraft(view, message.data as unknown as ContestedNotice);
    case ownKinds.budget:
      return budgetDraft(view, message);
    default:
      return null;
  }
}

function contradictionDraft(
  { memory, stakeholders }: DeskView,
  { ids, why }: ContestedNotice,
): QuestionDraft | null {
  const contested = ids
    .flatMap((id) => memory.records.get(id) ?? [])
    .filter(({ status }) => status === 'contested');
  if (contested.length < 2) return null;
  const topic = contradictionTopic(contested.map(({ id }) => id));
  return {
    key: { kind: ownKinds.contradiction, topic, scope: 'mesh' },
    text: contradictionText(contested, why),
    route: findRoute(ownKinds.contradiction, stakeholders, null),
    asker: null,
    cluster: null,
    once: `contradiction/${topic}`,
  };
}

/** Only where the map names somebody for it, and for what many items share: an item's own ceiling asks for itself when it is full. */
function budgetDraft({ stakeholders, cluster }: DeskView, message: InboxMessage): QuestionDraft | null {
  const route = routeOf(stakeholders, ownKinds.budget);
  const { account, ceilingMicroUsd, spentMicroUsd, reservedMicroUsd, permille } = message.data as {
    account: string;
  } & Record<'ceilingMicroUsd' | 'spentMicroUsd' | 'reservedMicroUsd' | 'permille', number>;
  const parsed = parseAccount(account);
  if (!route || !parsed || parsed.window === 'run') return null;
  return {
    key: { kind: ownKinds.budget, topic: `budget.${account}`, scope: 'mesh' },
    text: budgetText({
      account: accountInWords(parsed),
      ceilingMicroUsd,
      usedMicroUsd: spentMicroUsd + reservedMicroUsd,
      permille,
      raiseCommand: `\`${raiseCommand(parsed, 0, ceilingMicroUsd)}\``,
    }),
    route,
    asker: null,
    cluster,
    once: message.id,
  };
}

async function ask({ context, stakeholders }: DeskView, draft: QuestionDraft): Promise<void> {
  const { journal, newId, project, clock } = context;
  await openQuestion({
    journal,
    newId,
    project,
    actor: `mesh:${project}`,
    nowMs: clock.now(),
    stakeholders,
    draft,
  });
}

/** Before it is recorded, so that a crash between the two leaves it to be done again; done twice it is the same. */
export async function carryOut(
  { journal, newId, project }: WorkerContext,
  state: QuestionState,
): Promise<void> {
  const ruling = rulingOf(state);
  if (state.key.kind !== ownKinds.budget || ruling?.answer.option !== pauseOption) return;
  const { by } = ruling;
  await writeControl({
    journal,
    newId,
    project,
    actor: `person:${by}`,
    decide: (controls) =>
      controlHeldBy(controls, meshScope, null)
        ? null
        : {
            kind: 'control.set',
            data: { scope: meshScope, state: 'paused', by, holder: null, why: null },
          },
  });
}
