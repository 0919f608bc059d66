/** Items on real PostgreSQL with more than one worker: one drives, and when it ends another goes on where it was. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { ModelProvider, ModelRequest } from '../../src/gateway/model.ts';
import { createScriptedProviderFromBrain } from '../../src/gateway/scripted/scripted-provider.ts';
import { readGit } from '../../src/git/run-git.ts';
import type { ItemEvent } from '../../src/items/item-event.ts';
import { itemStream } from '../../src/items/item-stream.ts';
import type { Journal } from '../../src/journal/journal.ts';
import type { Unit } from '../../src/journal/unit.ts';
import { itemAccount } from '../../src/ledger/account-names.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { viewItem } from '../../src/views/item-view.ts';
import { runWorker } from '../../src/worker/worker.ts';
import type { WorkerContext } from '../../src/worker/worker-context.ts';
import { smallFiles, smallTeam } from '../engine/small-team.ts';
import { createTestProject, inNextProcess, type TestProject } from '../harness/project.ts';
import { openTestDatabase, type TestDatabase } from '../postgres.ts';
import { createMortalJournal, expireLeases } from './mortal-journal.ts';

let database: TestDatabase;
const undo: (() => Promise<void>)[] = [];
beforeEach(async () => {
  database = await openTestDatabase();
});
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
  await database.close();
});

interface Watched extends ModelProvider {
  /** Steps that asked, in order. */
  asked: string[];
}

/** The small team; `onCall` is told before each answer. */
function watched(onCall: (request: ModelRequest, turn: number) => Promise<void> | void = () => {}): Watched {
  const brain = smallTeam();
  const asked: string[] = [];
  const provider = createScriptedProviderFromBrain(async (request) => {
    asked.push(request.seat.step);
    await onCall(request, request.messages.filter(({ role }) => role === 'assistant').length);
    return brain(request);
  });
  return { ...provider, asked };
}

async function startProject(model: ModelProvider, journal?: Journal): Promise<TestProject> {
  const project = await createTestProject({
    files: smallFiles,
    model,
    journal: journal ?? (await openPostgresJournal({ url: database.url })),
  });
  undo.push(() => project.remove());
  return project;
}

/** Another worker on the same project and machine, as a second process would be. */
async function secondWorker(project: TestProject, provider: ModelProvider): Promise<WorkerContext> {
  const journal = await openPostgresJournal({ url: database.url });
  undo.push(() => journal.close());
  return { ...inNextProcess(project.context, { journal, owner: 'second' }), provider };
}

function drive(context: WorkerContext): Promise<void> {
  return runWorker(context, { untilIdle: true, signal: AbortSignal.timeout(50_000) });
}

async function accept(context: WorkerContext, number: number): Promise<void> {
  const { journal, newId } = context;
  const { readyCommit } = (await viewItem(journal, 'test', number)).state;
  const request = { kind: 'accept', by: 'test', commit: readyCommit ?? '' } as const;
  await askOfItem({ journal, newId, project: 'test', number, request });
  await drive(context);
}

async function eventsOf(journal: Journal, number: number): Promise<ItemEvent[]> {
  return (await journal.read(itemStream('test', number))) as unknown as ItemEvent[];
}

/** Agents whose change is on the item's branch, one entry per commit. */
async function committedBy({ journal, mirror }: WorkerContext, number: number): Promise<string[]> {
  const { branch } = (await viewItem(journal, 'test', number)).state;
  const log = await readGit({
    cwd: mirror.dir,
    args: ['log', '--format=%(trailers:key=Meshwright-Step,valueonly)', `refs/heads/${branch}`],
  });
  return log.split('\n').filter(Boolean).sort();
}

/** What must be true of the small team's item whoever drove it. */
async function expectLandedOnce(project: TestProject, number: number, by = project.context): Promise<void> {
  const { journal } = by;
  const events = await eventsOf(journal, number);
  expect(events.filter(({ kind }) => kind === 'item.landed')).toHaveLength(1);
  const commits = await committedBy(by, number);
  expect(commits.map((agent) => agent.split('/').slice(3, 4).join())).toEqual(['T1', 'T2', 'T3']);
  const finished = events.flatMap((event) => (event.kind === 'step.finished' ? [event.data.step] : []));
  expect(finished).toHaveLength(new Set(finished).size);
  for (const task of ['T1', 'T2', 'T3']) {
    expect(await project.git('show', `main:${task}.txt`)).toBe(`written by build/${task}/developer`);
  }
  const landings = await project.git('log', '--format=%(trailers:key=Meshwright-Landing,valueonly)', 'main');
  expect(landings.split('\n').filter(Boolean)).toHaveLength(1);
  expect((await journal.account(itemAccount('test', number)))?.reservedMicroUsd).toBe(0);
  expect(await journal.reservations('test', { state: 'held' })).toEqual([]);
}

