import { beforeEach, describe, expect, test } from 'vitest';
import { findMisplacement } from './find-misplacement.ts';
import { inFlight } from './in-flight.ts';
import type { ItemEvent } from './item-event.ts';
import { finding, type ItemScript, phase, scriptItem, step } from './script-item-contract.ts';

let item: ItemScript;
beforeEach(() => {
  item = scriptItem();
});

/** Tasks A and B are done, C has failed as often as it may, D has not begun. */
function getStuckInBuild(): void {
  item.begin(true);
  item.judge(true);
  item.finish('build/A/developer', { commit: 'c-A' });
  item.fail('build/C/developer', 'turn_limit');
  item.fail('build/C/developer', 'turn_limit');
  item.finish('build/B/developer', { commit: 'c-B' });
  expect(item.state).toMatchObject({ status: 'paused', pause: { reason: 'breaker' } });
}

function getStuckAtTheGates(): void {
  item.reachVerifyGates();
  item.judge(false, [finding]);
  for (const round of [2, 3]) {
    item.finish(`build/rework-${round}/developer`, { commit: `r${round}` });
    item.finish('verify/tester');
    item.finish('verify/reviewer', { artifacts: { 'verdict.json': `v${round}` } });
    item.judge(false, [finding]);
  }
  expect(item.state).toMatchObject({ status: 'paused', pause: { reason: 'attempts' } });
}

function getReady(): void {
  item.reachVerifyGates();
  item.judge(true);
  item.judge(true);
  expect(item.state.status).toBe('ready');
}

const findingsOf = (step: string) =>
  inFlight(item.state, item.flow).flatMap((effect) =>
    effect.effect === 'runStep' && effect.step === step ? effect.findings : [],
  );

describe('a person’s commit', () => {
  test('stands in for the step that was stuck, and what had not begun begins on it', () => {
    getStuckInBuild();
    item.person('takeover');
    const decided = item.handBack('p1', 'C is mine');
    expect(decided).toEqual([
      'reopen build 2, answered build/A/developer build/B/developer build/C/developer',
      'start build/D/developer 1',
    ]);
    expect(item.state.phase?.steps['build/D/developer']).toMatchObject({ base: 'p1' });
    expect(findingsOf('build/D/developer')).toMatchObject([{ source: 'person:ada', message: 'C is mine' }]);
    expect(item.finish('build/D/developer', { commit: 'c-D' })).toContain('enter verify 1');
  });

  test('is judged by every gate of the phase again; who judged the old head judges anew', () => {
    getStuckAtTheGates();
    item.person('takeover');
    expect(item.handBack('p1')).toEqual([
      'reopen verify 4, answered ',
      'start verify/tester 1',
      'start verify/reviewer 1',
    ]);
    item.finish('verify/tester');
    expect(item.finish('verify/reviewer', { artifacts: { 'verdict.json': 'v4' } })).toEqual([
      'gate verify 0 on p1',
    ]);
    // Sent back again as if it had never been.
    expect(item.judge(false, [finding])[0]).toBe('verify back to build');
  });

  test('on what was ready goes back to the phase that runs the checks', () => {
    getReady();
    item.person('takeover');
    expect(item.state).toMatchObject({ status: 'taken_over', readyCommit: null });
    expect(item.handBack('p1')[0]).toBe('reopen verify 2, answered ');
    item.finish('verify/tester');
    item.finish('verify/reviewer', { artifacts: { 'verdict.json': 'v2' } });
    item.judge(true);
    expect(item.judge(true)).toEqual(['enter ship 2', 'ready p1']);
  });

  test('does not stand in for an artifact: who owes one works again', () => {
    item.begin();
    item.fail('plan/planner', 'artifact_missing');
    item.fail('plan/planner', 'artifact_missing');
    item.person('takeover');
    expect(item.handBack('p1')).toEqual(['reopen plan 2, answered ', 'start plan/planner 1']);
  });

  test('answers what a refused landing had found', () => {
    getReady();
    item.record(
      { kind: 'item.accepted', data: { commit: item.state.readyCommit ?? '', by: 'ada' } },
      { kind: 'item.landing_refused', data: { reason: 'red', findings: [finding], onto: null } },
    );
    // Not settled: its worker was gone.
    const [taken] = [{ by: 'ada', to: 'ada', commit: item.state.head ?? '', branch: 'mesh/7', folder: '/f' }];
    item.record({ kind: 'item.taken_over', data: taken });
    expect(item.handBack('p1')).toEqual([
      'reopen verify 2, answered ',
      'start verify/tester 1',
      'start verify/reviewer 1',
    ]);
  });

  test('stands in for whoever makes commits, in a phase without a plan too', () => {
    const verify = phase(
      'verify',
      {
        kind: 'parallel',
        steps: [step('tester', { commits: true }), step('reviewer', { writes: ['verdict.json'] })],
      },
      { gates: [{ kind: 'commands', checks: null }] },
    );
    const [first, second, , last] = item.flow.phases;
    item.flow = { ...item.flow, phases: [first, second, verify, last].filter((each) => each !== undefined) };
    item.reachVerifyGates();
    item.person('takeover');
    expect(item.handBack('p1')).toEqual([
      'reopen verify 2, answered verify/tester verify/reviewer',
      'gate verify 0 on p1',
    ]);
  });
});

