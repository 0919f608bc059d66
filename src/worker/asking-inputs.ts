/** What a seat is told of asking people: the routes as the map is now, and what agents have asked of people and is open. */
import type { Asking, OpenTopic } from '../agents/describe-asking.ts';
import { permittedTools } from '../capabilities/judge-tool-call.ts';
import { describeSla } from '../questions/compose-consequence.ts';
import { isOwnKind } from '../questions/question.ts';
import { readOpenQuestions } from '../questions/question-record.ts';
import { isOpen, type QuestionState } from '../questions/question-state.ts';
import type { Role } from '../teams/team.ts';
import type { EffectRequest } from './effect.ts';

/** Shown; whoever asks what is not among them joins it all the same. */
const mostTopics = 20;

/** Null: the role asks nobody. */
export async function askingFor(
  { context, state, team }: Pick<EffectRequest, 'context' | 'state' | 'team'>,
  role: Role,
): Promise<Asking | null> {
  if (role.run !== null || !permittedTools(role, [], true).includes('ask')) return null;
  const { journal, project } = context;
  const { routes } = await context.stakeholders();
  const here = ['mesh', `team:${team.flow.name}`, `item:${state.number}`];
  const open = [...(await readOpenQuestions(journal, project)).values()].filter(
    (question) => isOpen(question) && isOfAgents(question) && isFor(here, question.key.scope),
  );
  return {
    kinds: Object.values(routes)
      .filter(({ kind }) => !isOwnKind(kind))
      .toSorted((a, b) => (a.kind < b.kind ? -1 : 1))
      .map((route) => ({
        kind: route.kind,
        primary: route.primary,
        sla: describeSla({ route }),
        mode: route.mode,
      })),
    open: open.slice(-mostTopics).map(topicOf),
  };
}

/** What the product asks itself, and what one agent refuses or lacks, no other one can join. */
function isOfAgents({ isOwn, key }: QuestionState): boolean {
  return !isOwn && !isOwnKind(key.kind);
}

function isFor(here: readonly string[], scope: string): boolean {
  return scope.startsWith('paths:') || here.includes(scope);
}

/** By the key with which it was asked, which a person's word about its kind does not change. */
function topicOf({ name: ask, key, addressee, dueAt }: QuestionState): OpenTopic {
  return { ask, ...key, addressee, dueAt };
}
