/** Waits until every worker that holds something of the project has said that it carries a control out. */
import type { Clock } from '../base/clock.ts';
import { type ControlEvent, controlKinds, controlStream } from '../controls/control-event.ts';
import type { Journal } from '../journal/journal.ts';
import { upcast } from '../journal/upcast.ts';

export interface ObeyedWait {
  journal: Journal;
  project: string;
  /** Of the control. */
  epoch: number;
  /** Surely dead, as far as can be told from here: nobody waits for it. */
  isOwnerDead: (owner: string) => boolean;
  clock: Clock;
  /** At most so long. */
  forMs: number;
}

const lookEveryMs = 20;

/** Owners of the workers that have not said so in time; empty: it has taken effect everywhere. */
export async function awaitObeyed(wait: ObeyedWait): Promise<string[]> {
  const { journal, project, epoch, clock } = wait;
  const until = clock.monotonicMs() + wait.forMs;
  const obeyed = new Set<string>();
  let seen = epoch;
  for (;;) {
    for (const stored of await journal.read(controlStream(project), { after: seen })) {
      const { kind, data } = upcast(controlKinds, stored) as unknown as ControlEvent;
      if (kind === 'control.obeyed' && data.epoch >= epoch) obeyed.add(data.worker);
      seen = stored.version;
    }
    const holders = new Set((await journal.claimHolders(project)).map(({ owner }) => owner));
    const missing = [...holders].filter((owner) => !obeyed.has(owner) && !wait.isOwnerDead(owner));
    if (missing.length === 0 || clock.monotonicMs() >= until) return missing;
    await clock.sleep(lookEveryMs);
  }
}
