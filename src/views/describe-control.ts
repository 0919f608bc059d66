/** One readable line for an event of the control stream. */
import { type ControlEvent, controlKinds } from '../controls/control-event.ts';
import { describeScope } from '../controls/control-scope.ts';
import type { StoredEvent } from '../journal/event.ts';
import { isKnown, upcast } from '../journal/upcast.ts';

/** Null: nothing that a person needs to see. */
export function describeControlEvent(stored: StoredEvent): string | null {
  if (!isKnown(controlKinds, stored)) return null;
  const { kind, data } = upcast(controlKinds, stored) as unknown as ControlEvent;
  switch (kind) {
    case 'control.set':
      return data.holder === null
        ? `${describeScope(data.scope)} ${data.state.toUpperCase()} by ${data.by}`
        : `${describeScope(data.scope)} BLOCKED by ${data.holder}${data.why === null ? '' : ` (${data.why})`}`;
    case 'control.cleared':
      return data.holder === null
        ? `${describeScope(data.scope)} resumed by ${data.by}`
        : `${describeScope(data.scope)} no longer blocked by ${data.holder}`;
    case 'control.obeyed':
      return null;
  }
}
