/**
 * Questions whose times run out while workers come and go: real worker processes, killed with SIGKILL and begun again, and
 * when each reminder and each default was written, by the database's clock.
 */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '../../src/base/ids.ts';
import { type StoredEvent, streamId } from '../../src/journal/event.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { readMemory } from '../../src/memory/memory-store.ts';
import { parseStakeholders } from '../../src/policy/load-stakeholders.ts';
import type { Stakeholders } from '../../src/policy/stakeholders.ts';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { foldQuestion } from '../../src/questions/fold-question.ts';
import { openQuestion } from '../../src/questions/open-question.ts';
import { questionStream } from '../../src/questions/question-event.ts';
import type { QuestionState } from '../../src/questions/question-state.ts';
import { layOutOrders, ordersProject } from '../kill/orders-project.ts';
import { startWorker, type WorkerLife, type WorkerPlace } from '../kill/worker-life.ts';
import type { ProveServer } from '../prove-server.ts';

export interface TimerPlan {
  /** Questions; at most 200. */
  count: number;
  /** SLA of the first one, and how much later the last one's ends. */
  firstMs: number;
  spreadMs: number;
  /** Each worker but the last is killed so long after it was ready. */
  killAfterMs: readonly number[];
}

export interface FiredTimer {
  what: 'reminder' | 'default';
  /** Since it was due. */
  lateMs: number;
  /** Of these, with a worker that was ready. */
  lateAliveMs: number;
}

export interface TimerRun {
  timers: FiredTimer[];
  killCount: number;
  /** How long nobody was ready, each time. */
  gapsMs: number[];
  problems: string[];
}

/** Somebody was there to fire timers. */
interface Watch {
  fromMs: number;
  toMs: number;
}

export async function runTimers(request: {
  server: ProveServer;
  plan: TimerPlan;
  signal: AbortSignal;
}): Promise<TimerRun> {
  const { server, plan, signal } = request;
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'mesh-prove-timers-')));
  const database = await server.createDatabase();
  const journal = await openPostgresJournal({ url: database.url, maxConnections: 3 });
  const repository = path.join(root, 'repository');
  const home = path.join(root, 'home');
  const place: WorkerPlace = {
    root,
    repository,
    home,
    databaseUrl: database.url,
    model: { baseUrl: 'http://127.0.0.1:9' },
  };
  const lives: WorkerLife[] = [];
  try {
    await layOutOrders(repository);
    writeFileSync(path.join(repository, '.mesh/stakeholders.yaml'), map);
    const { value: stakeholders } = parseStakeholders(map);
    if (!stakeholders) throw new Error('the stakeholder map is broken');
    const first = await begin(place, lives);
    await askAll(journal, stakeholders, plan);
    const watches = await keepKilling(place, { lives, first, plan, signal });
    return await report(journal, { plan, watches, last: lives.at(-1), signal });
  } finally {
    for (const life of lives) life.send('SIGKILL');
    await Promise.all(lives.map(({ ended }) => ended));
    await journal.close();
    await database.drop();
    rmSync(root, { recursive: true, force: true });
  }
}

/** Two people who take half of the questions each: nobody waits for another one's answer. */
const map = `people: { "@sarah-pm": { attention_limit: 100 }, "@alex-engineering-lead": { attention_limit: 100 } }
escalation_routes:
  requirement_ambiguity: { primary: "@sarah-pm", sla_minutes: 60, on_timeout: default_and_flag, clock: always }
  architectural_decision: { primary: "@alex-engineering-lead", sla_minutes: 60, on_timeout: default_and_flag, clock: always }
`;

async function askAll(journal: Journal, stakeholders: Stakeholders, plan: TimerPlan): Promise<void> {
  const routes = Object.values(stakeholders.routes);
  for (let index = 0; index < plan.count; index += 1) {
    const route = routes[index % routes.length];
    if (!route) throw new Error('the stakeholder map has no route');
    const slaMs = Math.round(plan.firstMs + (index * plan.spreadMs) / plan.count);
    await openQuestion({
      journal,
      newId,
      project: ordersProject,
      actor: 'prove',
      nowMs: Date.now(),
      stakeholders,
      draft: {
        key: { kind: route.kind, topic: `timer.t${index}`, scope: 'mesh' },
        text: {
          title: `timer ${index}`,
          building: 'Nothing.',
          question: 'Which one?',
          options: [
            { label: `One of ${index}`, tradeOff: 'None.' },
            { label: 'Another', tradeOff: 'None.' },
          ],
          whyYou: 'It has to be somebody.',
          unblocks: 'Either.',
          defaultOption: 1,
          compliance: null,
        },
        route: { ...route, slaMs },
        asker: {
          item: 1,
          title: 'Timers',
          cluster: 'main',
          step: 'build/T1',
          role: 'developer',
          agent: streamId('agent', ordersProject, 1, 'build/T1/developer', 1, index),
          call: 'call-1',
        },
        cluster: 'main',
        once: null,
      },
    });
  }
}

