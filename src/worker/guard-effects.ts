/**
 * The ports as one claim's driver gets them: whatever can be seen outside asks first whether the claim still holds. A
 * process that was stopped and goes on later learns it here, before it acts.
 */
import type { Cell } from '../cells/cell.ts';
import type { ModelProvider } from '../gateway/model.ts';
import type { Channel } from '../questions/channel.ts';
import type { WorkerContext } from './worker-context.ts';

/** @param assertHeld throws FencedError. */
export function guardEffects(context: WorkerContext, assertHeld: () => void): WorkerContext {
  const { mirror, provider, otherProviders, driver, workspaces } = context;
  const guarded =
    <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      assertHeld();
      return act(...args);
    };
  const guardCell = (cell: Cell): Cell => ({
    ...cell,
    exec: guarded((...args) => cell.exec(...args)),
    writeFile: guarded((...args) => cell.writeFile(...args)),
  });
  const guardProvider = (each: ModelProvider): ModelProvider => ({
    ...each,
    generate: guarded((...args) => each.generate(...args)),
  });
  const guardChannel = (each: Channel): Channel => ({
    ...each,
    deliver: guarded((...args) => each.deliver(...args)),
  });
  return {
    ...context,
    channels: context.channels.map(guardChannel),
    mirror: {
      ...mirror,
      moveRef: guarded((...args) => mirror.moveRef(...args)),
      advanceBranch: guarded((...args) => mirror.advanceBranch(...args)),
    },
    provider: guardProvider(provider),
    otherProviders: Object.fromEntries(
      Object.values(otherProviders).map((other) => [other.name, guardProvider(other)]),
    ),
    driver: {
      ...driver,
      open: guarded(async (spec) => guardCell(await driver.open(spec))),
      endLeftover: guarded((id) => driver.endLeftover(id)),
    },
    workspaces: {
      ...workspaces,
      reopen: guarded((request) => workspaces.reopen(request)),
      discard: guarded((id) => workspaces.discard(id)),
    },
  };
}