describe('a note', () => {
  test('reaches the next attempt of the step that was stuck, with all attempts anew', () => {
    getStuckInBuild();
    item.person('takeover');
    expect(item.handBack(null, 'use the other parser')).toContain('start build/C/developer 3');
    expect(findingsOf('build/C/developer').map(({ message }) => message)).toEqual([
      'use the other parser',
      'it was turn_limit',
    ]);
    expect(item.fail('build/C/developer', 'turn_limit')).toContain('start build/C/developer 4');
  });

  test('goes along with what the gates found', () => {
    getStuckAtTheGates();
    item.person('takeover');
    expect(item.handBack(null, 'look at the fixtures').slice(0, 2)).toEqual([
      'verify back to build',
      'enter build 4',
    ]);
    const told = findingsOf('build/rework-4/developer').map(({ message }) => message);
    expect(told).toEqual(['2 failed', 'look at the fixtures']);
  });

  test('sends back what was ready', () => {
    getReady();
    item.person('takeover');
    expect(item.handBack(null, 'not like this')).toEqual([
      'verify back to build',
      'enter build 2',
      'start build/rework-2/developer 1',
    ]);
    expect(findingsOf('build/rework-2/developer').map(({ message }) => message)).toEqual(['not like this']);
  });

  test('lifts the hold of a ceiling; only the ledger knows whether there is money now', () => {
    item.begin();
    item.fail('plan/planner', 'ceiling');
    item.person('takeover');
    expect(item.handBack(null, 'shorter')).toEqual(['start plan/planner 2']);
  });
});

describe('unchanged', () => {
  test('it is what it was: stuck, ready, or at work', () => {
    getStuckInBuild();
    const stuck = item.state;
    item.person('takeover');
    expect(item.state).toMatchObject({ status: 'taken_over', pause: null, takeover: { to: 'grace' } });
    expect(item.handBack(null)).toEqual([]);
    expect({ ...item.state, eventCount: 0 }).toEqual({ ...stuck, eventCount: 0 });
  });

  test('it uses up nothing, however often it is taken over at work', () => {
    item.begin();
    for (let attempt = 2; attempt < 12; attempt += 1) {
      item.person('takeover');
      expect(inFlight(item.state, item.flow)).toEqual([]);
      expect(item.handBack(null)).toEqual([`start plan/planner ${attempt}`]);
    }
  });
});

describe('out of place is', () => {
  const taken: ItemEvent = {
    kind: 'item.taken_over',
    data: { by: 'ada', to: 'ada', commit: 'c0', branch: 'mesh/7', folder: '/f' },
  };

  test('a takeover while a step runs, and a result after it', () => {
    item.begin();
    expect(findMisplacement(item.state, taken)).toMatch(/still running/);
    item.person('takeover');
    const data = {
      step: 'plan/planner',
      attempt: 1,
      summary: '',
      artifacts: {},
      commit: 'x',
      costMicroUsd: 0,
    };
    expect(findMisplacement(item.state, { kind: 'step.finished', data })).toMatch(/it is taken_over/);
  });

  test('going on before the handed back commit is taken up', () => {
    getReady();
    item.person('takeover');
    item.record({ kind: 'item.handed_back', data: { by: 'ada', commit: 'p1', note: null } });
    const first = /handed back comes first/;
    expect(findMisplacement(item.state, { kind: 'item.ready', data: { commit: 'p1' } })).toMatch(first);
    const entry = { phase: 'ship', round: 2, findings: [] };
    expect(findMisplacement(item.state, { kind: 'phase.entered', data: entry })).toMatch(first);
    const back = { from: 'verify', to: 'build', findings: [] };
    expect(findMisplacement(item.state, { kind: 'item.sent_back', data: back })).toMatch(first);
  });

  test('a gate on the commit that was handed out', () => {
    item.reachVerifyGates();
    expect(inFlight(item.state, item.flow)).toHaveLength(1);
    item.person('takeover');
    const place = { phase: 'verify', round: 1, gate: 0, isPassed: true, summary: '', findings: [] };
    expect(findMisplacement(item.state, { kind: 'gate.judged', data: place })).toMatch(/it is taken_over/);
    item.record({ kind: 'item.handed_back', data: { by: 'ada', commit: 'p1', note: null } });
    expect(inFlight(item.state, item.flow)).toEqual([]);
  });

  test('reopening a phase for no commit, or in another round', () => {
    getReady();
    const reopened = (round: number): ItemEvent => ({
      kind: 'phase.reopened',
      data: { phase: 'verify', round, answered: [] },
    });
    expect(findMisplacement(item.state, reopened(2))).toMatch(/it is ready/);
    item.person('takeover');
    item.record({ kind: 'item.handed_back', data: { by: 'ada', commit: 'p1', note: null } });
    expect(findMisplacement(item.state, reopened(3))).toMatch(/round 2 of verify/);
    expect(findMisplacement(item.state, reopened(2))).toBeNull();
  });
});
