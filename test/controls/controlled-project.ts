/** A small project whose worker runs beside the test, with controls laid on by a person and a model that can be held. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { newId } from '../../src/base/ids.ts';
import type { ControlState } from '../../src/controls/control-state.ts';
import type { ModelRequest } from '../../src/gateway/model.ts';
import type { Brain, Move } from '../../src/gateway/scripted/scripted-provider.ts';
import type { StoredEvent } from '../../src/journal/event.ts';
import { awaitObeyed } from '../../src/requests/await-obeyed.ts';
import { readScope } from '../../src/requests/read-scope.ts';
import { clearControl, setControl } from '../../src/requests/set-control.ts';
import { runWorker } from '../../src/worker/worker.ts';
import { say, smallFiles, write } from '../engine/small-team.ts';
import { createTestProject, type TestProject, type TestProjectOptions } from '../harness/project.ts';

export const project = 'test';
const flow = `name: one
description: One developer, then a tester; the checks.
phases:
  - name: build
    steps:
      - { role: developer, commit: true }
      - { role: tester }
    gate:
      - { commands: project }
  - name: ship
    submit: merge-queue
`;

export interface Controlled extends TestProject {
  lay(given: string, state: Exclude<ControlState, 'running'>): Promise<void>;
  clear(given: string): Promise<void>;
  work(): void;
  events(kind?: string): Promise<StoredEvent[]>;
  until(what: string, holds: () => boolean | Promise<boolean>): Promise<void>;
}

const open: { project: TestProject; stop: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const { project: opened, stop } of open.splice(0)) {
    await stop();
    await opened.remove();
  }
});

export async function start(model: Brain, options: Partial<TestProjectOptions> = {}): Promise<Controlled> {
  const files = {
    ...smallFiles,
    '.mesh/flows/one.yaml': flow,
    '.mesh/mesh.yaml': smallFiles['.mesh/mesh.yaml']?.replace(/^team: .*$/m, 'team: { flow: one }') ?? '',
    ...options.files,
  };
  const made = await createTestProject({ ...options, files, model });
  const ended = new AbortController();
  const workers: Promise<void>[] = [];
  open.push({
    project: made,
    stop: async () => {
      ended.abort();
      await Promise.all(workers);
    },
  });
  const { journal, context } = made;
  const obeyed = (epoch: number) =>
    awaitObeyed({ journal, project, epoch, isOwnerDead: () => false, clock: systemClock, forMs: 20_000 });
  return {
    ...made,
    async lay(given, state) {
      const on = await readScope(journal, project, given);
      expect(await obeyed(await setControl({ journal, newId, project, on, by: 'sarah' }, state))).toEqual([]);
    },
    async clear(given) {
      const on = await readScope(journal, project, given);
      const cleared = await clearControl({ journal, newId, project, on, by: 'alex' });
      expect(await obeyed(cleared?.epoch ?? 0)).toEqual([]);
    },
    work: () => void workers.push(runWorker(context, { untilIdle: false, signal: ended.signal })),
    events: async (kind) =>
      (await journal.readAll({ after: 0, limit: 10_000 })).filter((event) => !kind || event.kind === kind),
    async until(what, holds) {
      const deadline = Date.now() + 30_000;
      while (!(await holds())) {
        if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
        await delay(10);
      }
    },
  };
}

/** Keeps what it is asked; from the `holdAt`-th call on it answers nobody until that is taken back. It heeds no signal. */
export function heldModel(answer: (request: ModelRequest, turn: number) => Move) {
  const model = {
    asked: [] as string[],
    holdAt: Number.POSITIVE_INFINITY,
    brain: (async (request) => {
      const turn = request.messages.filter(({ role }) => role === 'assistant').length;
      model.asked.push(`${request.seat.role} ${turn}`);
      const serial = model.asked.length;
      while (serial >= model.holdAt) await delay(5);
      return answer(request, turn);
    }) satisfies Brain,
  };
  return model;
}

export const writes = (request: ModelRequest, turn: number): Move =>
  request.seat.role === 'developer' && turn < 2 ? write(`${turn}.txt`, `file ${turn}\n`) : say('done');
