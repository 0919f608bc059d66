/** The faults of a plan that come at a time of their own, and not with a call: freezes, clocks, what a person does to the target. */
import { sortedTree } from './merge-trees.ts';
import type { Fault } from './plan.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import { simulatedTarget } from './simulated-team.ts';
import type { World } from './world.ts';

/** `processOf`: the process that runs as the n-th worker right now. */
export function scheduleFaults(world: World, processOf: (worker: number) => SimulatedProcess | null): void {
  for (const fault of world.plan.faults) {
    for (const { atMs, happen } of momentsOf(fault, world, processOf)) {
      world.scheduler.after(atMs * 1000, () => {
        world.faults.note(fault);
        happen();
      });
    }
  }
}

function momentsOf(
  fault: Fault,
  world: World,
  processOf: (worker: number) => SimulatedProcess | null,
): { atMs: number; happen: () => void }[] {
  const { git, offsetsUs, scheduler } = world;
  switch (fault.kind) {
    case 'freeze': {
      const freeze = (): void => {
        const process = processOf(fault.worker);
        process?.freeze();
        scheduler.after(fault.forMs * 1000, () => process?.thaw());
      };
      return [{ atMs: fault.atMs, happen: freeze }];
    }
    case 'clockJump': {
      const jump = (): void => {
        offsetsUs[fault.whose] += fault.byMs * 1000;
      };
      return [{ atMs: fault.atMs, happen: jump }];
    }
    case 'dirtyTarget': {
      const become = (isDirty: boolean) => (): void => {
        git.isUserDirty = isDirty;
      };
      return [
        { atMs: fault.atMs, happen: become(true) },
        { atMs: fault.atMs + fault.forMs, happen: become(false) },
      ];
    }
    case 'movedTarget':
      return [{ atMs: fault.atMs, happen: () => moveTarget(world, fault.file) }];
    default:
      return [];
  }
}

/** A person commits to the target. */
export function moveTarget({ git, nowMs }: Pick<World, 'git' | 'nowMs'>, file: string): void {
  const head = git.userBranches.get(simulatedTarget) ?? '';
  const files = new Map(git.filesOf(head));
  const content = (files.get(file) ?? 'mine\n').replace(/^(.*)$/m, `$1 at ${Math.floor(nowMs())}`);
  const tree = git.putTree(sortedTree(files.set(file, content)));
  const commit = { tree, parents: [head], message: 'By hand', trailers: {}, at: Math.floor(nowMs()) };
  git.moveUserBranch(simulatedTarget, git.addCommit(commit));
}
