/**
 * Names of boundaries: the same for the same step of the same work, whoever does it and however often it was begun before.
 * So fences, attempts, commit ids and reply numbers are left out of them.
 */
import type { JsonObject } from '../../src/base/json.ts';
import type { ModelRequest } from '../../src/gateway/model.ts';
import type { Unit } from '../../src/journal/unit.ts';

/** What the events of a unit say, and about which step, call or gate they say it. */
export function labelUnit(unit: Unit, messageCounts: Map<string, number>): string {
  const parts = unit.events.map(({ kind, data }) => {
    const about = aboutOf(data, messageCounts);
    return about === '' ? kind : `${kind}[${about}]`;
  });
  return `${withoutAttempt(unit.stream)} ${parts.join('+')}`;
}

/** Remembers which turn a call is, so that its result, which names only the call, has the same place. */
function aboutOf(data: JsonObject, messageCounts: Map<string, number>): string {
  const { call, messageCount, id, step, phase, gate, round, name, item } = data;
  if (typeof call === 'string' && typeof messageCount === 'number') messageCounts.set(call, messageCount);
  if (typeof call === 'string') return `turn ${messageCounts.get(call) ?? 'of a dead process'}`;
  const about = [id, step, phase, gate, round, name, item].filter(
    (value) => typeof value === 'string' || typeof value === 'number',
  );
  return about.map((value) => stable(String(value))).join(' ');
}

export function labelRequest({ seat, messages }: ModelRequest): string {
  return `${seat.item}/${seat.step}/${seat.round} turn ${messages.length}`;
}

/** `<fence>-<owner>-<purpose>-<hash>` of a workspace or cell. */
export function labelSeat(id: string): string {
  const seat = stable(id.replace(/^\d+-/, '').replace(/-[0-9a-f]{8}$/, ''));
  return seat.includes('-agent-') ? seat.replace(/-\d+$/, '') : seat;
}

export function labelCommit(trailers: Record<string, string>, message: string): string {
  const key = trailers['Meshwright-Step'] ?? trailers['Meshwright-Landing'];
  return key === undefined ? (message.split('\n')[0] ?? '') : withoutAttempt(key);
}

function withoutAttempt(text: string): string {
  return stable(text.startsWith('agent:') ? text.replace(/\/\d+$/, '') : text);
}

/** Commit ids, unique suffixes and reply numbers differ from run to run. */
function stable(text: string): string {
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '#')
    .replace(/\b[0-9a-f]{12,64}\b/g, '#')
    .replace(/toolu_\d+_/g, 'call-');
}
