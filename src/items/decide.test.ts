import { beforeEach, describe, expect, test } from 'vitest';
import { interruptionLimit } from './decide.ts';
import { inFlight } from './in-flight.ts';
import { feature, finding, type ItemScript, phase, scriptItem, step } from './script-item-contract.ts';

let item: ItemScript;

beforeEach(() => {
  item = scriptItem();
});

describe('steps', () => {
  test('begin with the first phase, seated in an agent stream of their own', () => {
    expect(item.begin()).toEqual(['enter plan 1', 'start plan/planner 1']);
    expect(item.state.phase?.steps['plan/planner']).toMatchObject({
      agent: 'agent:shop/7/plan/planner/1/1',
      base: 'c0',
      task: null,
    });
  });

  test('wait for each other in a sequence', () => {
    item.flow = {
      ...feature,
      phases: [phase('work', { kind: 'sequence', steps: [step('one', { commits: true }), step('two')] })],
    };
    expect(item.begin()).toEqual(['enter work 1', 'start work/one 1']);
    expect(item.finish('work/one', { commit: 'c1' })).toEqual(['start work/two 1']);
    expect(item.state.phase?.steps['work/two']?.base).toBe('c1');
    expect(item.finish('work/two')).toEqual(['ready c1']);
  });

  test('start together in a parallel phase, but for seats', () => {
    const steps = ['a', 'b', 'c'].map((name) => step(name, { role: 'tester' }));
    item.flow = { ...feature, phases: [phase('work', { kind: 'parallel', steps })] };
    item.facts.seats = { tester: 2 };
    expect(item.begin()).toEqual(['enter work 1', 'start work/a 1', 'start work/b 1']);
    expect(item.finish('work/b')).toEqual(['start work/c 1']);
  });

  test('take the tasks of a plan in its order, up to the seats, each after its dependencies', () => {
    item.begin(true);
    expect(item.judge(true)).toEqual([
      'enter build 1',
      'start build/A/developer 1',
      'start build/C/developer 1',
    ]);
    expect(item.finish('build/C/developer', { commit: 'c1' })).toEqual(['start build/D/developer 1']);
    expect(item.finish('build/D/developer', { commit: 'c2' })).toEqual([]);
    expect(item.finish('build/A/developer', { commit: 'c3' })).toEqual(['start build/B/developer 1']);
    expect(item.state.phase?.steps['build/B/developer']).toMatchObject({ base: 'c3', task: 'B' });
  });

  test('are skipped in round 1 when the person handed in what they write, and not in round 2', () => {
    expect(item.begin(true)).toEqual(['enter plan 1', 'gate plan 0 on c0']);
    expect(item.judge(false, [finding])).toEqual([
      'plan back to plan',
      'enter plan 2',
      'start plan/planner 1',
    ]);
  });
});

describe('a failed step', () => {
  test('starts again with the findings until its breaker opens, then a person is asked', () => {
    item.begin();
    expect(item.fail('plan/planner', 'artifact_missing')).toEqual(['start plan/planner 2']);
    expect(inFlight(item.state, item.flow)).toMatchObject([
      {
        agent: 'agent:shop/7/plan/planner/1/2',
        findings: [{ source: 'step:artifact_missing', message: 'it was artifact_missing' }],
      },
    ]);
    expect(item.fail('plan/planner', 'internal')).toEqual(['pause for breaker, ask engineering_lead']);
    expect(item.state.pause).toMatchObject({
      steps: ['plan/planner'],
      message:
        'the breaker of plan/planner is open: it failed 2 times in a row ($0.0000), last: it was internal',
    });
  });

  test('has one trial when the item is resumed: its next failure opens the breaker again', () => {
    item.begin();
    item.fail('plan/planner', 'internal');
    item.fail('plan/planner', 'internal');
    expect(item.person('resume')).toEqual(['start plan/planner 3']);
    expect(item.fail('plan/planner', 'internal')).toEqual(['pause for breaker, ask engineering_lead']);
    expect(item.state.pause?.message).toContain('it failed its trial');
  });

  test('has its breaker closed together with all that are open, and leaves the others as they were', () => {
    item.begin(true);
    item.judge(true);
    item.finish('build/A/developer', { commit: 'c1' });
    item.fail('build/B/developer', 'internal');
    item.fail('build/C/developer', 'turn_limit');
    item.fail('build/B/developer', 'internal');
    item.fail('build/C/developer', 'turn_limit');
    expect(item.state.pause?.steps).toEqual(['build/C/developer', 'build/B/developer']);
    expect(item.state.pause?.message).toContain('; the breaker of build/B/developer is open: ');
    expect(item.person('resume')).toEqual(['start build/B/developer 3', 'start build/C/developer 3']);
    // One trial each.
    expect(item.fail('build/C/developer', 'internal')).toEqual([]);
    expect(item.fail('build/B/developer', 'internal')).toEqual(['pause for breaker, ask engineering_lead']);
  });

  test('lets the others end before a person is asked, and starts nothing new', () => {
    item.facts.breaker = 1;
    item.begin(true);
    item.judge(true);
    expect(item.fail('build/C/developer', 'timed_out')).toEqual([]);
    expect(item.finish('build/A/developer', { commit: 'c1' })).toEqual([
      'pause for breaker, ask engineering_lead',
    ]);
    expect(item.person('resume')).toEqual(['start build/B/developer 1', 'start build/C/developer 2']);
  });

  test('pauses the item at once when it hit a ceiling, and starts again only when that is resumed', () => {
    item.begin(true);
    item.judge(true);
    expect(item.fail('build/C/developer', 'ceiling')).toEqual(['pause for ceiling, ask engineering_lead']);
    expect(inFlight(item.state, item.flow)).toEqual([]);
    expect(item.person('resume')).toEqual(['start build/C/developer 2']);
    expect(
      inFlight(item.state, item.flow).map((effect) => effect.effect === 'runStep' && effect.step),
    ).toEqual(['build/A/developer', 'build/C/developer']);
  });

  test('stays held when the item was paused for another reason and is resumed', () => {
    item.begin(true);
    item.judge(true);
    item.person('pause');
    item.fail('build/C/developer', 'ceiling');
    expect(item.person('resume')).toEqual(['pause for ceiling, ask engineering_lead']);
  });

  test('uses no attempt when it was interrupted, but not for ever', () => {
    item.begin();
    for (let count = 1; count < interruptionLimit; count += 1) {
      expect(item.fail('plan/planner', 'interrupted')).toEqual([`start plan/planner ${count + 1}`]);
    }
    expect(item.fail('plan/planner', 'interrupted')).toEqual(['pause for breaker, ask engineering_lead']);
    expect(item.state.pause?.message).toContain('was interrupted 5 times');
  });

  test('is not held against its step when the pause itself interrupted it', () => {
    item.begin();
    for (let count = 0; count <= interruptionLimit; count += 1) {
      item.person('pause');
      item.fail('plan/planner', 'interrupted');
      expect(item.person('resume')).toEqual([`start plan/planner ${count + 2}`]);
    }
  });

  test('counts what it cost', () => {
    item.begin();
    item.fail('plan/planner', 'internal');
    item.finish('plan/planner', { artifacts: { 'plan.json': 'p' } });
    expect(item.state.costMicroUsd).toBe(10);
  });
});
