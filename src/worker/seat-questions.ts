/** How one seat reaches people: the port of its gateway over memory and the questions of the project. Decides nothing itself. */
import type { JsonObject } from '../base/json.ts';
import { clusterNameOf } from '../controls/control-scope.ts';
import type { AskState, BindingDecision, QuestionDoor, WellFormed } from '../gateway/question-door.ts';
import { readJsonBlob } from '../journal/blob-text.ts';
import type { StreamId } from '../journal/event.ts';
import { findBinding } from '../memory/memory-state.ts';
import type { AskingTool } from '../permissions/tool-name.ts';
import { type AskReading, readAsk } from '../questions/ask-input.ts';
import { readDecline } from '../questions/decline-input.ts';
import { findRoute, gapKey } from '../questions/find-route.ts';
import { openQuestion } from '../questions/open-question.ts';
import type { QuestionKey, QuestionText } from '../questions/question.ts';
import { readQuestion } from '../questions/question-record.ts';
import { isOpen, type QuestionState, questionNumber } from '../questions/question-state.ts';
import { settlementText } from '../questions/settlement.ts';
import type { EffectRequest, StepEffect } from './effect.ts';
import type { WorkerContext } from './worker-context.ts';

type AskingSeat = Pick<EffectRequest, 'context' | 'state' | 'team'>;
type AskingStep = Pick<StepEffect, 'agent' | 'step' | 'role'>;

export function createQuestionDoor(seat: AskingSeat, step: AskingStep): QuestionDoor {
  const { context } = seat;
  return {
    read: (tool, input, wasAsked) => read(seat, step, { tool, input, wasAsked }),
    recall: ({ key }) => recall(context, key),
    async open(call, question) {
      return stateOf(context, await open(seat, step, { call, question }));
    },
    async stateOf(ask) {
      const { journal, project } = context;
      const question = await readQuestion(journal, project, questionNumber(ask) ?? 0);
      if (question === null) throw new Error(`there is no question ${ask}`);
      return stateOf(context, question);
    },
  };
}

async function read(
  { context, state, team }: AskingSeat,
  { role }: AskingStep,
  { tool, input, wasAsked }: { tool: AskingTool; input: JsonObject; wasAsked: boolean },
): Promise<AskReading> {
  if (tool === 'decline') return readDecline(input, { item: state.number, itemTitle: state.title, role });
  const stakeholders = await context.stakeholders();
  return readAsk(input, { stakeholders, item: state.number, flow: team.flow.name, wasAsked });
}

async function recall(context: WorkerContext, key: QuestionKey): Promise<BindingDecision | null> {
  const record = findBinding(await context.memory(), key, context.clock.now());
  return record && { decision: record.id, statement: record.statement };
}

async function open(
  { context, state }: AskingSeat,
  { agent, step, role }: AskingStep,
  { call, question }: { call: string; question: WellFormed },
): Promise<QuestionState> {
  const { journal, newId, project, clock } = context;
  const { key, text } = question;
  const stakeholders = await context.stakeholders();
  const ruling = await recall(context, gapKey(key.kind));
  const cluster = clusterNameOf(state.cluster) ?? '';
  return openQuestion({
    journal,
    newId,
    project,
    actor: agent,
    nowMs: clock.now(),
    stakeholders,
    draft: {
      key,
      text,
      route: findRoute(key.kind, stakeholders, ruling?.statement ?? null),
      asker: { item: state.number, title: state.title, cluster, step, role, agent: agent as StreamId, call },
      cluster,
      once: null,
    },
  });
}

async function stateOf({ journal }: WorkerContext, question: QuestionState): Promise<AskState> {
  const { name: ask, mode, addressee: of } = question;
  if (isOpen(question)) return { isOpen: true, ask, mode, of };
  const text = await readJsonBlob<QuestionText>(journal, question.text);
  return { isOpen: false, ask, text: settlementText(question, text) };
}
