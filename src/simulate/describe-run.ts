/** Tells a run in plain lines: what was asked and what broke, the last events, and which promise did not hold. */
import type { StoredEvent } from '../journal/event.ts';
import type { Act, AskPlan, ControlAct, Fault, ItemPlan } from './plan.ts';
import type { RunOutcome } from './run-plan.ts';
import { worldEpochMs } from './simulated-process.ts';

/** `eventCount`: how many of the last events. */
export function describeRun(outcome: RunOutcome, eventCount = 30): string[] {
  const { plan, history, violations, virtualMs, stepCount, faultsHappened } = outcome;
  const { workers } = plan.world;
  return [
    `seed ${plan.seed}: ${history.length} events, ${stepCount} happenings, ${seconds(virtualMs)} of virtual time`,
    `workers: ${workers.length}${workers[0]?.isUntilIdle ? ' (until idle)' : ''}; baseline ${plan.world.baseline}`,
    ...plan.items.map(describeItem),
    ...plan.acts.map(describeAct),
    ...plan.controls.map(describeControlAct),
    ...(plan.asks ? [describeAsks(plan.asks)] : []),
    ...plan.faults.map(
      (fault, index) =>
        `${describeFault(fault)}${faultsHappened.includes(index) ? '' : ' (did not come to pass)'}`,
    ),
    ...(violations.length === 0 ? [] : [`the last ${Math.min(eventCount, history.length)} events:`]),
    ...(violations.length === 0 ? [] : history.slice(-eventCount).map(describeStored)),
    ...violations.map(
      ({ invariant, message, atMs }) => `✗ ${seconds(atMs)} broken promise "${invariant}": ${message}`,
    ),
  ];
}

function describeItem({ id, flow, taskCount, addMs, verdicts, patience, ceilingMicroUsd }: ItemPlan): string {
  const ceiling = ceilingMicroUsd === null ? '' : `, ceiling ${ceilingMicroUsd} µ$`;
  const person = `its person says ${verdicts.join(', then ')}; resumes ${patience} times`;
  return `brief ${id} at ${seconds(addMs)}: ${flow}, ${taskCount} tasks${ceiling}; ${person}`;
}

function describeAct({ kind, item, atMs, lateMs, twice }: Act): string {
  const late = lateMs > 0 ? `, on its way for ${lateMs} ms` : '';
  return `${kind} item ${item} at ${seconds(atMs)}${late}${twice === null ? '' : `, again ${twice} ms later`}`;
}

function describeControlAct({ state, level, item, atMs, forMs }: ControlAct): string {
  const what = level === 'item' || level === 'agent' ? `${level} ${item}` : level;
  return `${what} ${state} at ${seconds(atMs)} for ${seconds(forMs)}`;
}

function describeAsks({ share, slaMs, attentionLimit }: AskPlan): string {
  return `agents ask in ${Math.round(share * 100)} % of their turns; SLA ${seconds(slaMs)}, ${attentionLimit} open asks a person`;
}

function describeFault(fault: Fault): string {
  const { kind, ...facts } = fault;
  const told = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
  return `fault ${kind}: ${told.join(', ')}`;
}

function describeStored({ position, at, stream, version, kind, data }: StoredEvent): string {
  const told = tellingFields.flatMap((name) => {
    const value = data[name];
    return value === undefined || value === null ? [] : [`${name}=${String(value).slice(0, 60)}`];
  });
  return `${position} ${seconds(Date.parse(at) - worldEpochMs)} ${stream} ${version} ${kind} ${told.join(' ')}`;
}

const tellingFields = [
  'step',
  'attempt',
  'phase',
  'round',
  'gate',
  'isPassed',
  'commit',
  'reason',
  'message',
  'by',
  'call',
  'tool',
  'ask',
  'mode',
  'how',
  'option',
  'to',
  'holder',
  'scope',
  'state',
  'epoch',
  'worker',
  'id',
  'outcome',
  'costMicroUsd',
  'reservedMicroUsd',
];

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
