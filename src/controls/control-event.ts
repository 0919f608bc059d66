/** Every fact about controls: the event kinds of the shared stream `control:<project>`. */
import { type NewEvent, type StreamId, streamId } from '../journal/event.ts';
import { type EventKinds, toStorable } from '../journal/upcast.ts';
import type { ControlScope } from './control-scope.ts';

export type ControlEvent =
  /** A person laid a control on a scope, in place of the one that was there. */
  | { kind: 'control.set'; data: { scope: ControlScope; state: 'paused' | 'stopped' | 'killed'; by: string } }
  /** A person took it away; controls of wider and narrower scopes stay. */
  | { kind: 'control.cleared'; data: { scope: ControlScope; by: string } }
  /** A worker carries out every control up to this epoch; of what is killed nothing runs in it any more. */
  | { kind: 'control.obeyed'; data: { epoch: number; worker: string } };

export const controlKinds: EventKinds<ControlEvent['kind']> = {
  'control.set': [],
  'control.cleared': [],
  'control.obeyed': [],
};

export function controlStream(project: string): StreamId {
  return streamId('control', project);
}

export function toControlEvent(event: ControlEvent, actor: string): NewEvent {
  return toStorable(controlKinds, event, actor);
}
