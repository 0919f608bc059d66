/** Plays an item from its brief to its end, for tests: a worker whose effects end as the test likes, and persons who answer. */
import type { Plan } from '../artifacts/plan.ts';
import type { Flow } from '../teams/team.ts';
import { advance, initialItem } from './advance.ts';
import { decide } from './decide.ts';
import { findMisplacement } from './find-misplacement.ts';
import { type ItemEffect, inFlight } from './in-flight.ts';
import { isFinal } from './is-final.ts';
import type { ItemEvent, StepFailure } from './item-event.ts';
import type { ItemFacts, ItemState } from './item-state.ts';
import { type ItemRequest, judgeRequest, legalRequests } from './judge-request.ts';

export interface World {
  flow: Flow;
  plan: Plan;
  hasOwnPlan: boolean;
  seats: Record<string, number>;
  breaker: number;
}

export type Outcome = 'done' | StepFailure;
/** Plays the outside: worker and persons. `choose(n)` gives a number below n. */
export interface Outside {
  choose(n: number): number;
  outcomes: readonly Outcome[];
  gatePasses: readonly boolean[];
  landings: readonly ('landed' | 'conflict' | 'red' | 'target_busy')[];
  /** Now and then somebody pauses, takes over or cancels, and effects that a pause interrupts may still end. */
  isRestless: boolean;
  resumesAtMost: number;
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

const stepLimit = 20_000;

/** Runs an item to its end (or to `until`), and hands every settled state to `inspect`. Returns all events. */
export function drive(
  world: World,
  outside: Outside,
  options: {
    inspect?: (state: ItemState, facts: ItemFacts, events: readonly ItemEvent[]) => void;
    until?: string;
    /** Said from outside at this moment, before anything else comes. */
    interfere?: (state: ItemState) => readonly ItemEvent[];
  } = {},
): { events: ItemEvent[]; state: ItemState } {
  const events: ItemEvent[] = [];
  let state = initialItem;
  let commitCount = 0;
  let resumeCount = 0;
  let interrupted: ItemEffect[] = [];
  const record = (...added: ItemEvent[]) => {
    for (const event of added) {
      state = deepFreeze(advance(state, event));
      events.push(event);
    }
  };
  record(...openingEvents(world));
  for (let turn = 0; turn < stepLimit; turn += 1) {
    const facts = factsOf(world, state);
    record(...decide(state, world.flow, facts));
    options.inspect?.(state, facts, events);
    if (isFinal(state) || state.status === options.until) return { events, state };
    const said = options.interfere?.(state) ?? [];
    record(...said);
    if (said.length > 0) continue;

    const effects = inFlight(state, world.flow);
    if (outside.isRestless && outside.choose(40) === 39) {
      const legal = legalRequests(state).filter((kind) => kind !== 'cancel' || outside.choose(5) === 4);
      const kind = legal[outside.choose(Math.max(1, legal.length))];
      if (kind) {
        record(...ask(state, kind, handbacks(state)[outside.choose(4)]));
        continue;
      }
    }
    if (state.status === 'running') interrupted = effects;
    if (state.status === 'taken_over' && outside.isRestless) {
      record(...ask(state, 'handback', handbacks(state)[outside.choose(4)]));
      continue;
    }
    const late = interrupted[0];
    if (state.status === 'paused' && late && outside.isRestless && outside.choose(3) === 2) {
      interrupted = interrupted.slice(1);
      const result = finish(late, outside, () => `c${++commitCount}`);
      if (findMisplacement(state, result) === null) record(result);
      continue;
    }
    const effect = effects[outside.choose(Math.max(1, effects.length))];
    if (effect) {
      record(finish(effect, outside, () => `c${++commitCount}`));
    } else if (state.status === 'paused' && resumeCount++ >= outside.resumesAtMost) {
      record(...ask(state, 'cancel'));
    } else {
      const next = legalRequests(state)[0];
      if (!next) throw new Error(`no way on from ${state.status}`);
      if (state.status === 'running') throw new Error('a running item waits for nothing');
      record(...ask(state, next));
    }
  }
  throw new Error(`not over after ${stepLimit} turns`);
}

function handbacks(state: ItemState): { commit: string | null; note: string | null }[] {
  const commit = `p${state.eventCount}`;
  return [
    { commit, note: null },
    { commit: null, note: null },
    { commit: null, note: 'look again' },
    { commit, note: 'mind the tests' },
  ];
}

export function factsOf(world: World, state: ItemState): ItemFacts {
  const plan = state.artifacts['plan.json'] ? world.plan : null;
  return { project: 'demo', plan, seats: world.seats, breaker: world.breaker };
}

export function openingEvents(world: World): ItemEvent[] {
  return [
    {
      kind: 'item.added',
      data: {
        number: 7,
        title: 't',
        brief: 'b',
        criteria: [],
        priority: 0,
        tags: [],
        flow: null,
        ceilingMicroUsd: null,
        plan: world.hasOwnPlan ? 'own-plan' : null,
      },
    },
    { kind: 'item.routed', data: { cluster: 'cluster:demo/main' } },
    {
      kind: 'item.started',
      data: {
        team: 'team',
        flow: 'random',
        base: 'c0',
        branch: 'mesh/7',
        target: 'main',
        ceilingMicroUsd: null,
      },
    },
  ];
}

/** A takeover ends first what runs, as its driver does. A handback brings a commit unless it is told otherwise. */
export function ask(
  state: ItemState,
  kind: ItemRequest['kind'],
  handback: { commit: string | null; note: string | null } = { commit: `p${state.eventCount}`, note: null },
): ItemEvent[] {
  const by = 'ada';
  const requests: Record<ItemRequest['kind'], ItemRequest> = {
    accept: { kind: 'accept', by, commit: state.readyCommit ?? '' },
    reject: { kind: 'reject', by, reason: '' },
    cancel: { kind: 'cancel', by, reason: '' },
    resume: { kind: 'resume', by, ceilingMicroUsd: null },
    pause: { kind: 'pause', by, message: '' },
    takeover: { kind: 'takeover', by, to: 'grace', folder: '/work/item' },
    handback: { kind: 'handback', by, ...handback },
  };
  const judged = judgeRequest(state, requests[kind]);
  if (!judged.ok) throw new Error(judged.message);
  return kind === 'takeover' ? [...cutShort(state), ...judged.events] : judged.events;
}

function cutShort(state: ItemState): ItemEvent[] {
  return Object.entries(state.phase?.steps ?? {}).flatMap(([step, { status, attempt }]): ItemEvent[] => {
    const data = {
      step,
      attempt,
      reason: 'interrupted' as const,
      message: 'm',
      findings: [],
      costMicroUsd: 1,
    };
    return status === 'running' ? [{ kind: 'step.failed', data }] : [];
  });
}

function finish(effect: ItemEffect, outside: Outside, newCommit: () => string): ItemEvent {
  const pick = <T>(list: readonly T[]): T => list[outside.choose(list.length)] as T;
  if (effect.effect === 'land') {
    const landing = pick(outside.landings);
    return landing === 'landed'
      ? { kind: 'item.landed', data: { commit: 'merged', target: effect.target } }
      : { kind: 'item.landing_refused', data: { reason: landing, findings: [], onto: null } };
  }
  if (effect.effect === 'judgeGate') {
    const { phase, round, gate } = effect;
    const isPassed = pick(outside.gatePasses);
    return { kind: 'gate.judged', data: { phase, round, gate, isPassed, summary: 's', findings: [] } };
  }
  const { step, attempt } = effect;
  const outcome = pick(outside.outcomes);
  if (outcome !== 'done') {
    return {
      kind: 'step.failed',
      data: { step, attempt, reason: outcome, message: 'm', findings: [], costMicroUsd: 1 },
    };
  }
  const { writes, commits } = effect.stepDefinition;
  return {
    kind: 'step.finished',
    data: {
      step,
      attempt,
      summary: '',
      artifacts: Object.fromEntries(writes.map((name) => [name, `${name}-${step}-${attempt}`])),
      commit: commits ? newCommit() : null,
      costMicroUsd: 1,
    },
  };
}
