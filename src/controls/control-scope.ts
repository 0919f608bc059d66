/** What a control can be laid on, from the widest to the narrowest, and which places it covers. Knows nothing of states. */
import type { Brand } from '../base/brand.ts';
import type { StreamId } from '../journal/event.ts';

/** `mesh`, `cluster:<name>`, `item:<number>`, or an agent's stream id. */
export type ControlScope = Brand<string, 'ControlScope'>;

/** Where something runs, or would begin. */
export interface Place {
  /** Null before the item was given to one. */
  cluster: string | null;
  item: number;
  /** Null for what no agent does: a gate, a landing, the item as a whole. */
  agent: StreamId | null;
}

export const meshScope = 'mesh' as ControlScope;

export function clusterScope(name: string): ControlScope {
  return `cluster:${name}` as ControlScope;
}

export function itemScope(number: number): ControlScope {
  return `item:${number}` as ControlScope;
}

export function agentScope(agent: StreamId): ControlScope {
  return agent as string as ControlScope;
}

/** Every scope that covers the place, the widest first. */
export function scopesOver({ cluster, item, agent }: Place): ControlScope[] {
  return [
    meshScope,
    ...(cluster === null ? [] : [clusterScope(cluster)]),
    itemScope(item),
    ...(agent === null ? [] : [agentScope(agent)]),
  ];
}

/** `cluster:orders/main` → `main`; null stays null. */
export function clusterNameOf(stream: string | null): string | null {
  return stream === null ? null : stream.slice(stream.indexOf('/') + 1);
}

/** As a person would type it: `3` for item 3, an agent without its project. */
export function shortestScope(scope: ControlScope): string {
  if (scope.startsWith('item:')) return scope.slice('item:'.length);
  return scope.startsWith('agent:') ? `agent:${scope.slice(scope.indexOf('/') + 1)}` : scope;
}

/** For people: `the mesh`, `cluster main`, `item 3`, `agent 3/build/T1/developer/1/1` (without its project). */
export function describeScope(scope: ControlScope): string {
  if (scope === meshScope) return 'the mesh';
  const [kind = '', rest = ''] = [scope.slice(0, scope.indexOf(':')), scope.slice(scope.indexOf(':') + 1)];
  return kind === 'agent' ? `agent ${rest.slice(rest.indexOf('/') + 1)}` : `${kind} ${rest}`;
}
