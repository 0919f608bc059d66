/**
 * A project whose worker runs beside the test on a real database, with a stakeholder map and a clock that the test moves: what
 * is asked is opened as an agent's gateway does, what people say goes through the product's own requests.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { newId } from '../../src/base/ids.ts';
import { type StoredEvent, type StreamId, streamId } from '../../src/journal/event.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { findBinding, type Memory } from '../../src/memory/memory-state.ts';
import { openMemory, readMemory } from '../../src/memory/memory-store.ts';
import type { Stakeholders } from '../../src/policy/stakeholders.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import type { Channel, Delivery } from '../../src/questions/channel.ts';
import { findRoute, gapKey } from '../../src/questions/find-route.ts';
import { openQuestion, type QuestionDraft } from '../../src/questions/open-question.ts';
import { readQuestion } from '../../src/questions/question-record.ts';
import { isRecorded, type QuestionState } from '../../src/questions/question-state.ts';
import { replyToQuestion, type WordOutcome } from '../../src/requests/answer-question.ts';
import { runWorker } from '../../src/worker/worker.ts';
import type { WorkerContext } from '../../src/worker/worker-context.ts';
import { smallFiles } from '../engine/small-team.ts';
import { createTestProject, type TestProject, type TestProjectOptions } from '../harness/project.ts';
import { openTestDatabase } from '../postgres.ts';
import { anAsker, exportText } from './asked.ts';

export const project = 'test';
export const minuteMs = 60_000;

export interface DeskWorld extends TestProject {
  databaseUrl: string;
  /** Lines for whoever runs the workers. */
  notices: string[];
  /** What channels were given, in order. */
  deliveries: Delivery[];
  /** Later by every worker's clock, without anybody having waited. */
  advance(ms: number): void;
  /** As if somebody had edited the file. */
  setMap(map: Stakeholders): void;
  ask(
    kind: string,
    more?: Partial<Omit<QuestionDraft, 'key'>> & { topic?: string; scope?: string },
  ): Promise<QuestionState>;
  /** As a person does on the command line. */
  say(by: string, question: string, text: string): Promise<WordOutcome>;
  question(number: number): Promise<QuestionState>;
  /** Resolves when what came of it is in memory. */
  recorded(number: number): Promise<QuestionState>;
  memory(): Promise<Memory>;
  events(stream: StreamId, kind?: string): Promise<StoredEvent[]>;
  questionEvents(number: number): Promise<string[]>;
  until<T>(what: string, holds: () => Promise<T | null | false | undefined>): Promise<T>;
  /** Begins a worker, in this process. The test fails when it does, unless it `mayDie`. */
  work(options?: { change?: (context: WorkerContext) => WorkerContext; mayDie?: boolean }): {
    /** Rejects when it failed. */
    ended: Promise<void>;
    /** Gives back what it holds. */
    stop(): Promise<void>;
  };
}

export interface DeskWorldOptions extends Partial<TestProjectOptions> {
  map: Stakeholders;
  /** Null: people look by themselves. */
  channel?: Channel | null;
}

export async function openDeskWorld({ map, ...options }: DeskWorldOptions): Promise<DeskWorld> {
  const database = await openTestDatabase();
  onTestFinished(database.close);
  const journal = await openPostgresJournal({ url: database.url });
  const deliveries: Delivery[] = [];
  const notices: string[] = [];
  const channels = options.channel === null ? [] : [options.channel ?? takingChannel(deliveries)];
  const time = { aheadMs: 0 };
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + time.aheadMs };
  const live = { map };
  const made = await createTestProject({
    files: smallFiles,
    model: () => ({ text: 'nobody asks this one' }),
    journal,
    ...options,
    change: (context) => {
      const changed = { ...context, clock, channels, stakeholders: async () => live.map };
      return options.change?.(changed) ?? changed;
    },
  });
  onTestFinished(made.remove);
  const now = () => ({ journal, stakeholders: live.map, nowMs: clock.now() });
  return {
    ...made,
    databaseUrl: database.url,
    notices,
    deliveries,
    advance(ms) {
      time.aheadMs += ms;
    },
    setMap(changed) {
      live.map = changed;
    },
    ask: (kind, more = {}) => askIn(now(), kind, more),
    say: (by, name, text) => replyToQuestion({ ...now(), newId, project, name, by, via: 'cli', text }),
    ...readingsOf(journal),
    work: createCrew(made.context, notices),
  };
}

function readingsOf(
  journal: Journal,
): Pick<DeskWorld, 'question' | 'recorded' | 'memory' | 'events' | 'questionEvents' | 'until'> {
  const question = async (number: number) => {
    const state = await readQuestion(journal, project, number);
    if (!state) throw new Error(`there is no question ${number}`);
    return state;
  };
  return {
    question,
    recorded: (number) =>
      waitFor(`Q-${number} is recorded`, async () => {
        const state = await question(number);
        return isRecorded(state) && state;
      }),
    memory: () => readMemory(journal, project),
    events: async (stream, kind) =>
      (await journal.read(stream)).filter((event) => kind === undefined || event.kind === kind),
    questionEvents: async (number) =>
      (await journal.read(streamId('question', project, number))).map((event) =>
        event.kind.replace('question.', ''),
      ),
    until: waitFor,
  };
}

/** Workers that end with the test at the latest. */
function createCrew(context: WorkerContext, notices: string[]): DeskWorld['work'] {
  const workers: { stop(): Promise<void> }[] = [];
  onTestFinished(async () => {
    await Promise.all(workers.map(({ stop }) => stop()));
  });
  return ({ change = (same: WorkerContext) => same, mayDie = false } = {}) => {
    const ended = new AbortController();
    const own = { ...context, owner: `test-${newId()}`, memory: openMemory(context.journal, project) };
    const running = runWorker(change(own), {
      untilIdle: false,
      signal: ended.signal,
      onNotice: (line) => notices.push(line),
    });
    running.catch(() => {});
    const worker = {
      ended: running,
      async stop() {
        ended.abort();
        await running;
      },
    };
    if (!mayDie) workers.push(worker);
    return worker;
  };
}

/** As an agent's gateway opens it. */
export async function askIn(
  { journal, stakeholders, nowMs }: { journal: Journal; stakeholders: Stakeholders; nowMs: number },
  kind: string,
  { topic = 'export.timezone', scope = 'mesh', ...more }: Parameters<DeskWorld['ask']>[1] = {},
): Promise<QuestionState> {
  const memory = await readMemory(journal, project);
  const ruling = findBinding(memory, gapKey(kind), nowMs)?.statement ?? null;
  return openQuestion({
    journal,
    newId,
    project,
    actor: 'agent:test/3/build/T1/developer/1',
    nowMs,
    stakeholders,
    draft: {
      key: { kind, topic, scope },
      text: exportText,
      route: findRoute(kind, stakeholders, ruling),
      asker: {
        ...anAsker(3, newId()),
        agent: streamId('agent', project, 3, 'build/T1/developer', 1, newId()),
      },
      cluster: 'main',
      once: null,
      ...more,
    },
  });
}

async function waitFor<T>(what: string, holds: () => Promise<T | null | false | undefined>): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = await holds();
    if (found !== null && found !== false && found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await delay(20);
  }
}

/** Takes everything, at once. */
function takingChannel(deliveries: Delivery[]): Channel {
  return {
    name: 'slack',
    reaches: () => true,
    async deliver(delivery) {
      deliveries.push(delivery);
      return { ok: true, ref: `C1/${deliveries.length}` };
    },
  };
}
