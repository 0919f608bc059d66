/** What a run has been through, as counts by name; and the list of everything that runs should have been through. */
import type { ItemEvent } from '../items/item-event.ts';
import type { ItemState } from '../items/item-state.ts';
import type { StoredEvent } from '../journal/event.ts';

/** Name → how often. */
export type Coverage = Record<string, number>;

export function countUp(coverage: Coverage, name: string, by = 1): void {
  coverage[name] = (coverage[name] ?? 0) + by;
}

export function addCoverage(sum: Coverage, more: Coverage): void {
  for (const [name, count] of Object.entries(more)) countUp(sum, name, count);
}

export function coverItem(coverage: Coverage, before: ItemState, after: ItemState, event: ItemEvent): void {
  if (before.status !== after.status) countUp(coverage, `item ${before.status} → ${after.status}`);
  const name = nameOf(event);
  if (name !== null) countUp(coverage, name);
}

/** What is told apart beyond an event's kind. */
function nameOf(event: ItemEvent): string | null {
  switch (event.kind) {
    case 'item.paused':
      return `pause ${event.data.reason}`;
    case 'step.failed':
      return `step failed ${event.data.reason}`;
    case 'gate.judged':
      return `gate ${event.data.isPassed ? 'passed' : 'failed'}`;
    case 'item.landing_refused':
      return `landing refused ${event.data.reason}`;
    default:
      return null;
  }
}

export function coverEvent(coverage: Coverage, { kind, data }: StoredEvent): void {
  countUp(coverage, `event ${kind}`);
  if (kind === 'model.call_failed') countUp(coverage, `model failed ${String(data.reason)}`);
}

const transitions = [
  'queued → running',
  'queued → paused',
  'queued → canceled',
  'running → paused',
  'running → ready',
  'running → canceled',
  'paused → queued',
  'paused → running',
  'paused → canceled',
  'ready → landing',
  'ready → rejected',
  'ready → canceled',
  'running → taken_over',
  'paused → taken_over',
  'ready → taken_over',
  'taken_over → running',
  'taken_over → paused',
  'taken_over → ready',
  'taken_over → canceled',
  'landing → landed',
  'landing → ready',
  'landing → running',
  'ready → running',
];

/** Not `ceiling`, which only earlier versions wrote: the agent keeps its seat now, and its item pauses. */
const stepFailures = [
  'model_failed',
  'model_refused',
  'turn_limit',
  'timed_out',
  'artifact_missing',
  'merge_conflict',
  'out_of_scope',
  'setup_failed',
  'interrupted',
  'internal',
];

const events = [
  'item.added',
  'item.routed',
  'item.started',
  'phase.entered',
  'step.started',
  'step.finished',
  'step.failed',
  'gate.started',
  'gate.judged',
  'item.sent_back',
  'item.ready',
  'item.accepted',
  'item.landed',
  'item.landing_refused',
  'item.paused',
  'item.resumed',
  'item.taken_over',
  'item.handed_back',
  'phase.reopened',
  'item.rejected',
  'item.canceled',
  'item.message_ignored',
  'agent.seated',
  'model.call_intended',
  'model.call_finished',
  'model.call_failed',
  'model.call_refused',
  'tool.call_intended',
  'tool.call_finished',
  'tool.call_refused',
  'artifact.delivered',
  'agent.finished',
  'landing.intended',
  'landing.finished',
  'control.set',
  'control.cleared',
  'control.obeyed',
  'step.asked',
  'step.rerouted',
  'step.answered',
  'item.parked',
  'item.requeued',
  'item.overturned',
  'question.asked',
  'question.joined',
  'question.left',
  'question.routed',
  'question.notified',
  'question.acknowledged',
  'question.answered',
  'question.answer_refused',
  'question.defaulted',
  'question.escalated',
  'question.mesh_paused',
  'question.withdrawn',
  'question.overturned',
  'question.confirmed',
  'question.recorded',
  'memory.answered',
  'memory.recorded',
  'memory.superseded',
];

const modelFailures = [
  'in_doubt',
  'killed',
  'rate_limited',
  'overloaded',
  'unavailable',
  'cut_off',
  'malformed',
  'empty',
  'unauthorized',
];

const faults = [
  'death before',
  'death after',
  'error before',
  'error after',
  'delay',
  'model',
  'cellBreaks',
  'setupFails',
  'freeze',
  'slowStorage',
  'outage',
  'modelOutage',
  'deafness',
  'clockJump host',
  'clockJump database',
  'dirtyTarget',
  'movedTarget',
  'targetMoves',
];

/** Every name that a long run should have counted. */
export const expectedCoverage: readonly string[] = [
  ...transitions.map((name) => `item ${name}`),
  ...['ceiling', 'breaker', 'attempts', 'person'].map((name) => `pause ${name}`),
  ...stepFailures.map((name) => `step failed ${name}`),
  ...['gate passed', 'gate failed'],
  ...['conflict', 'red', 'target_busy'].map((name) => `landing refused ${name}`),
  ...events.map((name) => `event ${name}`),
  ...modelFailures.map((name) => `model failed ${name}`),
  ...faults.map((name) => `fault ${name}`),
];
