/**
 * Where an item goes when something in it is wrong: back to a phase with findings while the flow's bound allows it,
 * else to a person. Every answer is one event.
 */
import type { Finding } from '../artifacts/finding.ts';
import type { Flow, Phase } from '../teams/team.ts';
import type { ItemEvent } from './item-event.ts';
import type { GateRun, ItemState } from './item-state.ts';
import { stepsOf } from './lay-out-phase.ts';

/** A gate of the phase failed. */
export function failPhase(state: ItemState, phase: Phase, gate: GateRun): ItemEvent {
  // Without a finding an `each` phase would take the send-back for a plain entry and run the plan again.
  const findings =
    gate.findings.length > 0
      ? gate.findings
      : [plainFinding(`gate:${phase.name}/${gate.gate}`, gate.summary || 'the gate did not pass')];
  return sendBack(state, phase, phase.onFail.backTo, findings);
}

/** The plan that the phase works on is missing or cannot be worked through: back to the phase that writes it. */
export function failPlan(state: ItemState, flow: Flow, phase: Phase, problem: string): ItemEvent {
  const artifact = phase.body.kind === 'each' ? phase.body.artifact : 'plan';
  const earlier = flow.phases.slice(0, flow.phases.indexOf(phase));
  const writer = earlier.findLast((candidate) =>
    stepsOf(candidate).some((step) => step.writes.includes(artifact)),
  );
  const message = `${artifact}: ${problem}`;
  if (!writer) return askPerson(phase, `${message}, and no earlier phase writes it`);
  return sendBack(state, phase, writer.name, [plainFinding(`artifact:${artifact}`, message)]);
}

/**
 * The flow is through and the branch is where it began. A person is asked first, since more of the same seldom helps;
 * resumed, the item goes back to work.
 */
export function sendBackUnchanged(state: ItemState, flow: Flow, phase: Phase): ItemEvent {
  const message = 'the flow ended without a change';
  const way = findWorkingPhase(flow);
  if (state.allowances === 0 || !way) return askPerson(phase, message);
  return sendBack(state, phase, way.to, [plainFinding('landing', `${message}; the brief asks for one`)]);
}

/** What would have landed conflicts or is red. */
export function passOnRefusal(state: ItemState, flow: Flow, findings: readonly Finding[]): ItemEvent {
  const way = findWorkingPhase(flow);
  const last = flow.phases.at(-1);
  if (!way) return askPerson(last, 'its landing was refused and the flow has no phase to go back to');
  const known = findings.length > 0 ? findings : [plainFinding('landing', 'its landing was refused')];
  return sendBack(state, way.from, way.to, known);
}

/**
 * A decision that it was made by does not hold any more. Where the work to go back to has not begun yet, the phase that prepares
 * it is gone through again.
 */
export function sendBackOverturned(state: ItemState, flow: Flow, phase: Phase): ItemEvent {
  const way = findWorkingPhase(flow);
  const isBefore = way && flow.phases.indexOf(phase) < flow.phases.findIndex(({ name }) => name === way.to);
  if (isBefore) return sendBack(state, phase, phase.onFail.backTo, []);
  if (!way)
    return askPerson(flow.phases.at(-1), 'a decision was overturned and the flow has no phase to go back to');
  return sendBack(state, way.from, way.to, []);
}

/**
 * The last phase that sends back to an earlier one from where steps follow, and that one; else the last phase that
 * has steps, to itself.
 */
function findWorkingPhase(flow: Flow): { from: Phase; to: string } | undefined {
  const sender = flow.phases.findLast((phase, index) => {
    const target = flow.phases.findIndex((candidate) => candidate.name === phase.onFail.backTo);
    const redone = flow.phases.slice(Math.max(0, target));
    return target >= 0 && target < index && redone.some((candidate) => stepsOf(candidate).length > 0);
  });
  if (sender) return { from: sender, to: sender.onFail.backTo };
  const worker = flow.phases.findLast((phase) => stepsOf(phase).length > 0);
  return worker && { from: worker, to: worker.name };
}

/** After a person has resumed the item there is at least one way back, even where the flow allows none: resuming means going on. */
function sendBack(state: ItemState, from: Phase, to: string, findings: readonly Finding[]): ItemEvent {
  const atMost = state.allowances > 0 ? Math.max(1, from.onFail.atMost) : from.onFail.atMost;
  const count = state.sentBack[from.name] ?? 0;
  if (count >= atMost) {
    const reason = findings[0]?.message ?? 'not passed';
    return askPerson(from, `${from.name} was sent back ${count} of ${atMost} times and still: ${reason}`);
  }
  const notes = state.phase?.notes ?? [];
  return {
    kind: 'item.sent_back',
    data: {
      from: from.name,
      to,
      findings: [...findings, ...notes, ...state.overturned.map(({ finding }) => finding)],
    },
  };
}

function askPerson(phase: Phase | undefined, message: string): ItemEvent {
  const ask = phase?.onFail.thenAsk ?? 'engineering_lead';
  const data = { reason: 'attempts' as const, message, ask, account: null, until: null };
  return { kind: 'item.paused', data };
}

function plainFinding(source: string, message: string): Finding {
  return { source, message, file: null, line: null, output: null };
}
