/**
 * Quota windows: a provider said that a model's quota is used up until some moment. Remembered in a shared stream of the project,
 * so that no worker process makes a call that is known to be refused. Time alone ends a window.
 */
import { type NewEvent, type StoredEvent, type StreamId, streamId } from '../journal/event.ts';
import { type EventKinds, toStorable, upcast } from '../journal/upcast.ts';
import type { ModelPlace } from './pick-fallback.ts';

export interface QuotaWindow {
  provider: string;
  model: string;
  /** ISO time. */
  until: string;
  /** What the provider said, fit for a person. */
  reason: string;
}

/** Event `quota.used_up`: data is the window. */
const quotaKinds: EventKinds<'quota.used_up'> = { 'quota.used_up': [] };

export function quotaStream(project: string): StreamId {
  return streamId('quota', project);
}

export function toQuotaEvent(window: QuotaWindow, actor: string): NewEvent {
  return toStorable(quotaKinds, { kind: 'quota.used_up', data: window }, actor);
}

/** @throws MeshwrightError `event_unknown`. */
export function readQuotaEvent(stored: StoredEvent): QuotaWindow {
  return upcast(quotaKinds, stored).data as unknown as QuotaWindow;
}

/** By place, the window that ends last. */
export type QuotaWindows = ReadonlyMap<string, QuotaWindow>;

export function withWindow(windows: QuotaWindows, window: QuotaWindow): QuotaWindows {
  const key = placeKey(window);
  const known = windows.get(key);
  return known && known.until >= window.until ? windows : new Map(windows).set(key, window);
}

/** Null: no window that is known of lasts. */
export function findWindow(
  windows: QuotaWindows,
  place: Pick<ModelPlace, 'provider' | 'model'>,
  nowMs: number,
): QuotaWindow | null {
  const window = windows.get(placeKey(place));
  return window && Date.parse(window.until) > nowMs ? window : null;
}

export function placeKey({ provider, model }: { provider: string; model: string }): string {
  return `${provider}:${model}`;
}
