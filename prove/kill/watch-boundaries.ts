/**
 * Stands around the ports of a worker and says when each intent, effect and result begins and when it is done. What
 * happens then (noting it, ending the process) is the caller's; it knows nothing of which work matters.
 */
import type { Cell } from '../../src/cells/cell.ts';
import type { StoredEvent } from '../../src/journal/event.ts';
import type { Unit } from '../../src/journal/unit.ts';
import type { WorkerContext } from '../../src/worker/worker-context.ts';
import type { Workspace } from '../../src/workspaces/workspace.ts';
import { labelCommit, labelRequest, labelSeat, labelUnit } from './boundary-labels.ts';

export interface BoundaryListener {
  /** Called right before an effect and right after it, with the boundary's name. */
  at(label: string): void;
  /** Events of this process that are durable. */
  onAppended(unit: Unit, events: readonly StoredEvent[]): void;
}

type Around = <T>(label: string, work: () => Promise<T>) => Promise<T>;

export function watchBoundaries(context: WorkerContext, listener: BoundaryListener): WorkerContext {
  const counts = new Map<string, number>();
  const at = (label: string) => {
    const count = (counts.get(label) ?? 0) + 1;
    counts.set(label, count);
    listener.at(count === 1 ? label : `${label} #${count}`);
  };
  const around: Around = async (label, work) => {
    at(`before ${label}`);
    const result = await work();
    at(`after ${label}`);
    return result;
  };
  const provider: WorkerContext['provider'] = {
    ...context.provider,
    generate: (request, signal) =>
      around(`model ${labelRequest(request)}`, () => context.provider.generate(request, signal)),
  };
  return {
    ...context,
    provider,
    journal: watchJournal(context, around, { at, onAppended: listener.onAppended }),
    mirror: watchMirror(context, around),
    workspaces: watchWorkspaces(context, around),
    driver: watchDriver(context, around),
  };
}

function watchJournal(
  { journal }: WorkerContext,
  around: Around,
  hooks: { at(label: string): void; onAppended: BoundaryListener['onAppended'] },
): WorkerContext['journal'] {
  const messageCounts = new Map<string, number>();
  const claimed = <T extends { unit: string } | undefined>(claim: T): T => {
    if (claim) hooks.at(`after claim ${claim.unit}`);
    return claim;
  };
  return {
    ...journal,
    append: (unit) =>
      around(`append ${labelUnit(unit, messageCounts)}`, async () => {
        const outcome = await journal.append(unit);
        if (outcome.outcome === 'appended') hooks.onAppended(unit, outcome.events);
        return outcome;
      }),
    claim: async (request) => claimed(await journal.claim(request)),
    claimUnit: async (unit, request) => claimed(await journal.claimUnit(unit, request)),
  };
}

function watchMirror({ mirror }: WorkerContext, around: Around): WorkerContext['mirror'] {
  /** What the commits that this process made are for. */
  const made = new Map<string, string>();
  const to = (commit: string) => made.get(commit) ?? 'an earlier commit';
  return {
    ...mirror,
    importBranch: (repository, branch) =>
      around(`importBranch ${branch}`, () => mirror.importBranch(repository, branch)),
    commitTree: (request) => {
      const label = labelCommit(request.trailers, request.message);
      return around(`commitTree ${label}`, async () => {
        const commit = await mirror.commitTree(request);
        made.set(commit, label);
        return commit;
      });
    },
    moveRef: (ref, from, commit) =>
      around(`moveRef ${ref} to ${to(commit)}`, () => mirror.moveRef(ref, from, commit)),
    advanceBranch: (request) =>
      around(`advanceBranch ${request.branch} to ${to(request.to)}`, () => mirror.advanceBranch(request)),
  };
}

function watchWorkspaces({ workspaces }: WorkerContext, around: Around): WorkerContext['workspaces'] {
  const watch = (id: string, workspace: Workspace): Workspace => ({
    ...workspace,
    captureTree: () => around(`captureTree ${labelSeat(id)}`, () => workspace.captureTree()),
    discard: () => around(`workspace.discard ${labelSeat(id)}`, () => workspace.discard()),
  });
  return {
    ...workspaces,
    prepare: (request) =>
      around(`workspaces.prepare ${labelSeat(request.id)}`, async () => {
        const prepared = await workspaces.prepare(request);
        return prepared.ok ? { ok: true, workspace: watch(request.id, prepared.workspace) } : prepared;
      }),
    reopen: (request) =>
      around(`workspaces.reopen ${labelSeat(request.id)}`, async () => {
        const workspace = await workspaces.reopen(request);
        return workspace && watch(request.id, workspace);
      }),
  };
}

function watchDriver({ driver }: WorkerContext, around: Around): WorkerContext['driver'] {
  return {
    ...driver,
    open: (spec) =>
      around(`cell.open ${labelSeat(spec.id)}`, async () => watchCell(await driver.open(spec), around)),
  };
}

function watchCell(cell: Cell, around: Around): Cell {
  const seat = labelSeat(cell.id);
  // Not spread: a cell may be an object with methods on its prototype.
  return {
    id: cell.id,
    pid: cell.pid,
    gatewayPort: cell.gatewayPort,
    spawn: (request) => around(`cell.spawn ${seat} ${request.argv.join(' ')}`, () => cell.spawn(request)),
    exec: (request, signal) =>
      around(`cell.exec ${seat} ${request.argv.join(' ')}`, () => cell.exec(request, signal)),
    writeFile: (path, content) =>
      around(`cell.writeFile ${seat} ${path}`, () => cell.writeFile(path, content)),
    readFile: (path) => cell.readFile(path),
    glob: (pattern, limit) => cell.glob(pattern, limit),
    grep: (pattern, options) => cell.grep(pattern, options),
    close: () => around(`cell.close ${seat}`, () => cell.close()),
  };
}
