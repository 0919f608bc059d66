/**
 * What a new item begins with that goes on from event `at` of another one: the same facts under its own number, branch and
 * account. What was under way at that moment is left out, so the flow starts it anew; what it cost was the other one's. Pure.
 */
import { reduceItem } from './advance.ts';
import { isFinal } from './is-final.ts';
import type { ItemEvent } from './item-event.ts';
import type { ItemState } from './item-state.ts';

export interface ForkFacts {
  /** Of the item that is forked, all of them. */
  events: readonly ItemEvent[];
  from: number;
  /** How many of them hold for the fork; at least 1. */
  at: number;
  number: number;
  branch: string;
  /** Blob of the compiled team; null: as pinned. */
  team: string | null;
  /** Where the item says none of its own. */
  ceilingMicroUsd: number | null;
}

export type ForkOutcome =
  | { ok: true; events: ItemEvent[]; state: ItemState }
  | { ok: false; message: string };

export function forkItem(facts: ForkFacts): ForkOutcome {
  const { from, at } = facts;
  if (at < 1 || at > facts.events.length) {
    return { ok: false, message: `item ${from} has events 1 to ${facts.events.length}` };
  }
  const history = facts.events.slice(0, at);
  const then = reduceItem(history);
  if (isFinal(then)) return { ok: false, message: `item ${from} was over (${then.status}) at event ${at}` };
  if (then.takeover) return { ok: false, message: `${then.takeover.to} had item ${from} at event ${at}` };
  const events: ItemEvent[] = [];
  for (const event of then.base === null ? history.slice(0, 1) : withoutUnderWay(history, then)) {
    events.push(ownVersionOf(event, facts, then));
    if (event.kind === 'item.added') events.push({ kind: 'item.forked', data: { from, at } });
  }
  return { ok: true, events, state: reduceItem(events) };
}

/**
 * Intents without a result, an accept whose landing was not over, and notes that change nothing. What it waited for was asked for
 * the other item.
 */
function withoutUnderWay(history: readonly ItemEvent[], then: ItemState): ItemEvent[] {
  const open = new Map<string, ItemEvent>();
  for (const event of history) {
    switch (event.kind) {
      case 'step.started':
        open.set(event.data.step, event);
        break;
      case 'step.finished':
      case 'step.failed':
        open.delete(event.data.step);
        break;
      case 'gate.started':
        open.set('gate', event);
        break;
      case 'gate.judged':
        open.delete('gate');
        break;
      case 'item.accepted':
        if (then.status === 'landing') open.set('landing', event);
        break;
    }
  }
  const left = new Set(open.values());
  return history.filter((event) => !passing.includes(event.kind) && !left.has(event));
}

const passing: readonly ItemEvent['kind'][] = [
  'item.message_ignored',
  'step.asked',
  'step.rerouted',
  'step.answered',
  'item.parked',
  'item.requeued',
];

function ownVersionOf(event: ItemEvent, facts: ForkFacts, then: ItemState): ItemEvent {
  const { number, branch, team } = facts;
  switch (event.kind) {
    case 'item.added':
      return { ...event, data: { ...event.data, number, ceilingMicroUsd: then.ceilingMicroUsd } };
    case 'item.started': {
      const ceilingMicroUsd = then.ceilingMicroUsd ?? event.data.ceilingMicroUsd ?? facts.ceilingMicroUsd;
      return { ...event, data: { ...event.data, branch, team: team ?? event.data.team, ceilingMicroUsd } };
    }
    case 'item.taken_over':
      return { ...event, data: { ...event.data, branch } };
    case 'step.finished':
      return { ...event, data: { ...event.data, costMicroUsd: 0 } };
    case 'step.failed':
      return { ...event, data: { ...event.data, costMicroUsd: 0 } };
    // The accounts that they name are the other item's.
    case 'item.paused':
      return { ...event, data: { ...event.data, account: null, until: null } };
    case 'item.resumed':
      return { ...event, data: { ...event.data, account: null, ceilingMicroUsd: null } };
    default:
      return event;
  }
}
