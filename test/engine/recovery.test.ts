import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { MeshwrightError } from '../../src/base/errors.ts';
import { createScriptedProviderFromBrain } from '../../src/gateway/scripted/scripted-provider.ts';
import type { ItemEvent } from '../../src/items/item-event.ts';
import { itemStream } from '../../src/items/item-stream.ts';
import { createMemoryJournal } from '../../src/journal/in-memory.ts';
import type { Journal } from '../../src/journal/journal.ts';
import type { Unit } from '../../src/journal/unit.ts';
import { runWorker } from '../../src/worker/worker.ts';
import type { WorkerContext } from '../../src/worker/worker-context.ts';
import { createMortalJournal } from '../clients/mortal-journal.ts';
import { createTestProject, inNextProcess, type TestProject } from '../harness/project.ts';
import { call, say, smallFiles, smallTeam, write } from './small-team.ts';

const open: TestProject[] = [];
afterEach(async () => {
  for (const project of open.splice(0)) await project.remove();
});

const onePlan = { summary: 'one', tasks: [{ id: 'T1', title: 'one', instructions: 'x', after: [] }] };

/** A developer in four turns: two that change files, one that looks, one that ends. */
function fourTurns(asked: string[]) {
  return smallTeam({
    developer: (_, turn) => {
      asked.push(`turn ${turn}`);
      if (turn === 0) return write('T1.txt', 'one\n');
      if (turn === 1) return call('edit', { path: 'T1.txt', old_text: 'one', new_text: 'one!' });
      if (turn === 2) return call('shell', { command: 'cat T1.txt' });
      return say('done');
    },
  });
}

interface Death {
  project: TestProject;
  number: number;
  asked: string[];
  /** Drives on in a second worker that knows the first one to be dead. */
  goOn(): Promise<void>;
}

/** A worker that dies when it is about to store such a unit. */
async function dieAt(isLast: (unit: Unit) => boolean): Promise<Death> {
  const asked: string[] = [];
  const living = createMemoryJournal({ clock: systemClock });
  const mortal = createMortalJournal(living, isLast);
  const project = await createTestProject({
    files: smallFiles,
    model: fourTurns(asked),
    journal: mortal.journal,
  });
  open.push(project);
  const number = await project.add('Die once', onePlan);
  await expect(project.run()).rejects.toThrow('dead');
  const first = project.context.owner;
  const second: WorkerContext = {
    ...inNextProcess(project.context, { journal: living, owner: 'second' }),
    isOwnerDead: (owner) => owner === first,
    provider: createScriptedProviderFromBrain(fourTurns(asked)),
  };
  const goOn = () => runWorker(second, { untilIdle: true, signal: AbortSignal.timeout(60_000) });
  return { project: { ...project, journal: living }, number, asked, goOn };
}

function isToolResult(unit: Unit, tool: string): boolean {
  return unit.events.some(({ kind, data }) => kind === 'tool.call_finished' && data.tool === tool);
}

async function eventsOf(journal: Journal, number: number): Promise<ItemEvent[]> {
  return (await journal.read(itemStream('test', number))) as unknown as ItemEvent[];
}

async function stepFailures({ project, number }: Death): Promise<ItemEvent[]> {
  return (await eventsOf(project.journal, number)).filter(({ kind }) => kind === 'step.failed');
}

async function headOf({ project, number }: Death): Promise<string> {
  const events = await eventsOf(project.journal, number);
  const ready = events.findLast((event) => event.kind === 'item.ready');
  return ready?.kind === 'item.ready' ? ready.data.commit : '';
}

