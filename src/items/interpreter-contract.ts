/**
 * What holds for every item under every flow, as checks for tests. They count from the events alone, so that they do not
 * repeat the interpreter's own reasoning.
 */
import { expect } from 'vitest';
import type { Step } from '../teams/team.ts';
import { advance } from './advance.ts';
import { decide, interruptionLimit } from './decide.ts';
import { inFlight } from './in-flight.ts';
import { isFinal } from './is-final.ts';
import type { ItemEvent, Pause } from './item-event.ts';
import type { ItemFacts, ItemState } from './item-state.ts';
import { legalRequests } from './judge-request.ts';
import { ask, type World } from './play-item-contract.ts';

export function settlesIn(state: ItemState, world: World, facts: ItemFacts): ItemState {
  let settled = state;
  for (const event of decide(state, world.flow, facts)) settled = advance(settled, event);
  return settled;
}

/** Goes on when effects run or persons can move it; a pause must lead to new work within three resumes in a row. */
export function expectWayOn(state: ItemState, world: World, facts: ItemFacts): void {
  if (isFinal(state) || inFlight(state, world.flow).length > 0) return;
  if (state.status === 'taken_over') expectWayBack(state, world, facts);
  expect(state.status, 'waits for nobody').not.toBe('running');
  expect(legalRequests(state)).not.toEqual([]);
  if (state.status !== 'paused') return;
  let resumed = state;
  for (let resumes = 0; resumes < 3 && resumed.status === 'paused'; resumes += 1) {
    for (const event of ask(resumed, 'resume')) resumed = advance(resumed, event);
    resumed = settlesIn(resumed, world, facts);
  }
  const isWorking = inFlight(resumed, world.flow).length > 0 || resumed.status === 'ready';
  expect(isWorking, `resuming never helps: ${resumed.pause?.message}`).toBe(true);
}

/** However it comes back it goes on or waits for persons; unchanged it is what it was. */
function expectWayBack(state: ItemState, world: World, facts: ItemFacts): void {
  for (const commit of [null, 'back']) {
    for (const note of [null, 'look again']) {
      let back = state;
      for (const event of ask(state, 'handback', { commit, note })) back = advance(back, event);
      if (commit === null && note === null) {
        const { status, pause, readyCommit, head, phase } = back;
        expect({ status, pause, readyCommit }).toEqual(state.takeover?.before);
        expect([head, phase?.name, phase?.gates]).toEqual([
          state.head,
          state.phase?.name,
          state.phase?.gates,
        ]);
      }
      expectWayOn(settlesIn(back, world, facts), world, facts);
    }
  }
}

export function expectBounds(events: readonly ItemEvent[], world: World): void {
  const counts = new Map<string, number>();
  const count = (key: string, limit: number) => {
    const next = (counts.get(key) ?? 0) + 1;
    counts.set(key, next);
    expect(next, key).toBeLessThanOrEqual(limit);
  };
  let round = '';
  let paused: Pause | null = null;
  /** Steps whose breaker a person closed: half. */
  const trials = new Set<string>();
  let isResumed = false;
  for (const event of events) {
    if (event.kind === 'phase.entered' || event.kind === 'phase.reopened') {
      round = `${event.data.phase}#${event.data.round}`;
    }
    if (event.kind === 'item.handed_back') {
      const isUnchanged = event.data.commit === null && event.data.note === null;
      if (!isUnchanged) {
        paused = null;
        trials.clear();
      }
      isResumed ||= !isUnchanged;
      // Unchanged it takes up no attempt; else all of them start anew.
      for (const key of counts.keys()) {
        if (!isUnchanged || key.endsWith(' interrupted')) counts.delete(key);
      }
    }
    if (event.kind === 'item.paused') paused = event.data;
    if (event.kind === 'item.resumed') {
      if (paused?.reason === 'attempts') {
        counts.clear();
        isResumed = true;
      }
      if (paused?.reason === 'breaker') {
        for (const key of paused.steps ?? []) {
          const step = `${round} ${key}`;
          trials.add(step);
          counts.delete(`${step} failed`);
          counts.delete(`${step} interrupted`);
        }
      }
      paused = null;
    }
    if (event.kind === 'item.sent_back') {
      const atMost = world.flow.phases.find((phase) => phase.name === event.data.from)?.onFail.atMost ?? 0;
      count(`sent back from ${event.data.from}`, isResumed ? Math.max(1, atMost) : atMost);
    }
    if (event.kind === 'step.failed' && event.data.reason !== 'ceiling') {
      const isInterrupted = event.data.reason === 'interrupted';
      if (isInterrupted && paused) continue;
      const step = `${round} ${event.data.step}`;
      const limit = isInterrupted ? interruptionLimit : trials.has(step) ? 1 : world.breaker;
      count(`${step} ${isInterrupted ? 'interrupted' : 'failed'}`, limit);
    }
  }
}

