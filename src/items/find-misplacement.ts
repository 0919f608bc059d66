/**
 * Says why an event cannot follow a state. The fold refuses such an event, so a writer asks here first: a result
 * that comes after its item was canceled, or a second time, is to be dropped and not to be appended.
 */
import { isRequeued, mayPark } from './find-waits.ts';
import { isFinal } from './is-final.ts';
import type { ItemEvent } from './item-event.ts';
import type { ItemState, StepRun } from './item-state.ts';

type EventOf<Kind extends ItemEvent['kind']> = Extract<ItemEvent, { kind: Kind }>;

/** One sentence, or null when the event may follow. An unknown kind never may. */
export function findMisplacement(state: ItemState, event: ItemEvent): string | null {
  if (event.kind === 'item.added') return state.eventCount > 0 ? 'it was added before' : null;
  if (state.eventCount === 0) return 'it was never added';
  switch (event.kind) {
    case 'item.forked':
      return state.eventCount === 1 ? null : 'its own life has begun';
    case 'item.routed':
      return state.base === null && !isFinal(state) ? null : 'its work has begun';
    case 'phase.entered':
      return findEntryProblem(state, event.data);
    case 'step.started':
      return findStartProblem(state, event.data);
    case 'step.finished':
    case 'step.failed':
      return findResultProblem(state, event.data);
    case 'step.asked':
    case 'step.rerouted':
    case 'step.answered':
    case 'item.parked':
    case 'item.requeued':
      return findWaitProblem(state, event);
    case 'gate.started':
    case 'gate.judged':
      return findGateProblem(state, event);
    case 'phase.reopened':
      return findReopenProblem(state, event.data);
    case 'item.sent_back':
      return unlessIdle(state) ?? (state.handedBack?.hasCommit ? handedBackFirst : null);
    case 'item.ready':
      return (
        unlessIdle(state) ??
        findUnfinished(state) ??
        (state.handedBack ? handedBackFirst : null) ??
        (event.data.commit === state.head ? null : `its head is ${state.head}`)
      );
    case 'item.accepted':
      return (
        unlessStatus(state, 'ready') ??
        (event.data.commit === state.readyCommit ? null : `commit ${state.readyCommit} is ready`)
      );
    case 'item.taken_over':
      return findTakeoverProblem(state, event.data);
    case 'item.started':
    case 'item.landed':
    case 'item.landing_refused':
    case 'item.paused':
    case 'item.resumed':
    case 'item.handed_back':
    case 'item.rejected':
    case 'item.canceled':
    case 'item.overturned':
      return unlessStatus(state, ...allowedIn[event.kind]);
    case 'item.message_ignored':
      return null;
    default:
      return 'its kind is unknown';
  }
}

/** Of what depends on nothing else. */
const allowedIn = {
  'item.started': ['queued'],
  'item.landed': ['landing'],
  'item.landing_refused': ['landing'],
  'item.paused': ['running', 'queued'],
  'item.resumed': ['paused'],
  'item.handed_back': ['taken_over'],
  'item.rejected': ['ready'],
  'item.canceled': ['queued', 'running', 'paused', 'taken_over', 'ready'],
  'item.overturned': ['running', 'paused', 'taken_over', 'ready', 'landing'],
} as const satisfies Partial<Record<ItemEvent['kind'], readonly ItemState['status'][]>>;

const handedBackFirst = 'what was handed back comes first';

function unlessStatus(state: ItemState, ...allowed: ItemState['status'][]): string | null {
  return allowed.includes(state.status) ? null : `it is ${state.status}`;
}

function unlessIdle(state: ItemState): string | null {
  const wrongStatus = unlessStatus(state, 'running');
  if (wrongStatus) return wrongStatus;
  if (state.returnTo) return `it is on its way back to ${state.returnTo.phase}`;
  if (!state.phase) return 'no phase was entered';
  const isBusy =
    Object.values(state.phase.steps).some((run) => run.status === 'running') ||
    state.phase.gates.some((run) => run.status === 'running');
  return isBusy ? `something in ${state.phase.name} is still running` : null;
}

/** What failed is answered by a send-back; going forward over it would lose it. */
function findUnfinished(state: ItemState): string | null {
  if (state.refusal) return 'its landing was refused';
  if (state.overturned.length > 0) return 'a decision that it worked by was overturned';
  const runs = [...Object.values(state.phase?.steps ?? {}), ...(state.phase?.gates ?? [])];
  return runs.some((run) => run.status === 'failed') ? `something in ${state.phase?.name} has failed` : null;
}

