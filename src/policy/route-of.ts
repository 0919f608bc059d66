/** Who is asked, who may answer, and what is known of them. Pure; reads nothing but the stakeholder map it is given. */
import { handleOf } from './handle.ts';
import { mayStartWork } from './may-start-work.ts';
import type { Handle, Person, QuestionKind, Route, Stakeholders } from './stakeholders.ts';

/** Open asks that one person has at once, where the map does not say otherwise. */
export const defaultAttentionLimit = 5;

/** Null: the kind has no route. */
export function routeOf({ routes }: Stakeholders, kind: QuestionKind): Route | null {
  return Object.hasOwn(routes, kind) ? (routes[kind] ?? null) : null;
}

/** `compliance_question` and the like: answered yes or no, and never by default where it blocks. */
export function isComplianceKind(kind: QuestionKind): boolean {
  return kind.startsWith('compliance');
}

/** The rungs in the order in which they are asked: primary, fallback, secondary, escalation target, engineering lead; each once. */
export function chainOf(route: Route, { engineeringLead }: Stakeholders): Handle[] {
  const target = route.onTimeout?.action === 'escalate' ? route.onTimeout.to : null;
  const rungs = [route.primary, route.fallback, route.secondary, target, engineeringLead];
  return [...new Set(rungs.filter((rung) => rung !== null))];
}

/**
 * Everybody on the chain, their deputies, the engineering lead. `route` null: its kind has none, so it is the engineering
 * lead's. Where nobody is named for it: anybody whom a written map names, without a map anybody.
 */
export function mayAnswer(person: string, route: Route | null, stakeholders: Stakeholders): boolean {
  const asked = answerersOf(route, stakeholders);
  return asked.length === 0 ? mayStartWork(stakeholders, person) : asked.includes(handleOf(person));
}

/** Who is named for it, in the order in which they are asked; empty: nobody. */
function answerersOf(route: Route | null, stakeholders: Stakeholders): Handle[] {
  const lead = stakeholders.engineeringLead;
  const chain = route ? chainOf(route, stakeholders) : lead === null ? [] : [lead];
  return withDeputies(chain, stakeholders);
}

/** These, then whoever may act in their place; each once. */
export function withDeputies(handles: readonly Handle[], stakeholders: Stakeholders): Handle[] {
  return [...new Set([...handles, ...handles.flatMap((each) => personOf(stakeholders, each).deputy ?? [])])];
}

/** What holds of somebody of whom the map says no more than the handle, or not even that. */
export function personOf({ people }: Stakeholders, handle: Handle): Person {
  const named = Object.hasOwn(people, handle) ? handle : handleOf(handle);
  const known = Object.hasOwn(people, named) ? people[named] : undefined;
  return known ?? unknownPerson(named);
}

export function unknownPerson(handle: Handle): Person {
  return {
    handle,
    role: null,
    hours: null,
    deputy: null,
    attentionLimit: defaultAttentionLimit,
    slackId: null,
  };
}