/** Events are at most: entries × (steps × attempts + gates), entries bounded by send-backs, all per person's action. */
export function expectFiniteEvents(events: readonly ItemEvent[], world: World): void {
  const { phases } = world.flow;
  const personal = events.filter(
    (event) => 'by' in event.data || event.kind === 'item.landing_refused',
  ).length;
  const sendBacks = phases.reduce((sum, phase) => sum + Math.max(1, phase.onFail.atMost), 0);
  const slots = 3 * Math.max(1, world.plan.tasks.length);
  const perEntry = 3 + slots * 2 * (world.breaker + interruptionLimit) + 2 * 2;
  const perAllowance = (sendBacks + 1) * phases.length * perEntry;
  // A ceiling or a pause interrupts at most all seated agents: start and end again for each.
  expect(events.length).toBeLessThanOrEqual(3 + (personal + 1) * (perAllowance + 2 * slots + 3));
}

export function expectDependenciesFirst(events: readonly ItemEvent[], world: World): void {
  let finished = new Set<string>();
  let round = 0;
  for (const event of events) {
    if (event.kind === 'phase.entered' || event.kind === 'phase.reopened') {
      finished = new Set('answered' in event.data ? event.data.answered : []);
      round = event.data.round;
    }
    if (event.kind === 'step.finished') finished.add(event.data.step);
    if (event.kind !== 'step.started' || event.data.task === null) continue;
    const [phaseName = '', taskId = '', stepName = ''] = event.data.step.split('/');
    const body = world.flow.phases.find((phase) => phase.name === phaseName)?.body;
    const task = world.plan.tasks.find((candidate) => candidate.id === taskId);
    if (body?.kind !== 'each' || !task) throw new Error(`a task outside of a plan: ${event.data.step}`);
    const needed = body.steps.filter((step) => !isGiven(step, world, round)).map((step) => step.name);
    for (const id of task.after) {
      for (const name of needed) expect(finished, event.data.step).toContain(`${phaseName}/${id}/${name}`);
    }
    for (const name of needed.slice(0, needed.indexOf(stepName))) {
      expect(finished, event.data.step).toContain(`${phaseName}/${taskId}/${name}`);
    }
  }
}

function isGiven(step: Step, world: World, round: number): boolean {
  return (
    world.hasOwnPlan &&
    round === 1 &&
    step.writes.length > 0 &&
    step.writes.every((name) => name === 'plan.json')
  );
}

/** Settled and running, with nothing failed: whatever is ready and has a free seat is at work already. */
export function expectNothingIdle(state: ItemState, world: World): void {
  const run = state.phase;
  const body = world.flow.phases.find((phase) => phase.name === run?.name)?.body;
  if (state.status !== 'running' || !run || body?.kind !== 'each' || run.findings.length > 0) return;
  if (Object.values(run.steps).some((step) => step.status === 'failed')) return;
  const steps = body.steps.filter((step) => !isGiven(step, world, run.round));
  const statusOf = (task: string, step: Step) => {
    const key = `${run.name}/${task}/${step.name}`;
    return run.answered.includes(key) ? 'done' : run.steps[key]?.status;
  };
  const isDone = (task: string) => steps.every((step) => statusOf(task, step) === 'done');
  for (const task of world.plan.tasks) {
    const next = steps.find((step) => statusOf(task.id, step) !== 'done');
    if (!next || !task.after.every(isDone) || statusOf(task.id, next) === 'running') continue;
    const seated = Object.values(run.steps).filter(
      (step) => step.status === 'running' && step.role === next.role,
    );
    expect(seated.length, `${task.id} is ready and waits`).toBeGreaterThanOrEqual(
      Math.max(1, world.seats[next.role] ?? 1),
    );
  }
}

/** What a person wrote is never taken for done: where the flow runs checks, they pass on it before it is ready. */
export function expectHandbacksJudged(events: readonly ItemEvent[], world: World): void {
  const hasChecks = world.flow.phases.some((phase) => phase.gates.length > 0);
  let isUnjudged = false;
  for (const event of events) {
    if (event.kind === 'item.handed_back' && event.data.commit !== null) isUnjudged = hasChecks;
    if (event.kind === 'gate.judged' && event.data.isPassed) isUnjudged = false;
    if (event.kind === 'item.ready') expect(isUnjudged, 'ready without a check').toBe(false);
  }
}

export function expectSeatsKept(state: ItemState, world: World): void {
  const running = Object.values(state.phase?.steps ?? {}).filter((step) => step.status === 'running');
  for (const role of new Set(running.map((step) => step.role))) {
    const seated = running.filter((step) => step.role === role).length;
    expect(seated, role).toBeLessThanOrEqual(Math.max(1, world.seats[role] ?? 1));
  }
}

export function expectUniqueAgents(events: readonly ItemEvent[]): void {
  const agents = events.flatMap((event) => (event.kind === 'step.started' ? [event.data.agent] : []));
  expect(new Set(agents).size).toBe(agents.length);
}
