/** Reading and writing the shared stream of controls: fold, decide, append at the folded version, again when somebody was faster. */
import { appendShared, type SharedWrite } from '../journal/append-shared.ts';
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

/** The controls as they are after it. */
export async function writeControl(write: ControlWrite): Promise<Controls> {
  const { journal, newId, project, actor } = write;
  const stream = controlStream(project);
  let controls = noControls;
  const decide = async (): Promise<SharedWrite | null> => {
    controls = await readControls(journal, project, controls);
    const event = write.decide(controls);
    if (event === null) return null;
    // A worker that hears of it looks at once; every other one within its poll.
    const posts = event.kind === 'control.obeyed' ? [] : [wakePost(project, newId(), event, actor)];
    return { version: controls.version, events: [toControlEvent(event, actor)], posts };
  };
  return foldControls(await appendShared({ journal, newId, project, stream, decide }), controls);
}

function wakePost(project: string, id: string, { kind, data }: ControlEvent, actor: string): InboxPost {
  return { stream: streamId('mesh', project), id: `control/${id}`, kind, actor, data };
}
