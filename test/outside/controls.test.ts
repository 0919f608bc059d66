/** Kill and pause hold for an outside agent too, also for one that asks nothing of its gateway. */
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { newId } from '../../src/base/ids.ts';
import { findProcesses } from '../../src/cells/bench-for-contract.ts';
import type { ControlState } from '../../src/controls/control-state.ts';
import { awaitObeyed } from '../../src/requests/await-obeyed.ts';
import { readScope } from '../../src/requests/read-scope.ts';
import { setControl } from '../../src/requests/set-control.ts';
import { runWorker } from '../../src/worker/worker.ts';
import type { TestProject } from '../harness/project.ts';
import { ofKind, tapeEvents } from './outside-project.ts';
import { useFakeAgent } from './use-fake-agent.ts';

const fake = useFakeAgent();

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** An agent at work that neither asks for anything nor listens. */
async function startDeaf(settings: string): Promise<TestProject> {
  const project = await fake.start('deaf', { settings });
  const ended = new AbortController();
  const number = await project.add('Never end');
  const working = runWorker(project.context, { untilIdle: false, signal: ended.signal });
  stops.push(async () => {
    ended.abort();
    await working;
  });
  expect(number).toBe(1);
  await expect.poll(() => findProcesses('ticks.txt').length, { timeout: 20_000 }).toBeGreaterThan(0);
  return project;
}

async function lay({ journal }: TestProject, state: Exclude<ControlState, 'running'>): Promise<void> {
  const on = await readScope(journal, 'test', '1');
  const epoch = await setControl({ journal, newId, project: 'test', on, by: 'sarah' }, state);
  const isOwnerDead = () => false;
  const asked = { journal, project: 'test', epoch, isOwnerDead, clock: systemClock, forMs: 20_000 };
  expect(await awaitObeyed(asked)).toEqual([]);
}

describe('an outside agent that listens to nothing', () => {
  it('is gone with everything it started when it is killed', async () => {
    const project = await startDeaf('protocol: anthropic');
    await lay(project, 'killed');
    expect(findProcesses(fake.program)).toEqual([]);
    expect(findProcesses('ticks.txt')).toEqual([]);
  });

  it('and is not metered is put down by a pause, since no call of it could be held', async () => {
    const project = await startDeaf('metered: false');
    await lay(project, 'paused');
    await expect.poll(() => findProcesses('ticks.txt'), { timeout: 20_000 }).toEqual([]);
    expect(findProcesses(fake.program)).toEqual([]);
    expect(ofKind(await tapeEvents(project.journal), 'agent.finished')).toEqual([]);
  });
});
