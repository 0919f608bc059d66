/** The event kinds of an item's stream and how their shapes came to be; a changed shape adds a step in upcasters/, one file a kind. */
import type { EventKinds } from '../journal/upcast.ts';
import type { ItemEvent } from './item-event.ts';
import { itemPaused } from './upcasters/item-paused.ts';
import { itemResumed } from './upcasters/item-resumed.ts';
import { itemStarted } from './upcasters/item-started.ts';

export const itemKinds: EventKinds<ItemEvent['kind']> = {
  'item.added': [],
  'item.forked': [],
  'item.routed': [],
  'item.started': itemStarted,
  'phase.entered': [],
  'step.started': [],
  'step.finished': [],
  'step.failed': [],
  'step.asked': [],
  'step.rerouted': [],
  'step.answered': [],
  'item.parked': [],
  'item.requeued': [],
  'item.overturned': [],
  'gate.started': [],
  'gate.judged': [],
  'item.sent_back': [],
  'item.ready': [],
  'item.accepted': [],
  'item.landed': [],
  'item.landing_refused': [],
  'item.paused': itemPaused,
  'item.resumed': itemResumed,
  'item.taken_over': [],
  'item.handed_back': [],
  'phase.reopened': [],
  'item.rejected': [],
  'item.canceled': [],
  'item.message_ignored': [],
};