async function begin(place: WorkerPlace, lives: WorkerLife[]): Promise<{ life: WorkerLife; atMs: number }> {
  const life = startWorker(place, {});
  lives.push(life);
  const ready = await life.waitFor('ready');
  if (!ready) throw new Error(`a worker did not start: ${life.complaint}`);
  return { life, atMs: ready.at };
}

/** The last one lives on. */
async function keepKilling(
  place: WorkerPlace,
  {
    lives,
    first,
    plan,
    signal,
  }: { lives: WorkerLife[]; first: { life: WorkerLife; atMs: number }; plan: TimerPlan; signal: AbortSignal },
): Promise<Watch[]> {
  const watches: Watch[] = [];
  let now = first;
  for (const afterMs of plan.killAfterMs) {
    await delay(afterMs, undefined, { signal });
    now.life.send('SIGKILL');
    await now.life.ended;
    watches.push({ fromMs: now.atMs, toMs: Date.now() });
    now = await begin(place, lives);
  }
  return [...watches, { fromMs: now.atMs, toMs: Number.POSITIVE_INFINITY }];
}

async function report(
  journal: Journal,
  {
    plan,
    watches,
    last,
    signal,
  }: { plan: TimerPlan; watches: Watch[]; last: WorkerLife | undefined; signal: AbortSignal },
): Promise<TimerRun> {
  const timers: FiredTimer[] = [];
  const problems: string[] = [];
  for (let number = 1; number <= plan.count; number += 1) {
    const { state, events } = await recorded(journal, number, { last, signal });
    const defaults = events.filter(({ kind }) => kind === 'question.defaulted').length;
    const asks = state.asks.map(({ why }) => why).join(', ');
    // Whose half time and end fell into one gap is not reminded a moment before it is taken by default.
    if (defaults !== 1 || !['', 'asked', 'asked, reminder'].includes(asks))
      problems.push(`Q-${number} was defaulted ${defaults} times, and told people: ${asks}`);
    timers.push(...firedOf(state, { dueAt: String(events[0]?.data.dueAt), watches }));
  }
  const { records } = await readMemory(journal, ordersProject);
  if (records.size !== plan.count) problems.push(`${records.size} decisions are in memory`);
  const gapsMs = watches.slice(1).map(({ fromMs }, index) => fromMs - (watches[index]?.toMs ?? fromMs));
  return { timers, killCount: plan.killAfterMs.length, gapsMs, problems };
}

async function recorded(
  journal: Journal,
  number: number,
  { last, signal }: { last: WorkerLife | undefined; signal: AbortSignal },
): Promise<{ state: QuestionState; events: StoredEvent[] }> {
  for (;;) {
    signal.throwIfAborted();
    if (last?.isEnded) throw new Error(`the last worker ended: ${last.complaint}`);
    const events = await journal.read(questionStream(ordersProject, number));
    const state = foldQuestion(events);
    if (state?.recorded) return { state, events };
    await delay(50);
  }
}

function firedOf(
  state: QuestionState,
  { dueAt, watches }: { dueAt: string; watches: readonly Watch[] },
): FiredTimer[] {
  const startMs = Date.parse(state.routedAt ?? '');
  const slaMs = state.route?.slaMs ?? 0;
  const reminder = state.asks.find(({ why }) => why === 'reminder');
  const fired = (what: FiredTimer['what'], at: string | null | undefined, due: number): FiredTimer => {
    const firedMs = Date.parse(at ?? '');
    const alive = watches.map(({ fromMs, toMs }) => Math.min(firedMs, toMs) - Math.max(due, fromMs));
    const lateAliveMs = alive.reduce((sum, ms) => sum + Math.max(0, ms), 0);
    return { what, lateMs: firedMs - due, lateAliveMs };
  };
  return [
    ...(reminder ? [fired('reminder', reminder.at, startMs + slaMs / 2)] : []),
    fired('default', state.settledAt, Date.parse(dueAt)),
  ];
}
