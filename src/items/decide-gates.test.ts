import { beforeEach, describe, expect, test } from 'vitest';
import { decide } from './decide.ts';
import { inFlight } from './in-flight.ts';
import { feature, finding, type ItemScript, phase, scriptItem, step } from './script-item-contract.ts';

let item: ItemScript;

beforeEach(() => {
  item = scriptItem();
});

describe('gates', () => {
  test('run one after the other on the branch head and lead to ready', () => {
    item.reachVerifyGates();
    expect(item.events.at(-1)).toMatchObject({ kind: 'gate.started', data: { gate: 0, commit: 'c-B' } });
    expect(item.judge(true)).toEqual(['gate verify 1 on c-B']);
    expect(item.judge(true)).toEqual(['enter ship 1', 'ready c-B']);
    expect(decide(item.state, item.flow, item.facts)).toEqual([]);
  });

  test('send back with the findings to one rework task that all findings reach', () => {
    item.reachVerifyGates();
    expect(item.judge(false, [finding])).toEqual([
      'verify back to build',
      'enter build 2',
      'start build/rework-2/developer 1',
    ]);
    expect(inFlight(item.state, item.flow)).toMatchObject([
      { task: null, round: 2, base: 'c-B', findings: [finding] },
    ]);
    expect(item.finish('build/rework-2/developer', { commit: 'c9' })).toEqual([
      'enter verify 2',
      'start verify/tester 1',
      'start verify/reviewer 1',
    ]);
  });

  test('that fail without a finding still send back to rework, told by the summary', () => {
    item.reachVerifyGates();
    expect(item.judge(false)).toContain('start build/rework-2/developer 1');
    expect(item.state.phase?.findings).toMatchObject([{ message: 'judged' }]);
  });

  test('ask a person after the last send-back, and send back again when resumed', () => {
    item.flow = {
      ...feature,
      phases: feature.phases.map((one) =>
        one.name === 'plan' ? { ...one, onFail: { ...one.onFail, atMost: 0 } } : one,
      ),
    };
    item.begin();
    item.finish('plan/planner', { artifacts: { 'plan.json': 'p' } });
    expect(item.judge(false, [finding])).toEqual(['pause for attempts, ask engineering_lead']);
    expect(item.state.pause?.message).toContain('2 failed');
    expect(item.person('resume')).toEqual(['plan back to plan', 'enter plan 2', 'start plan/planner 1']);
    item.finish('plan/planner', { artifacts: { 'plan.json': 'p2' } });
    expect(item.judge(false, [finding])).toEqual(['pause for attempts, ask engineering_lead']);
  });

  test('work through the plan again when the plan itself was redone', () => {
    item.flow = {
      ...feature,
      phases: feature.phases.map((one) =>
        one.name === 'verify' ? { ...one, onFail: { ...one.onFail, backTo: 'plan' } } : one,
      ),
    };
    item.reachVerifyGates();
    expect(item.judge(false, [finding])).toEqual([
      'verify back to plan',
      'enter plan 2',
      'start plan/planner 1',
    ]);
    item.finish('plan/planner', { artifacts: { 'plan.json': 'p2' } });
    expect(item.judge(true)).toEqual([
      'enter build 2',
      'start build/A/developer 1',
      'start build/C/developer 1',
    ]);
    expect(item.state.phase?.steps['build/A/developer']?.agent).toBe('agent:shop/7/build/A/developer/2/1');
  });
});

describe('a plan that cannot be worked on', () => {
  test('is asked for again when it is missing', () => {
    item.facts.plan = null;
    item.begin(true);
    expect(item.judge(true)).toEqual([
      'enter build 1',
      'build back to plan',
      'enter plan 2',
      'start plan/planner 1',
    ]);
    expect(item.state.phase?.findings).toMatchObject([{ source: 'artifact:plan.json' }]);
  });

  test('is asked for again when its tasks wait for each other', () => {
    item.facts.plan = { summary: '', tasks: [{ id: 'A', title: '', instructions: '', after: ['B'] }] };
    item.begin(true);
    expect(item.judge(true)).toContain('build back to plan');
  });

  test('is a person’s matter when no phase writes one', () => {
    item.facts.plan = null;
    item.flow = { ...feature, phases: feature.phases.slice(1) };
    expect(item.begin()).toEqual(['enter build 1', 'pause for attempts, ask engineering_lead']);
    expect(item.state.pause?.message).toContain('no earlier phase writes it');
  });
});

describe('the end of the flow', () => {
  test('asks a person when nothing was changed, and works again when resumed', () => {
    item.begin(true);
    item.judge(true);
    for (const id of ['A', 'C', 'D', 'B']) item.finish(`build/${id}/developer`);
    item.finish('verify/tester');
    item.finish('verify/reviewer');
    item.judge(true);
    expect(item.judge(true)).toEqual(['enter ship 1', 'pause for attempts, ask engineering_lead']);
    expect(item.state.pause?.message).toContain('without a change');
    expect(item.person('resume')).toEqual([
      'ship back to build',
      'enter build 2',
      'start build/rework-2/developer 1',
    ]);
  });

  test('lands the accepted commit', () => {
    item.reachVerifyGates();
    item.judge(true);
    item.judge(true);
    expect(item.person('accept')).toEqual([]);
    expect(inFlight(item.state, item.flow)).toEqual([{ effect: 'land', commit: 'c-B', target: 'main' }]);
    item.record({ kind: 'item.landed', data: { commit: 'm1', target: 'main' } });
    expect(item.state).toMatchObject({ status: 'landed', landedCommit: 'm1', phase: null });
    expect(inFlight(item.state, item.flow)).toEqual([]);
  });

  test('goes back to ready when the target was busy', () => {
    item.reachVerifyGates();
    item.judge(true);
    item.judge(true);
    item.person('accept');
    item.record({
      kind: 'item.landing_refused',
      data: { reason: 'target_busy', findings: [finding], onto: null },
    });
    expect(item.settle()).toEqual([]);
    expect(item.state).toMatchObject({
      status: 'ready',
      readyCommit: 'c-B',
      refusal: { reason: 'target_busy' },
    });
    expect(item.person('accept')).toEqual([]);
    expect(item.state.refusal).toBeNull();
  });

  test.each(['red', 'conflict'] as const)('sends back once when the landing was refused as %s', (reason) => {
    item.reachVerifyGates();
    item.judge(true);
    item.judge(true);
    item.person('accept');
    item.record({ kind: 'item.landing_refused', data: { reason, findings: [], onto: null } });
    expect(item.settle()).toEqual([
      'verify back to build',
      'enter build 2',
      'start build/rework-2/developer 1',
    ]);
    expect(item.state.sentBack).toEqual({ verify: 1 });
    item.finish('build/rework-2/developer', { commit: 'c9' });
    item.finish('verify/tester');
    item.finish('verify/reviewer');
    item.judge(true);
    expect(item.judge(true)).toEqual(['enter ship 2', 'ready c9']);
  });

  test('sends back to where steps are, also when the flow names a phase without any', () => {
    item.flow = {
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
    item.begin();
    item.finish('work/one', { commit: 'c1' });
    item.person('accept');
    item.record({ kind: 'item.landing_refused', data: { reason: 'red', findings: [], onto: null } });
    expect(item.settle()).toEqual(['work back to work', 'enter work 2', 'start work/one 1']);
  });
});
