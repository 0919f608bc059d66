/** Reading and writing the shared stream of controls: fold, decide, append at the folded version, again when somebody was faster. */
import { streamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import type { InboxPost } from '../journal/unit.ts';
import { type ControlEvent, controlStream, toControlEvent } from './control-event.ts';
import { type Controls, foldControls, noControls } from './control-state.ts';

/** What was appended since `from`, folded; cheap when it is nothing. */
export async function readControls(
  journal: Pick<Journal, 'read'>,
  project: string,
  from: Controls = noControls,
): Promise<Controls> {
  return foldControls(await journal.read(controlStream(project), { after: from.version }), from);
}

export interface ControlWrite {
  journal: Pick<Journal, 'read' | 'append'>;
  newId: () => string;
  project: string;
  actor: string;
  /** Null: things are as they should be, and nothing is written. */
  decide: (controls: Controls) => ControlEvent | null;
}

const maxTries = 50;

/** The controls as they are after it. */
export async function writeControl(write: ControlWrite): Promise<Controls> {
  const { journal, newId, project, actor, decide } = write;
  const stream = controlStream(project);
  let controls = noControls;
  for (let tries = 0; tries < maxTries; tries += 1) {
    controls = await readControls(journal, project, controls);
    const event = decide(controls);
    if (event === null) return controls;
    const outcome = await journal.append({
      id: newId(),
      project,
      stream,
      expectedVersion: controls.version,
      fence: null,
      events: [toControlEvent(event, actor)],
      // A worker that hears of it looks at once; every other one within its poll.
      ...(event.kind === 'control.obeyed' ? {} : { posts: [wakePost(project, newId(), event, actor)] }),
    });
    if (outcome.outcome === 'appended') return foldControls(outcome.events, controls);
  }
  throw new Error(`${stream}: gave up after ${maxTries} conflicting writes`);
}

function wakePost(project: string, id: string, { kind, data }: ControlEvent, actor: string): InboxPost {
  return { stream: streamId('mesh', project), id: `control/${id}`, kind, actor, data };
}
