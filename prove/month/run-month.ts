/** Runs one month: workers, agents, people and channels over one journal, until it is over. What can be seen of it comes out. */
import { messageOf } from '../../src/base/errors.ts';
import { streamId } from '../../src/journal/event.ts';
import { numberOf } from '../../src/journal/numbered-streams.ts';
import { clusterAccount } from '../../src/ledger/account-names.ts';
import { askSettled, ownKinds } from '../../src/questions/question.ts';
import { worldEpochMs } from '../../src/simulate/simulated-process.ts';
import { Askers } from './askers.ts';
import { RecordingChannel } from './channel.ts';
import { Desks } from './desks.ts';
import type { Month } from './draw-month.ts';
import type { MonthFacts, StoredUnit } from './month-facts.ts';
import { dayMs } from './office.ts';
import { People, type Reply } from './people.ts';
import type { Span } from './spans.ts';
import { project, World } from './world.ts';

export interface MonthRun extends MonthFacts {
  /** Of desks; of agents' processes in the middle of asking. */
  deaths: { desks: number; askers: number };
  stepCount: number;
}

/** @throws the signal's reason. */
export async function runMonth(
  month: Month,
  options: { signal?: AbortSignal; onDay?: (day: number, unitCount: number) => void } = {},
): Promise<MonthRun> {
  const log = openLog();
  const world = new World(month.seed, {
    onUnit: (unit) => {
      log.units.push(unit);
      for (const { kind, stream, data } of unit.posts)
        if (kind === askSettled) askers.onSettled(numberOf(stream), String(data.call));
    },
  });
  const onFailure = (error: unknown): void => void log.failures.push(messageOf(error));
  const channels = month.channels.map(({ name, outages }) => new RecordingChannel(name, world, outages));
  const people = new People(world, { onReply: (reply) => log.replies.push(reply), onFailure });
  for (const channel of channels) channel.onTaken = (delivery) => people.onMessage(delivery);
  const askers = new Askers(world, {
    onAsked: ({ call }, question) => log.asked.set(call, question),
    onToldByMemory: ({ call }) => log.byMemory.set(call, world.nowMs()),
    onFailure,
  });
  const desks = new Desks(world, month.deathChance, {
    channelsOf: (entrance) => channels.map((channel) => channel.through(entrance)),
    // One that dies before it has looked at everything was never there.
    onDown: (nowMs) => {
      if (log.downs.at(-1)?.toMs !== Number.POSITIVE_INFINITY)
        log.downs.push({ fromMs: nowMs, toMs: Number.POSITIVE_INFINITY });
    },
    onUp: (nowMs) => {
      const last = log.downs.at(-1);
      if (last) last.toMs = Math.min(last.toMs, nowMs);
    },
    onFailure,
  });
  desks.start();
  askers.begin(month.asks);
  postBudgetAlerts(world, month);
  let day = 0;
  await world.scheduler.run({
    untilUs: (month.endMs - worldEpochMs) * 1000,
    isOver: () => {
      options.signal?.throwIfAborted();
      const today = Math.floor((world.nowMs() - worldEpochMs) / dayMs);
      if (today > day) options.onDay?.(today, log.units.length);
      day = today;
      return false;
    },
  });
  desks.end();
  const taken = channels.flatMap(({ name, taken }) => taken.map((each) => ({ ...each, channel: name })));
  const deaths = { desks: desks.deaths, askers: askers.deaths };
  return { month, ...log, told: askers.told, taken, deaths, stepCount: world.scheduler.stepCount() };
}

function openLog() {
  return {
    units: [] as StoredUnit[],
    replies: [] as Reply[],
    asked: new Map<string, string>(),
    byMemory: new Map<string, number>(),
    downs: [] as Span[],
    failures: [] as string[],
  };
}

function postBudgetAlerts(world: World, month: Month): void {
  for (const [index, atMs] of month.budgetAlertsAtMs.entries()) {
    world.at(atMs, () => {
      void world.journal.post(project, {
        stream: streamId('mesh', project),
        id: `${ownKinds.budget}/${index}`,
        kind: ownKinds.budget,
        actor: streamId('mesh', project),
        data: {
          account: clusterAccount(project, 'main', 'day', atMs),
          ceilingMicroUsd: 50_000_000,
          spentMicroUsd: 40_000_000,
          reservedMicroUsd: 100_000,
          permille: 800,
        },
      });
    });
  }
}