describe('after the death of a worker', () => {
  test.each([
    ['a write', 'write'],
    ['an edit', 'edit'],
  ])('the next one takes over at once and %s that was done is not done twice', async (_, tool) => {
    const death = await dieAt((unit) => isToolResult(unit, tool));
    await death.goOn();
    expect(death.asked).toEqual(['turn 0', 'turn 1', 'turn 2', 'turn 3']);
    expect(await stepFailures(death)).toEqual([]);
    expect(await death.project.context.mirror.show(await headOf(death), 'T1.txt')).toBe('one!\n');
  });

  test('a command whose outcome nobody saw is not run again: the model is told and looks', async () => {
    const death = await dieAt((unit) => isToolResult(unit, 'shell'));
    await death.goOn();
    expect(death.asked).toEqual(['turn 0', 'turn 1', 'turn 2', 'turn 3']);
    const events = await death.project.journal.readAll({ after: 0, limit: 10_000 });
    const told = events.filter(({ data }) => String(data.output).includes('outcome unknown'));
    expect(told).toHaveLength(1);
  });

  test('a model call without an answer is charged in full and made once more; those with one are not', async () => {
    let answers = 0;
    const death = await dieAt((unit) => {
      const isAnswer = unit.events.some(({ kind }) => kind === 'model.call_finished');
      if (isAnswer && unit.stream.includes('developer')) answers += 1;
      return answers === 3;
    });
    await death.goOn();
    expect(death.asked).toEqual(['turn 0', 'turn 1', 'turn 2', 'turn 2', 'turn 3']);
    const events = await death.project.journal.readAll({ after: 0, limit: 10_000 });
    expect(events.filter(({ data }) => data.reason === 'in_doubt')).toHaveLength(1);
    expect(await death.project.journal.reservations('test', { state: 'held' })).toEqual([]);
  });

  test('work that was finished and paid for is put on the branch without its agent', async () => {
    const death = await dieAt((unit) => unit.events.some(({ kind }) => kind === 'step.finished'));
    await death.goOn();
    expect(death.asked).toEqual(['turn 0', 'turn 1', 'turn 2', 'turn 3']);
    expect(await stepFailures(death)).toEqual([]);
    expect(await death.project.context.mirror.show(await headOf(death), 'T1.txt')).toBe('one!\n');
  });

  test('an agent whose files are gone as well starts again, its books closed', async () => {
    const death = await dieAt((unit) => isToolResult(unit, 'edit'));
    for (const id of await death.project.context.workspaces.list()) {
      await death.project.context.workspaces.discard(id);
    }
    await death.goOn();
    expect(await stepFailures(death)).toMatchObject([{ data: { reason: 'interrupted' } }]);
    expect(await headOf(death)).not.toBe('');
    expect(await death.project.journal.reservations('test', { state: 'held' })).toEqual([]);
  });

  test('nothing of a finished item is left on the disk', async () => {
    const death = await dieAt((unit) => isToolResult(unit, 'edit'));
    await death.goOn();
    expect(await death.project.context.workspaces.list()).toEqual([]);
    expect(await death.project.context.driver.listLeftovers()).toEqual([]);
  });
});

describe('a database that goes away', () => {
  test('is waited for, in one clear line; then the same worker goes on and nothing is there twice', async () => {
    const living = createMemoryJournal({ clock: systemClock });
    let isAway = false;
    let hasBeenAway = false;
    const gone = () =>
      Promise.reject(new MeshwrightError('database_unreachable', 'Cannot reach PostgreSQL at db:5432.'));
    const journal = new Proxy(living, {
      get: (target, name: keyof Journal) => (isAway && name !== 'onWake' ? gone : target[name]),
    });
    const asked: string[] = [];
    const team = fourTurns(asked);
    const project = await createTestProject({
      files: smallFiles,
      journal,
      model: async (request) => {
        const move = await team(request);
        if (asked.length === 2 && !hasBeenAway) {
          hasBeenAway = true;
          isAway = true;
          setTimeout(() => {
            isAway = false;
          }, 1_500);
        }
        return move;
      },
    });
    open.push(project);
    const number = await project.add('Away for a while', onePlan);
    const notices: string[] = [];
    await runWorker(project.context, {
      untilIdle: true,
      signal: AbortSignal.timeout(60_000),
      onNotice: (line) => notices.push(line),
    });
    expect((await project.item(number)).status).toBe('ready');
    expect(notices).toEqual([
      'Cannot reach PostgreSQL at db:5432. Waiting for it; nothing is lost.',
      'The database is back; work goes on.',
    ]);
    // The answer that could not be stored was paid for and is asked for again; the one before it is not.
    expect(asked).toEqual(['turn 0', 'turn 1', 'turn 1', 'turn 2', 'turn 3']);
    expect(await living.reservations('test', { state: 'held' })).toEqual([]);
  });
});
