/**
 * Which route a question of a kind takes: the map's, else the engineering lead's for what the product itself asks, else what
 * somebody ruled when they were asked about the kind. Pure; whoever asks looks the ruling up in memory.
 */
import { handleOf } from '../policy/handle.ts';
import { isComplianceKind, routeOf } from '../policy/route-of.ts';
import type { Handle, QuestionKind, Route, Stakeholders, WaitMode } from '../policy/stakeholders.ts';
import { isOwnKind, ownKinds, type QuestionKey, type QuestionText } from './question.ts';

/** Until the engineering lead is reminded of what has no route of its own. */
const leadSlaMinutes = 60;
const minuteMs = 60_000;

const writesRoute = 'I write a route for it';

const gapTopic = 'route.';

/** What is asked about a kind without a route; the key of the decision that routes it from then on. */
export function gapKey(kind: QuestionKind): QuestionKey {
  return { kind: ownKinds.gap, topic: `${gapTopic}${kind}`, scope: 'mesh' };
}

/** The kind that a question about a gap is about. */
export function kindOfGap(topic: string): QuestionKind {
  return topic.slice(gapTopic.length);
}

/** @param ruling the statement of the decision about `gapKey(kind)`; null: there is none. Null: nobody has said who decides it. */
export function findRoute(
  kind: QuestionKind,
  stakeholders: Stakeholders,
  ruling: string | null,
): Route | null {
  const written = routeOf(stakeholders, kind);
  if (written) return written;
  if (isOwnKind(kind)) return leadRoute(kind, stakeholders);
  return ruling === null ? null : ruledRoute(kind, stakeholders, ruling);
}

/**
 * How it is waited for: as its route says. Nothing ships past a compliance question of which nobody has said yet whose it is.
 */
export function modeOf(route: Route | null, kind: QuestionKind): WaitMode {
  return route?.mode ?? (isComplianceKind(kind) ? 'block' : 'wait');
}

/** What the engineering lead is asked about a kind that has no route. At most nine options. */
export function gapText(kind: QuestionKind, stakeholders: Stakeholders, waiting: string): QuestionText {
  const known = Object.keys(stakeholders.routes).toSorted().slice(0, 8);
  return {
    title: `Who decides ${kind}?`,
    building: waiting,
    question: `An agent asked a question of the kind ${kind}, for which .mesh/stakeholders.yaml has no route. Who is to be asked?`,
    options: [
      { label: 'Route it to me', tradeOff: 'you are asked this one and every later one' },
      ...known.map((like) => ({
        label: `Route it like ${like}`,
        tradeOff: `${stakeholders.routes[like]?.primary} is asked`,
      })),
      ...(known.length === 0
        ? [{ label: writesRoute, tradeOff: 'it waits until .mesh/stakeholders.yaml has one' }]
        : []),
    ],
    whyYou: 'You are the engineering lead: what nobody owns is yours to give away.',
    unblocks: 'An option, a person (@handle), or a route in .mesh/stakeholders.yaml',
    defaultOption: null,
    compliance: null,
  };
}

/** `Route it like gtm_dependency`, `ask @marketing-ops`; anything else is the engineering lead's, but for the promise to write one. A compliance question stops its cluster by whatever ruling: only a route of its own can say otherwise. */
function ruledRoute(kind: QuestionKind, stakeholders: Stakeholders, ruling: string): Route | null {
  if (ruling.startsWith(writesRoute)) return null;
  const words = ruling.match(/[a-z0-9_]+/gi) ?? [];
  const like = words.map((word) => routeOf(stakeholders, word)).find((route) => route !== null);
  if (like) return { ...like, kind, mode: isComplianceKind(kind) ? 'block' : like.mode };
  const named = /@[\w.-]*\w/.exec(ruling)?.[0];
  return named === undefined
    ? leadRoute(kind, stakeholders)
    : plainRoute(kind, handleOf(named), stakeholders);
}

function leadRoute(kind: QuestionKind, stakeholders: Stakeholders): Route | null {
  const { engineeringLead } = stakeholders;
  return engineeringLead === null ? null : plainRoute(kind, engineeringLead, stakeholders);
}

function plainRoute(kind: QuestionKind, primary: Handle, { routes, isRehearsal }: Stakeholders): Route {
  return {
    kind,
    primary,
    fallback: null,
    secondary: null,
    // Where they are asked of other things.
    channel:
      Object.values(routes).find((route) => route.primary === primary && route.channel)?.channel ?? null,
    slaMs: leadSlaMinutes * (isRehearsal ? minuteMs / 60 : minuteMs),
    onTimeout: null,
    requiresAcknowledgment: false,
    mode: isComplianceKind(kind) ? 'block' : 'wait',
    writesToSharedMemory: false,
    clock: 'always',
  };
}