function findEntryProblem(state: ItemState, data: EventOf<'phase.entered'>['data']): string | null {
  const wrongStatus = unlessStatus(state, 'running');
  if (wrongStatus) return wrongStatus;
  const isForward = state.returnTo === null && state.phase !== null;
  if (isForward && state.handedBack) return handedBackFirst;
  const unfinished = isForward ? (unlessIdle(state) ?? findUnfinished(state)) : null;
  if (unfinished) return unfinished;
  if (state.returnTo && state.returnTo.phase !== data.phase) return `it goes back to ${state.returnTo.phase}`;
  const round = (state.rounds[data.phase] ?? 0) + 1;
  return data.round === round ? null : `round ${round} of ${data.phase} is next`;
}

function findTakeoverProblem(state: ItemState, data: EventOf<'item.taken_over'>['data']): string | null {
  const wrongStatus = unlessStatus(state, 'running', 'paused', 'ready');
  if (wrongStatus) return wrongStatus;
  if (state.branch !== data.branch) return 'it has no such branch';
  const running = Object.values(state.phase?.steps ?? {}).filter((run) => run.status === 'running');
  return running.length > 0 ? `something in ${state.phase?.name} is still running` : null;
}

function findReopenProblem(state: ItemState, data: EventOf<'phase.reopened'>['data']): string | null {
  const wrongStatus = unlessStatus(state, 'running');
  if (wrongStatus) return wrongStatus;
  if (!state.handedBack?.hasCommit || !state.phase) return 'no commit was handed back';
  const round = (state.rounds[data.phase] ?? 0) + 1;
  return data.round === round ? null : `round ${round} of ${data.phase} is next`;
}

function findStartProblem(state: ItemState, data: EventOf<'step.started'>['data']): string | null {
  const wrongStatus = unlessStatus(state, 'running');
  if (wrongStatus) return wrongStatus;
  const { phase } = state;
  if (!phase || state.returnTo) return 'no phase is at work';
  if (state.handedBack) return handedBackFirst;
  if (!data.step.startsWith(`${phase.name}/`)) return `its phase is ${phase.name}`;
  if (phase.gates.length > 0) return `${phase.name} is at its gates`;
  const run = phase.steps[data.step];
  if (run && run.status !== 'failed') return `the step is ${run.status}`;
  const attempt = (run?.attempt ?? 0) + 1;
  return data.attempt === attempt ? null : `attempt ${attempt} is next`;
}

/** Results of recorded intents are welcome in a pause too: what was done and spent is not thrown away. */
function findResultProblem(state: ItemState, data: { step: string; attempt: number }): string | null {
  const wrongStatus = unlessStatus(state, 'running', 'paused');
  if (wrongStatus) return wrongStatus;
  const run: StepRun | undefined = state.phase?.steps[data.step];
  if (run?.status !== 'running') return run ? `the step is ${run.status}` : 'the step was not started';
  return run.attempt === data.attempt ? null : `attempt ${run.attempt} is running`;
}

type WaitKind = 'step.asked' | 'step.rerouted' | 'step.answered' | 'item.parked' | 'item.requeued';

function findWaitProblem(state: ItemState, event: EventOf<WaitKind>): string | null {
  switch (event.kind) {
    case 'item.parked':
      return unlessStatus(state, 'running') ?? (mayPark(state) ? null : 'something of it can go on');
    case 'item.requeued':
      return isRequeued(state) ? null : 'it is not parked, or still waits';
    case 'step.asked': {
      const waiting = state.phase?.steps[event.data.step]?.waiting;
      return findResultProblem(state, event.data) ?? (waiting ? `it waits for ${waiting.ask}` : null);
    }
    case 'step.rerouted':
    case 'step.answered': {
      const wrongStatus = unlessStatus(state, 'running', 'paused');
      if (wrongStatus) return wrongStatus;
      const run = state.phase?.steps[event.data.step];
      const isAwaited = run?.status === 'running' && run.waiting?.ask === event.data.ask;
      return isAwaited ? null : `the step does not wait for ${event.data.ask}`;
    }
  }
}

function findGateProblem(state: ItemState, event: EventOf<'gate.started' | 'gate.judged'>): string | null {
  const { phase, round, gate } = event.data;
  const current = state.phase;
  if (!current || current.name !== phase || current.round !== round) {
    return current ? `it is in round ${current.round} of ${current.name}` : 'no phase was entered';
  }
  if (event.kind === 'gate.judged') {
    const wrongStatus = unlessStatus(state, 'running', 'paused');
    const run = current.gates[gate];
    return wrongStatus ?? (run?.status === 'running' ? null : `the gate is ${run?.status ?? 'not started'}`);
  }
  const busy = unlessIdle(state) ?? (state.handedBack ? handedBackFirst : null);
  if (busy) return busy;
  if (current.gates.some((run) => run.status === 'failed')) return 'an earlier gate has failed';
  return gate === current.gates.length ? null : `gate ${current.gates.length} is next`;
}
