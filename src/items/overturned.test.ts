/** A decision that an item worked by is overturned, in every state that an item can be in: the ruling reaches whoever works next. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { findMisplacement } from './find-misplacement.ts';
import type { ItemEvent } from './item-event.ts';
import { drive, type Outside, type World } from './play-item-contract.ts';
import { restlessArb, worldArb } from './random-world-contract.ts';
import { type ItemScript, scriptItem } from './script-item-contract.ts';

const finding = {
  source: 'decision:D-1',
  message: 'D-2 holds instead',
  file: null,
  line: null,
  output: null,
};
const overturned: ItemEvent = {
  kind: 'item.overturned',
  data: { question: 'Q-1', decision: 'D-1', supersededBy: 'D-2', instead: 'Local time', finding },
};

function overturn(item: ItemScript): string[] {
  item.record(overturned);
  return item.settle();
}

function ready(): ItemScript {
  const item = scriptItem();
  item.reachVerifyGates();
  item.judge(true);
  expect(item.judge(true)).toContain('ready c-B');
  return item;
}

function landing(): ItemScript {
  const item = ready();
  item.person('accept');
  return item;
}

const refused = (reason: 'target_busy' | 'red'): ItemEvent => ({
  kind: 'item.landing_refused',
  data: { reason, findings: [], onto: null },
});

const goesBack = ['verify back to build', 'enter build 2', 'start build/rework-2/developer 1'];

describe('running', () => {
  it('tells the next attempt where nothing was made yet', () => {
    const item = scriptItem();
    item.begin();
    item.record({
      kind: 'step.failed',
      data: {
        step: 'plan/planner',
        attempt: 1,
        reason: 'internal',
        message: '',
        findings: [],
        costMicroUsd: 0,
      },
    });
    expect(overturn(item)).toEqual(['start plan/planner 2']);
    expect(item.state.phase?.notes).toEqual([finding]);
  });

  it('plans again before anything is built when whoever plans was at work', () => {
    const item = scriptItem();
    item.begin();
    expect(overturn(item)).toEqual([]);
    expect(item.finish('plan/planner', { artifacts: { 'plan.json': 'p1' } })).toEqual([
      'plan back to plan',
      'enter plan 2',
      'start plan/planner 1',
    ]);
    expect(item.state.phase?.findings).toEqual([finding]);
    item.finish('plan/planner', { artifacts: { 'plan.json': 'p2' } });
    expect(item.judge(true)).toContain('start build/A/developer 1');
  });

  it('plans again when the plan was there already and nothing is built', () => {
    const item = scriptItem();
    item.begin();
    item.finish('plan/planner', { artifacts: { 'plan.json': 'p1' } });
    expect(overturn(item)).toEqual([]);
    expect(item.judge(true)).toContain('plan back to plan');
  });

  it('is sent back at the end of the phase that is at work', () => {
    const item = scriptItem();
    item.reachVerifyGates();
    overturn(item);
    expect(item.judge(true)).toEqual(goesBack);
    expect(item.state.phase?.findings).toEqual([finding]);
  });
});

it('ready: is sent back', () => {
  const item = ready();
  expect(overturn(item)).toEqual(goesBack);
});

it('taken over: is sent back when it is handed back', () => {
  const item = ready();
  item.person('takeover');
  expect(overturn(item)).toEqual([]);
  expect(item.handBack(null)).toEqual(goesBack);
});

it('paused by a person: is sent back when it goes on', () => {
  const item = scriptItem();
  item.reachVerifyGates();
  item.person('pause');
  overturn(item);
  item.person('resume');
  expect(item.judge(true)).toEqual(goesBack);
});

it('a breaker that opens meanwhile does not lose it', () => {
  const item = scriptItem();
  item.begin(true);
  item.judge(true);
  for (const id of ['A', 'C', 'D']) item.finish(`build/${id}/developer`, { commit: `c-${id}` });
  overturn(item);
  item.fail('build/B/developer', 'internal');
  expect(item.fail('build/B/developer', 'internal')).toEqual(['pause for breaker, ask engineering_lead']);
  item.person('resume');
  expect(item.finish('build/B/developer', { commit: 'c-B' })).toEqual(goesBack);
});

describe('landing', () => {
  it('the landing comes to its end, and the ruling is kept for the item that puts right what landed', () => {
    const item = landing();
    expect(overturn(item)).toEqual([]);
    expect(item.state.status).toBe('landing');
    item.record({ kind: 'item.landed', data: { commit: 'c-M', target: 'main' } });
    expect(item.state.overturned).toEqual([overturned.data]);
  });

  it.each(['target_busy', 'red'] as const)(
    '%s: is sent back with the ruling, and does not wait for an accept',
    (reason) => {
      const item = landing();
      overturn(item);
      item.record(refused(reason));
      expect(item.settle()).toEqual(goesBack);
      expect(item.state.phase?.findings).toContainEqual(finding);
      expect(item.state.readyCommit).toBeNull();
    },
  );

  it('a busy target alone leaves it ready', () => {
    const item = landing();
    item.record(refused('target_busy'));
    expect([item.state.status, item.state.readyCommit]).toEqual(['ready', 'c-B']);
  });
});

it('queued, and over: there is nothing to put right', () => {
  const { state } = ready();
  for (const status of ['queued', 'landed', 'rejected', 'canceled'] as const)
    expect(findMisplacement({ ...state, status }, overturned)).toBe(`it is ${status}`);
});

test('whatever else happens, nothing becomes ready before every ruling has reached whoever works', () => {
  let rulingCount = 0;
  const play = (world: World, outside: Outside, moments: readonly number[]) => {
    const due = [...moments].sort((a, b) => a - b);
    const pending = new Set<string>();
    let turn = 0;
    drive(world, outside, {
      interfere(state) {
        turn += 1;
        if (turn < (due[0] ?? Number.POSITIVE_INFINITY) || findMisplacement(state, overturned)) return [];
        due.shift();
        rulingCount += 1;
        const message = `ruling ${rulingCount}`;
        pending.add(message);
        return [{ ...overturned, data: { ...overturned.data, finding: { ...finding, message } } }];
      },
      inspect({ status, phase }) {
        for (const { message } of [...(phase?.findings ?? []), ...(phase?.notes ?? [])])
          pending.delete(message);
        if (status === 'ready') expect([...pending]).toEqual([]);
      },
    });
  };
  const moments = fc.array(fc.nat(60), { maxLength: 4 });
  fc.assert(fc.property(worldArb(), restlessArb, moments, play), { numRuns: 200, seed: 7 });
  expect(rulingCount).toBeGreaterThan(100);
});
