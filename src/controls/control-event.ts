/** Every fact about controls: the event kinds of the shared stream `control:<project>`. */
import { type NewEvent, type StreamId, streamId } from '../journal/event.ts';
import { type EventKinds, toStorable } from '../journal/upcast.ts';
import type { ControlScope } from './control-scope.ts';

export type ControlEvent =
  /**
   * A person (`holder` null) or an open question (`holder` its name, `Q-7`) laid a control on a scope, in place of the one that
   * the same holder had there. `why`: of a question, what it is about and whom it waits for.
   */
  | {
      kind: 'control.set';
      data: {
        scope: ControlScope;
        state: 'paused' | 'stopped' | 'killed';
        by: string;
        holder: string | null;
        why: string | null;
      };
    }
  /** The holder took it away; those of other holders and of wider and narrower scopes stay. */
  | { kind: 'control.cleared'; data: { scope: ControlScope; by: string; holder: string | null } }
  /** A worker carries out every control up to this epoch; of what is killed nothing runs in it any more. */
  | { kind: 'control.obeyed'; data: { epoch: number; worker: string } };

export const controlKinds: EventKinds<ControlEvent['kind']> = {
  // Before there were questions only persons held anything.
  'control.set': [(data) => ({ ...data, holder: null, why: null })],
  'control.cleared': [(data) => ({ ...data, holder: null })],
  'control.obeyed': [],
};

export function controlStream(project: string): StreamId {
  return streamId('control', project);
}

export function toControlEvent(event: ControlEvent, actor: string): NewEvent {
  return toStorable(controlKinds, event, actor);
}
