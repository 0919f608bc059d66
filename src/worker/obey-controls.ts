/**
 * Keeps one worker under control: reads the controls when it is woken and every poll, beside everything else that the worker
 * does, and says on the record when it carries them out. What they mean for what runs is said by the drivers.
 */
import { writeControl } from '../controls/control-record.ts';
import type { ControlWatch } from '../controls/control-watch.ts';
import { isStorageFault } from './storage-fault.ts';
import type { Wake } from './wake.ts';
import type { WorkerContext } from './worker-context.ts';

export interface Obedience {
  context: WorkerContext;
  controls: ControlWatch;
  /** Nothing of what is killed runs in this worker. */
  isObedient: () => boolean;
  wake: Wake;
  /** The controls cannot be read, and storage is not the reason. */
  onFailure: (error: unknown) => void;
  signal: AbortSignal;
}

/** A control reaches every worker within this, also when no notification does. */
const pollMs = 250;
/** While something that was killed has not ended yet. */
const pendingMs = 20;

export async function obeyControls(worker: Obedience): Promise<void> {
  const { context, controls, wake, signal } = worker;
  let obeyedEpoch = 0;
  while (!signal.aborted) {
    try {
      await controls.refresh();
      const { epoch } = controls;
      if (epoch > obeyedEpoch && worker.isObedient()) {
        await sayObeyed(context, epoch);
        obeyedEpoch = epoch;
      }
    } catch (error) {
      // While the database is away the worker's own loop drops all work.
      if (!isStorageFault(error)) return worker.onFailure(error);
    }
    await wake.wait(controls.epoch > obeyedEpoch ? pendingMs : pollMs);
  }
}

async function sayObeyed(context: WorkerContext, epoch: number): Promise<void> {
  const { journal, newId, project, owner } = context;
  await writeControl({
    journal,
    newId,
    project,
    actor: owner,
    decide: () => ({ kind: 'control.obeyed', data: { epoch, worker: owner } }),
  });
}