describe('an item on PostgreSQL', () => {
  it('lands, driven by one worker alone, when another one starts in the middle', async () => {
    let hasStarted = false;
    const others: Promise<void>[] = [];
    const idle = watched();
    const first = watched(async ({ seat }, turn) => {
      if (seat.role !== 'developer' || turn > 0 || hasStarted) return;
      hasStarted = true;
      const second = await secondWorker(project, idle);
      others.push(drive(second));
      // Long enough for it to look around while the claim is held.
      await systemClock.sleep(600);
    });
    const project = await startProject(first);
    const number = await project.add('Make three files');
    await project.run();
    await Promise.all(others);
    expect(others).toHaveLength(1);
    expect(idle.asked).toEqual([]);
    const starts = (await eventsOf(project.journal, number)).filter(({ kind }) => kind === 'step.started');
    expect(starts).toHaveLength(6);
    await project.accept(number);
    await expectLandedOnce(project, number);
  });

  it.each(['developer', 'reviewer'])(
    'whose worker is stopped while its %s works goes on in another worker',
    async (role) => {
      const stop = new AbortController();
      const first = watched(({ seat }, turn) => {
        // Its first answer: whether that is kept or not, the agent has more to do.
        if (seat.role === role && turn === 0) stop.abort();
      });
      const project = await startProject(first);
      const number = await project.add('Make three files');
      await project.run(stop.signal);
      expect((await project.item(number)).status).toBe('running');

      const after = watched();
      const second = await secondWorker(project, after);
      await drive(second);
      expect(after.asked.length).toBeGreaterThan(0);
      await accept(second, number);
      await expectLandedOnce(project, number, second);
    },
  );

  it('whose worker dies without a word goes on in another one when its lease has run out, charged for the call in doubt', async () => {
    const mortal = createMortalJournal(await openPostgresJournal({ url: database.url }));
    const died = new AbortController();
    let bothAtWork = 0;
    const first = watched(async ({ seat }, turn) => {
      if (seat.role !== 'developer' || turn !== 1) return;
      bothAtWork += 1;
      if (bothAtWork < 2) await systemClock.sleep(30_000, died.signal).catch(() => {});
      mortal.die();
      died.abort();
    });
    const project = await startProject(first, mortal.journal);
    const number = await project.add('Make three files');
    await expect(project.run()).rejects.toThrow('dead');

    await expireLeases(database.url);
    const after = watched();
    const second = await secondWorker(project, after);
    await drive(second);
    expect(after.asked).not.toContain('plan/planner');
    const events = await second.journal.readAll({ after: 0, limit: 10_000, project: 'test' });
    const inDoubt = events.flatMap(({ data }) => (data.reason === 'in_doubt' ? [data.call] : []));
    expect(inDoubt).toHaveLength(2);
    const reservations = await second.journal.reservations('test');
    for (const { settledMicroUsd, amountMicroUsd } of reservations.filter((each) =>
      inDoubt.includes(each.reservation),
    )) {
      expect(settledMicroUsd).toBe(amountMicroUsd);
    }
    await accept(second, number);
    await expectLandedOnce(project, number, second);
  });

  it.each([
    ['before its change is on the branch', 'agent.finished', 'developer'],
    ['when its change is on the branch and not yet recorded', 'step.finished', 'developer'],
    ['when a gate was judged and not yet recorded', 'gate.judged', ''],
    ['when the target has moved and nothing is recorded', 'landing.finished', ''],
    ['when the item has landed and does not know it', 'item.landed', ''],
  ])('whose worker dies %s: nothing is lost and nothing is there twice', async (_, kind, role) => {
    const diesAt = (unit: Unit) =>
      unit.events.some((event) => event.kind === kind) && JSON.stringify(unit).includes(role);
    const mortal = createMortalJournal(await openPostgresJournal({ url: database.url }), diesAt);
    const project = await startProject(watched(), mortal.journal);
    const number = await project.add('Make three files');
    await expect(project.run().then(() => project.accept(number))).rejects.toThrow('dead');

    await expireLeases(database.url);
    const second = await secondWorker(project, watched());
    await drive(second);
    if ((await viewItem(second.journal, 'test', number)).state.status === 'ready')
      await accept(second, number);
    await expectLandedOnce(project, number, second);
  });
});
