/** Tells an item's story line by line, for tests: what comes of effects and persons is said, what is decided comes back in short. */
import type { Finding } from '../artifacts/finding.ts';
import type { Plan } from '../artifacts/plan.ts';
import type { Flow, Phase, PhaseBody, Step } from '../teams/team.ts';
import { advance, initialItem } from './advance.ts';
import { decide } from './decide.ts';
import type { ItemEvent, StepFailure } from './item-event.ts';
import type { ItemFacts, ItemState } from './item-state.ts';
import { ask, openingEvents } from './play-item-contract.ts';

export const step = (name: string, more: Partial<Step> = {}): Step => ({
  name,
  role: name,
  reads: [],
  writes: [],
  commits: false,
  ...more,
});
export const phase = (name: string, body: PhaseBody, more: Partial<Phase> = {}): Phase => ({
  name,
  body,
  gates: [],
  onFail: { backTo: name, atMost: 1, thenAsk: 'engineering_lead' },
  submits: false,
  ...more,
});
const checks = { kind: 'commands' as const, checks: null };

export const feature: Flow = {
  name: 'feature',
  description: '',
  phases: [
    phase(
      'plan',
      { kind: 'sequence', steps: [step('planner', { writes: ['plan.json'] })] },
      { gates: [{ kind: 'artifact', artifact: 'plan.json', schema: 'plan' }] },
    ),
    phase('build', {
      kind: 'each',
      artifact: 'plan.json',
      pointer: '/tasks',
      steps: [step('developer', { commits: true })],
    }),
    phase(
      'verify',
      { kind: 'parallel', steps: [step('tester'), step('reviewer', { writes: ['verdict.json'] })] },
      {
        gates: [checks, { kind: 'verdict', artifact: 'verdict.json' }],
        onFail: { backTo: 'build', atMost: 2, thenAsk: 'architect' },
      },
    ),
    phase('ship', { kind: 'none' }, { submits: true }),
  ],
};

const plan: Plan = {
  summary: '',
  tasks: [
    { id: 'A', title: 'a', instructions: '', after: [] },
    { id: 'B', title: 'b', instructions: '', after: ['A'] },
    { id: 'C', title: 'c', instructions: '', after: [] },
    { id: 'D', title: 'd', instructions: '', after: [] },
  ],
};

export const finding: Finding = {
  source: 'check:test',
  message: '2 failed',
  file: null,
  line: null,
  output: 'not ok',
};

/** Every method records what it says and then what is decided; it returns the decisions, e.g. `start plan/planner 1`. */
export interface ItemScript {
  flow: Flow;
  facts: ItemFacts;
  state: ItemState;
  events: ItemEvent[];
  record(...events: ItemEvent[]): void;
  settle(): string[];
  begin(hasOwnPlan?: boolean): string[];
  finish(step: string, more?: { commit?: string; artifacts?: Record<string, string> }): string[];
  fail(step: string, reason: StepFailure, findings?: Finding[]): string[];
  judge(isPassed: boolean, findings?: Finding[]): string[];
  person(kind: 'resume' | 'pause' | 'accept' | 'takeover'): string[];
  handBack(commit: string | null, note?: string): string[];
  /** As far as the gates of the verify phase, with everything done. */
  reachVerifyGates(): void;
}

/** A script of the feature flow; change `flow` and `facts` before `begin`. */
export function scriptItem(): ItemScript {
  const attemptOf = (key: string) => item.state.phase?.steps[key]?.attempt ?? 0;
  const settleAfter = (...events: ItemEvent[]) => {
    item.record(...events);
    return item.settle();
  };
  const item: ItemScript = {
    flow: feature,
    facts: { project: 'shop', plan, seats: { developer: 2 }, breaker: 2 },
    state: initialItem,
    events: [],
    record(...events) {
      for (const event of events) item.state = advance(item.state, event);
      item.events.push(...events);
    },
    settle() {
      const decided = decide(item.state, item.flow, item.facts);
      item.record(...decided);
      return decided.map(sayInShort);
    },
    begin: (hasOwnPlan = false) =>
      settleAfter(...openingEvents({ flow: item.flow, plan, hasOwnPlan, seats: {}, breaker: 1 })),
    finish(key, more = {}) {
      const place = { step: key, attempt: attemptOf(key), summary: '', costMicroUsd: 5 };
      const data = { ...place, artifacts: more.artifacts ?? {}, commit: more.commit ?? null };
      return settleAfter({ kind: 'step.finished', data });
    },
    fail(key, reason, findings = []) {
      const place = { step: key, attempt: attemptOf(key), costMicroUsd: 5 };
      return settleAfter({
        kind: 'step.failed',
        data: { ...place, reason, message: `it was ${reason}`, findings },
      });
    },
    judge(isPassed, findings = []) {
      const run = item.state.phase;
      if (!run) throw new Error('no phase');
      const place = { phase: run.name, round: run.round, gate: run.gates.length - 1 };
      return settleAfter({ kind: 'gate.judged', data: { ...place, isPassed, summary: 'judged', findings } });
    },
    person: (kind) => settleAfter(...ask(item.state, kind)),
    handBack: (commit, note) => settleAfter(...ask(item.state, 'handback', { commit, note: note ?? null })),
    reachVerifyGates() {
      item.begin(true);
      item.judge(true);
      for (const id of ['A', 'C', 'D', 'B']) item.finish(`build/${id}/developer`, { commit: `c-${id}` });
      item.finish('verify/tester');
      item.finish('verify/reviewer', { artifacts: { 'verdict.json': 'v1' } });
    },
  };
  return item;
}

function sayInShort(event: ItemEvent): string {
  switch (event.kind) {
    case 'phase.entered':
      return `enter ${event.data.phase} ${event.data.round}`;
    case 'phase.reopened':
      return `reopen ${event.data.phase} ${event.data.round}, answered ${event.data.answered.join(' ')}`;
    case 'step.started':
      return `start ${event.data.step} ${event.data.attempt}`;
    case 'gate.started':
      return `gate ${event.data.phase} ${event.data.gate} on ${event.data.commit}`;
    case 'item.sent_back':
      return `${event.data.from} back to ${event.data.to}`;
    case 'item.paused':
      return `pause for ${event.data.reason}, ask ${event.data.ask}`;
    case 'item.ready':
      return `ready ${event.data.commit}`;
    default:
      return event.kind;
  }
}
