import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import { streamId } from '../journal/event.ts';
import { createMemoryJournal } from '../journal/in-memory.ts';
import { type ControlEvent, controlStream } from './control-event.ts';
import { readControls, writeControl } from './control-record.ts';
import {
  agentScope,
  clusterScope,
  describeScope,
  itemScope,
  meshScope,
  scopesOver,
} from './control-scope.ts';
import { type ControlState, describeControl, describeLifting, effectiveControl } from './control-state.ts';
import { ControlWatch } from './control-watch.ts';

const project = 'orders';
const agent = streamId('agent', project, 3, 'build/T1/developer', 1, 1);
const place = { cluster: 'main', item: 3, agent };
const scopes = [meshScope, clusterScope('main'), itemScope(3), agentScope(agent)];

function aJournal() {
  const journal = createMemoryJournal({ clock: systemClock });
  const write = (...events: ControlEvent[]) =>
    events.reduce(
      (before, event) =>
        before.then(() =>
          writeControl({ journal, newId, project, actor: 'person:sarah', decide: () => event }),
        ),
      readControls(journal, project),
    );
  return { journal, write };
}

function set(scope: (typeof scopes)[number], state: Exclude<ControlState, 'running'>): ControlEvent {
  return { kind: 'control.set', data: { scope, state, by: 'sarah', holder: null, why: null } };
}

describe('the control over a place', () => {
  it('is the strictest of those that cover it: killed, then paused, then stopped', async () => {
    const order: ControlState[] = ['running', 'stopped', 'paused', 'killed'];
    const state = fc.constantFrom<ControlState>(...order);
    await fc.assert(
      fc.asyncProperty(fc.tuple(state, state, state, state), async (states) => {
        const { write } = aJournal();
        const events = states.flatMap((each, index) =>
          each === 'running' ? [] : [set(scopes[index] ?? meshScope, each)],
        );
        const controls = await write(...events);
        const strictest = states.reduce((a, b) => (order.indexOf(b) > order.indexOf(a) ? b : a));
        expect(effectiveControl(controls, place)?.state ?? 'running').toBe(strictest);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['another item', { ...place, item: 4, agent: null }, [meshScope, clusterScope('main'), itemScope(4)]],
    ['the item as a whole', { ...place, agent: null }, [meshScope, clusterScope('main'), itemScope(3)]],
    ['an item that no cluster has yet', { cluster: null, item: 3, agent: null }, [meshScope, itemScope(3)]],
  ])('of %s comes from %j alone', (_, where, covering) => {
    expect(scopesOver(where)).toEqual(covering);
  });

  it('is gone when its own scope is cleared, and a narrower or wider one stays', async () => {
    const { write } = aJournal();
    const controls = await write(set(meshScope, 'paused'), set(itemScope(3), 'killed'), {
      kind: 'control.cleared',
      data: { scope: itemScope(3), by: 'alex', holder: null },
    });
    expect(effectiveControl(controls, place)).toMatchObject({ scope: meshScope, state: 'paused' });
    expect(controls.epoch).toBe(3);
  });

  it('is the last one that was laid on a scope', async () => {
    const { write } = aJournal();
    const controls = await write(set(itemScope(3), 'killed'), set(itemScope(3), 'stopped'));
    expect(effectiveControl(controls, place)?.state).toBe('stopped');
  });
});

describe('a question that holds a scope', () => {
  const block = (holder: string): ControlEvent => ({
    kind: 'control.set',
    data: {
      scope: clusterScope('main'),
      state: 'paused',
      by: 'mesh',
      holder,
      why: 'compliance_question, waits for @compliance-team',
    },
  });
  const lift = (holder: string | null): ControlEvent => ({
    kind: 'control.cleared',
    data: { scope: clusterScope('main'), by: 'mesh', holder },
  });

  it('holds it beside a person and other questions; each undoes its own alone', async () => {
    const { write } = aJournal();
    const cluster = clusterScope('main');
    await write(block('Q-7'), block('Q-8'), set(cluster, 'paused'), block('Q-7'));
    expect((await write(lift('Q-8'))).byScope.get(cluster)?.map(({ holder }) => holder)).toEqual([
      null,
      'Q-7',
    ]);
    const left = await write(lift(null));
    expect(effectiveControl(left, place)).toMatchObject({ holder: 'Q-7', state: 'paused' });
    expect(effectiveControl(await write(lift('Q-7')), place)).toBeNull();
  });

  it("is named, with what lifts it; where a person holds the same just as strictly, the person's is told", async () => {
    const { write } = aJournal();
    const blocked = effectiveControl(await write(block('Q-7')), place);
    if (!blocked) throw new Error('it is not held');
    expect(`${describeControl(blocked)}; ${describeLifting(blocked)}`).toBe(
      'cluster main is blocked by Q-7 (compliance_question, waits for @compliance-team); `meshwright answer Q-7 …` lifts it',
    );
    const both = await write(set(clusterScope('main'), 'paused'));
    expect(effectiveControl(both, place)?.holder).toBeNull();
  });

  it('never did in what older versions wrote: it was a person', async () => {
    const { journal } = aJournal();
    const data = { scope: meshScope, state: 'paused', by: 'sarah' };
    const events = [
      { kind: 'control.set', schema: 1, actor: 'person:sarah', data },
      { kind: 'control.set', schema: 1, actor: 'person:sarah', data: { ...data, scope: itemScope(3) } },
      {
        kind: 'control.cleared',
        schema: 1,
        actor: 'person:sarah',
        data: { scope: itemScope(3), by: 'sarah' },
      },
    ];
    const stream = controlStream(project);
    await journal.append({ id: newId(), project, stream, expectedVersion: 0, fence: null, events });
    const { byScope } = await readControls(journal, project);
    expect([...byScope.values()].flat()).toMatchObject([{ scope: meshScope, holder: null, why: null }]);
  });
});

it('writers that meet both get through', async () => {
  const { journal } = aJournal();
  const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
  await Promise.all(
    numbers.map((number) =>
      writeControl({
        journal,
        newId,
        project,
        actor: 'person:sarah',
        decide: () => set(itemScope(number), 'paused'),
      }),
    ),
  );
  expect((await readControls(journal, project)).byScope.size).toBe(numbers.length);
});

it('a watch tells of a control that was set, and of what a worker says nothing', async () => {
  const { journal, write } = aJournal();
  let changes = 0;
  const watch = new ControlWatch(journal, project, () => {
    changes += 1;
  });
  await watch.refresh();
  expect(changes).toBe(0);
  await write(set(itemScope(3), 'paused'));
  await watch.refresh();
  expect([changes, watch.over(place)?.by, watch.epoch]).toEqual([1, 'sarah', 1]);
  await write({ kind: 'control.obeyed', data: { epoch: 1, worker: 'w' } });
  await watch.refresh();
  expect([changes, watch.epoch]).toEqual([1, 1]);
});

it('scopes and controls are named as people do', () => {
  expect(scopes.map(describeScope)).toEqual([
    'the mesh',
    'cluster main',
    'item 3',
    'agent 3/build/T1/developer/1/1',
  ]);
  const control = {
    scope: itemScope(3),
    state: 'killed' as const,
    by: 'sarah',
    holder: null,
    why: null,
    at: '2026-11-21T10:00:00.000Z',
  };
  expect(describeControl(control)).toBe('item 3 is killed by sarah');
});
