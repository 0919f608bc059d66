/** A project whose one developer spends money, under ceilings that a test sets and a clock that it moves. */
import { systemClock } from '../../src/base/clock.ts';
import { newId } from '../../src/base/ids.ts';
import { microUsd } from '../../src/base/money.ts';
import type { Seat } from '../../src/gateway/model.ts';
import { type StreamId, streamId } from '../../src/journal/event.ts';
import { createMemoryJournal } from '../../src/journal/in-memory.ts';
import type { Ceilings, DegradeStep, HostPolicy } from '../../src/policy/policy.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import type { RaiseRequest } from '../../src/requests/raise-ceiling.ts';
import type { WorkerContext } from '../../src/worker/worker-context.ts';
import { createTestProject, type TestProject } from '../harness/project.ts';
import { type SmallTeam, say, smallFiles, smallTeam, write } from './small-team.ts';

export const noon = Date.UTC(2026, 10, 21, 12);
export const dayMs = 24 * 60 * 60_000;

const open: TestProject[] = [];
/** For `afterEach`. */
export async function removeWorlds(): Promise<void> {
  for (const project of open.splice(0)) await project.remove();
}

export interface Setting {
  degrade?: DegradeStep[];
  ceilings?: Partial<Ceilings>;
  host?: Partial<HostPolicy>;
}

export interface World {
  project: TestProject;
  /** Calls that reached the model: task and turn. */
  calls: string[];
  /** Takes effect with the next worker. */
  set(setting: Setting): void;
  passTime(ms: number): void;
}

const wide = {
  itemMicroUsd: microUsd(50_000_000),
  agentMicroUsd: microUsd(50_000_000),
};

/** Turns of the one developer: eleven files are written, one by one. */
export const turns = Array.from({ length: 12 }, (_, turn) => `T1 ${turn}`);

export const longText = `${'a long line of text '.repeat(120)}\n`;

/** A call reserves about $0.04 and costs about $0.01. */
/** `before` holds a call under way until it resolves. */
export async function start(
  first: Setting,
  team: SmallTeam = {},
  before: (seat: Seat) => Promise<void> = async () => {},
): Promise<World> {
  let now = noon;
  let setting = first;
  const clock = { ...systemClock, now: () => now };
  const calls: string[] = [];
  const brain = smallTeam({
    developer: (request, turn) => {
      calls.push(`${request.seat.task} ${turn}`);
      return turn < turns.length - 1 ? write(`f${turn}.txt`, longText) : say('done');
    },
    ...team,
  });
  const project = await createTestProject({
    files: smallFiles,
    journal: createMemoryJournal({ clock }),
    model: async (request) => {
      await before(request.seat);
      return brain(request);
    },
    change: (context) => ({ ...context, clock }),
  });
  const world: World = {
    project,
    calls,
    set: (next) => {
      setting = next;
    },
    passTime: (ms) => {
      now += ms;
    },
  };
  Object.defineProperty(
    project.context,
    'policy',
    liveProperty(project.context.policy, () => setting),
  );
  Object.defineProperty(project.context, 'hostPolicy', {
    enumerable: true,
    get: () => ({ dayMicroUsd: null, monthMicroUsd: null, raiseBy: [], ...setting.host }),
  });
  Object.defineProperty(project.context, 'agentCeiling', {
    enumerable: true,
    get: () => project.context.policy.ceilings.agentMicroUsd,
  });
  open.push(project);
  return world;
}

const oneModel = {
  opus: 'claude-sonnet-5-5',
  sonnet: 'claude-sonnet-5-5',
  haiku: 'claude-sonnet-5-5',
};

function liveProperty(policy: WorkerContext['policy'], setting: () => Setting): PropertyDescriptor {
  const models = { ...policy.models, aliases: oneModel, maxOutputTokens: 1_000 };
  const get = () => {
    const { ceilings, degrade = [] } = setting();
    return { ...policy, models, degrade, ceilings: { ...policy.ceilings, ...wide, ...ceilings } };
  };
  return { enumerable: true, get };
}

export const onlyT1 = { summary: 'one', tasks: [{ id: 'T1', title: 'one', instructions: 'x', after: [] }] };
/** Too little for all turns, enough for some. */
export const tight = microUsd(100_000);
export const developer = streamId('agent', 'test', 1, 'build', 'T1', 'developer', 1, 1);

export function raiseRequest(
  { project }: World,
  what: RaiseRequest['what'],
  more: Partial<RaiseRequest> = {},
): RaiseRequest {
  const { policy, hostPolicy, host, clock } = project.context;
  return {
    journal: project.journal,
    newId,
    project: 'test',
    store: host,
    given: { policy: policy.ceilings, host: hostPolicy },
    what,
    window: 'day',
    ceilingMicroUsd: 10_000_000,
    by: 'sarah-pm',
    nowMs: clock.now(),
    ...more,
  };
}

export async function resume(
  { project }: World,
  ceilingMicroUsd: number | null,
  by = 'sarah-pm',
): Promise<void> {
  const request = { kind: 'resume', by, ceilingMicroUsd } as const;
  await askOfItem({ journal: project.journal, newId, project: 'test', number: 1, request });
}

export async function kindsOf(project: TestProject, stream: StreamId): Promise<string[]> {
  return (await project.journal.read(stream)).map(({ kind }) => kind);
}
