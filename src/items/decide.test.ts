import { beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '../artifacts/finding.ts';
import type { Plan } from '../artifacts/plan.ts';
import type { Flow, Phase, PhaseBody, Step } from '../teams/team.ts';
import { advance, initialItem } from './advance.ts';
import { decide, interruptionLimit } from './decide.ts';
import { inFlight } from './in-flight.ts';
import type { ItemEvent, StepFailure } from './item-event.ts';
import type { ItemFacts, ItemState } from './item-state.ts';
import { ask, openingEvents } from './play-item-contract.ts';

const step = (name: string, more: Partial<Step> = {}): Step => ({
  name,
  role: name,
  reads: [],
  writes: [],
  commits: false,
  ...more,
});
const phase = (name: string, body: PhaseBody, more: Partial<Phase> = {}): Phase => ({
  name,
  body,
  gates: [],
  onFail: { backTo: name, atMost: 1, thenAsk: 'engineering_lead' },
  submits: false,
  ...more,
});
const checks = { kind: 'commands' as const, checks: null };

const feature: Flow = {
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

const finding: Finding = {
  source: 'check:test',
  message: '2 failed',
  file: null,
  line: null,
  output: 'not ok',
};

let flow: Flow;
let facts: ItemFacts;
let state: ItemState;
let events: ItemEvent[];

function record(...added: ItemEvent[]): void {
  for (const event of added) {
    state = advance(state, event);
    events.push(event);
  }
}

/** Records what is decided, and says it in short. */
function settle(): string[] {
  const decided = decide(state, flow, facts);
  record(...decided);
  return decided.map((event) => {
    switch (event.kind) {
      case 'phase.entered':
        return `enter ${event.data.phase} ${event.data.round}`;
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
  });
}

function begin(hasOwnPlan = false): string[] {
  const world = { flow, plan, hasOwnPlan, seats: {}, stepAttempts: 1 };
  record(...openingEvents(world));
  return settle();
}

function finish(key: string, more: { commit?: string; artifacts?: Record<string, string> } = {}): string[] {
  const attempt = state.phase?.steps[key]?.attempt ?? 0;
  const { commit = null, artifacts = {} } = more;
  record({
    kind: 'step.finished',
    data: { step: key, attempt, summary: '', artifacts, commit, costMicroUsd: 5 },
  });
  return settle();
}

function fail(key: string, reason: StepFailure, findings: Finding[] = []): string[] {
  const attempt = state.phase?.steps[key]?.attempt ?? 0;
  record({
    kind: 'step.failed',
    data: { step: key, attempt, reason, message: `it was ${reason}`, findings, costMicroUsd: 5 },
  });
  return settle();
}

function judge(isPassed: boolean, findings: Finding[] = []): string[] {
  const run = state.phase;
  if (!run) throw new Error('no phase');
  const gate = run.gates.length - 1;
  record({
    kind: 'gate.judged',
    data: { phase: run.name, round: run.round, gate, isPassed, summary: 'judged', findings },
  });
  return settle();
}

function person(kind: 'resume' | 'pause' | 'accept'): string[] {
  record(...ask(state, kind));
  return settle();
}

/** As far as the gates of verify, with everything done. */
function reachVerifyGates(): void {
  begin(true);
  judge(true);
  for (const id of ['A', 'C', 'D', 'B']) finish(`build/${id}/developer`, { commit: `c-${id}` });
  finish('verify/tester');
  finish('verify/reviewer', { artifacts: { 'verdict.json': 'v1' } });
}

beforeEach(() => {
  flow = feature;
  facts = { project: 'shop', plan, seats: { developer: 2 }, stepAttempts: 2 };
  state = initialItem;
  events = [];
});

describe('steps', () => {
  test('begin with the first phase, seated in an agent stream of their own', () => {
    expect(begin()).toEqual(['enter plan 1', 'start plan/planner 1']);
    expect(state.phase?.steps['plan/planner']).toMatchObject({
      agent: 'agent:shop/7/plan/planner/1/1',
      base: 'c0',
      task: null,
    });
  });

  test('wait for each other in a sequence', () => {
    flow = {
      ...feature,
      phases: [phase('work', { kind: 'sequence', steps: [step('one', { commits: true }), step('two')] })],
    };
    expect(begin()).toEqual(['enter work 1', 'start work/one 1']);
    expect(finish('work/one', { commit: 'c1' })).toEqual(['start work/two 1']);
    expect(state.phase?.steps['work/two']?.base).toBe('c1');
    expect(finish('work/two')).toEqual(['ready c1']);
  });

  test('start together in a parallel phase, but for seats', () => {
    const steps = ['a', 'b', 'c'].map((name) => step(name, { role: 'tester' }));
    flow = { ...feature, phases: [phase('work', { kind: 'parallel', steps })] };
    facts.seats = { tester: 2 };
    expect(begin()).toEqual(['enter work 1', 'start work/a 1', 'start work/b 1']);
    expect(finish('work/b')).toEqual(['start work/c 1']);
  });

  test('take the tasks of a plan in its order, up to the seats, each after its dependencies', () => {
    begin(true);
    expect(judge(true)).toEqual(['enter build 1', 'start build/A/developer 1', 'start build/C/developer 1']);
    expect(finish('build/C/developer', { commit: 'c1' })).toEqual(['start build/D/developer 1']);
    expect(finish('build/D/developer', { commit: 'c2' })).toEqual([]);
    expect(finish('build/A/developer', { commit: 'c3' })).toEqual(['start build/B/developer 1']);
    expect(state.phase?.steps['build/B/developer']).toMatchObject({ base: 'c3', task: 'B' });
  });

  test('are skipped in round 1 when the person handed in what they write, and not in round 2', () => {
    expect(begin(true)).toEqual(['enter plan 1', 'gate plan 0 on c0']);
    expect(judge(false, [finding])).toEqual(['plan back to plan', 'enter plan 2', 'start plan/planner 1']);
  });
});

describe('a failed step', () => {
  test('starts again with the findings until its attempts are used, then a person is asked', () => {
    begin();
    expect(fail('plan/planner', 'artifact_missing')).toEqual(['start plan/planner 2']);
    expect(inFlight(state, flow)).toMatchObject([
      {
        agent: 'agent:shop/7/plan/planner/1/2',
        findings: [{ source: 'step:artifact_missing', message: 'it was artifact_missing' }],
      },
    ]);
    expect(fail('plan/planner', 'internal')).toEqual(['pause for attempts, ask engineering_lead']);
    expect(state.pause?.message).toContain('plan/planner failed 2 times, last: it was internal');
  });

  test('gets all its attempts anew when the item is resumed', () => {
    begin();
    fail('plan/planner', 'internal');
    fail('plan/planner', 'internal');
    expect(person('resume')).toEqual(['start plan/planner 3']);
    expect(fail('plan/planner', 'internal')).toEqual(['start plan/planner 4']);
    expect(fail('plan/planner', 'internal')).toEqual(['pause for attempts, ask engineering_lead']);
  });

  test('lets the others end before a person is asked, and starts nothing new', () => {
    facts.stepAttempts = 1;
    begin(true);
    judge(true);
    expect(fail('build/C/developer', 'timed_out')).toEqual([]);
    expect(finish('build/A/developer', { commit: 'c1' })).toEqual([
      'pause for attempts, ask engineering_lead',
    ]);
    expect(person('resume')).toEqual(['start build/B/developer 1', 'start build/C/developer 2']);
  });

  test('pauses the item at once when it hit a ceiling, and starts again only when that is resumed', () => {
    begin(true);
    judge(true);
    expect(fail('build/C/developer', 'ceiling')).toEqual(['pause for ceiling, ask engineering_lead']);
    expect(inFlight(state, flow)).toEqual([]);
    expect(person('resume')).toEqual(['start build/C/developer 2']);
    expect(inFlight(state, flow).map((effect) => effect.effect === 'runStep' && effect.step)).toEqual([
      'build/A/developer',
      'build/C/developer',
    ]);
  });

  test('stays held when the item was paused for another reason and is resumed', () => {
    begin(true);
    judge(true);
    person('pause');
    fail('build/C/developer', 'ceiling');
    expect(person('resume')).toEqual(['pause for ceiling, ask engineering_lead']);
  });

  test('uses no attempt when it was interrupted, but not for ever', () => {
    begin();
    for (let count = 1; count < interruptionLimit; count += 1) {
      expect(fail('plan/planner', 'interrupted')).toEqual([`start plan/planner ${count + 1}`]);
    }
    expect(fail('plan/planner', 'interrupted')).toEqual(['pause for attempts, ask engineering_lead']);
    expect(state.pause?.message).toContain('was interrupted 5 times');
  });

  test('is not held against its step when the pause itself interrupted it', () => {
    begin();
    for (let count = 0; count <= interruptionLimit; count += 1) {
      person('pause');
      fail('plan/planner', 'interrupted');
      expect(person('resume')).toEqual([`start plan/planner ${count + 2}`]);
    }
  });

  test('counts what it cost', () => {
    begin();
    fail('plan/planner', 'internal');
    finish('plan/planner', { artifacts: { 'plan.json': 'p' } });
    expect(state.costMicroUsd).toBe(10);
  });
});

describe('gates', () => {
  test('run one after the other on the branch head and lead to ready', () => {
    reachVerifyGates();
    expect(events.at(-1)).toMatchObject({ kind: 'gate.started', data: { gate: 0, commit: 'c-B' } });
    expect(judge(true)).toEqual(['gate verify 1 on c-B']);
    expect(judge(true)).toEqual(['enter ship 1', 'ready c-B']);
    expect(decide(state, flow, facts)).toEqual([]);
  });

  test('send back with the findings to one rework task that all findings reach', () => {
    reachVerifyGates();
    expect(judge(false, [finding])).toEqual([
      'verify back to build',
      'enter build 2',
      'start build/rework-2/developer 1',
    ]);
    expect(inFlight(state, flow)).toMatchObject([{ task: null, round: 2, base: 'c-B', findings: [finding] }]);
    expect(finish('build/rework-2/developer', { commit: 'c9' })).toEqual([
      'enter verify 2',
      'start verify/tester 1',
      'start verify/reviewer 1',
    ]);
  });

  test('that fail without a finding still send back to rework, told by the summary', () => {
    reachVerifyGates();
    expect(judge(false)).toContain('start build/rework-2/developer 1');
    expect(state.phase?.findings).toMatchObject([{ message: 'judged' }]);
  });

  test('ask a person after the last send-back, and send back again when resumed', () => {
    flow = {
      ...feature,
      phases: feature.phases.map((one) =>
        one.name === 'plan' ? { ...one, onFail: { ...one.onFail, atMost: 0 } } : one,
      ),
    };
    begin();
    finish('plan/planner', { artifacts: { 'plan.json': 'p' } });
    expect(judge(false, [finding])).toEqual(['pause for attempts, ask engineering_lead']);
    expect(state.pause?.message).toContain('2 failed');
    expect(person('resume')).toEqual(['plan back to plan', 'enter plan 2', 'start plan/planner 1']);
    finish('plan/planner', { artifacts: { 'plan.json': 'p2' } });
    expect(judge(false, [finding])).toEqual(['pause for attempts, ask engineering_lead']);
  });

  test('work through the plan again when the plan itself was redone', () => {
    flow = {
      ...feature,
      phases: feature.phases.map((one) =>
        one.name === 'verify' ? { ...one, onFail: { ...one.onFail, backTo: 'plan' } } : one,
      ),
    };
    reachVerifyGates();
    expect(judge(false, [finding])).toEqual(['verify back to plan', 'enter plan 2', 'start plan/planner 1']);
    finish('plan/planner', { artifacts: { 'plan.json': 'p2' } });
    expect(judge(true)).toEqual(['enter build 2', 'start build/A/developer 1', 'start build/C/developer 1']);
    expect(state.phase?.steps['build/A/developer']?.agent).toBe('agent:shop/7/build/A/developer/2/1');
  });
});

describe('a plan that cannot be worked on', () => {
  test('is asked for again when it is missing', () => {
    facts.plan = null;
    begin(true);
    expect(judge(true)).toEqual([
      'enter build 1',
      'build back to plan',
      'enter plan 2',
      'start plan/planner 1',
    ]);
    expect(state.phase?.findings).toMatchObject([{ source: 'artifact:plan.json' }]);
  });

  test('is asked for again when its tasks wait for each other', () => {
    facts.plan = { summary: '', tasks: [{ id: 'A', title: '', instructions: '', after: ['B'] }] };
    begin(true);
    expect(judge(true)).toContain('build back to plan');
  });

  test('is a person’s matter when no phase writes one', () => {
    facts.plan = null;
    flow = { ...feature, phases: feature.phases.slice(1) };
    expect(begin()).toEqual(['enter build 1', 'pause for attempts, ask engineering_lead']);
    expect(state.pause?.message).toContain('no earlier phase writes it');
  });
});

describe('the end of the flow', () => {
  test('asks a person when nothing was changed, and works again when resumed', () => {
    begin(true);
    judge(true);
    for (const id of ['A', 'C', 'D', 'B']) finish(`build/${id}/developer`);
    finish('verify/tester');
    finish('verify/reviewer');
    judge(true);
    expect(judge(true)).toEqual(['enter ship 1', 'pause for attempts, ask engineering_lead']);
    expect(state.pause?.message).toContain('without a change');
    expect(person('resume')).toEqual([
      'ship back to build',
      'enter build 2',
      'start build/rework-2/developer 1',
    ]);
  });

  test('lands the accepted commit', () => {
    reachVerifyGates();
    judge(true);
    judge(true);
    expect(person('accept')).toEqual([]);
    expect(inFlight(state, flow)).toEqual([{ effect: 'land', commit: 'c-B', target: 'main' }]);
    record({ kind: 'item.landed', data: { commit: 'm1', target: 'main' } });
    expect(state).toMatchObject({ status: 'landed', landedCommit: 'm1', phase: null });
    expect(inFlight(state, flow)).toEqual([]);
  });

  test('goes back to ready when the target was busy', () => {
    reachVerifyGates();
    judge(true);
    judge(true);
    person('accept');
    record({ kind: 'item.landing_refused', data: { reason: 'target_busy', findings: [finding] } });
    expect(settle()).toEqual([]);
    expect(state).toMatchObject({ status: 'ready', readyCommit: 'c-B', refusal: { reason: 'target_busy' } });
    expect(person('accept')).toEqual([]);
    expect(state.refusal).toBeNull();
  });

  test.each(['red', 'conflict'] as const)('sends back once when the landing was refused as %s', (reason) => {
    reachVerifyGates();
    judge(true);
    judge(true);
    person('accept');
    record({ kind: 'item.landing_refused', data: { reason, findings: [] } });
    expect(settle()).toEqual(['verify back to build', 'enter build 2', 'start build/rework-2/developer 1']);
    expect(state.sentBack).toEqual({ verify: 1 });
    finish('build/rework-2/developer', { commit: 'c9' });
    finish('verify/tester');
    finish('verify/reviewer');
    judge(true);
    expect(judge(true)).toEqual(['enter ship 2', 'ready c9']);
  });

  test('sends back to where steps are, also when the flow names a phase without any', () => {
    flow = {
      ...feature,
      phases: [
        phase('work', { kind: 'sequence', steps: [step('one', { commits: true })] }),
        phase('look', { kind: 'none' }),
        phase(
          'ship',
          { kind: 'none' },
          { submits: true, onFail: { backTo: 'look', atMost: 2, thenAsk: 'lead' } },
        ),
      ],
    };
    begin();
    finish('work/one', { commit: 'c1' });
    person('accept');
    record({ kind: 'item.landing_refused', data: { reason: 'red', findings: [] } });
    expect(settle()).toEqual(['work back to work', 'enter work 2', 'start work/one 1']);
  });
});
