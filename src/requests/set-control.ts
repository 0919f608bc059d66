/** A person pauses, stops, kills or resumes the mesh, a cluster, an item or an agent. */
import { MeshwrightError } from '../base/errors.ts';
import { writeControl } from '../controls/control-record.ts';
import { type ControlScope, clusterNameOf, describeScope, meshScope } from '../controls/control-scope.ts';
import {
  type Control,
  type ControlState,
  type Controls,
  controlHeldBy,
  describeControl,
  describeLifting,
  effectiveControl,
} from '../controls/control-state.ts';
import { isFinal } from '../items/is-final.ts';
import type { StreamId } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import type { NamedScope } from './read-scope.ts';

export interface ControlRequest {
  journal: Journal;
  newId: () => string;
  project: string;
  on: NamedScope;
  by: string;
}

/**
 * Returns the epoch from which on workers must have obeyed. The same again changes nothing.
 * @throws MeshwrightError `request_refused` for what is over.
 */
export async function setControl(
  request: ControlRequest,
  state: Exclude<ControlState, 'running'>,
): Promise<number> {
  const { on, by } = request;
  const { scope } = on;
  requireAlive(on);
  const controls = await write(request, (now) =>
    controlHeldBy(now, scope, null)?.state === state
      ? null
      : { kind: 'control.set', data: { scope, state, by, holder: null, why: null } },
  );
  return controls.epoch;
}

/** Null: no person had laid a control on this very scope, and nothing has changed. Else the one that was, and the epoch. */
export async function clearControl(
  request: ControlRequest,
): Promise<{ epoch: number; cleared: Control } | null> {
  const { scope } = request.on;
  let cleared: Control | undefined;
  const controls = await write(request, (now) => {
    cleared = controlHeldBy(now, scope, null);
    return cleared ? { kind: 'control.cleared', data: { scope, by: request.by, holder: null } } : null;
  });
  return cleared ? { epoch: controls.epoch, cleared } : null;
}

/** What a person is told who resumes something that no control of its own holds. */
export function refuseResume({ scope, item }: NamedScope, controls: Controls): MeshwrightError {
  const around = whatHolds({ scope, item }, controls);
  const state = item && `; item ${item.number} is ${item.status}`;
  if (around && around.holder !== null && around.scope === scope)
    return new MeshwrightError('request_refused', `${describeControl(around)}; ${describeLifting(around)}`);
  return new MeshwrightError(
    'request_refused',
    around
      ? `${describeScope(scope)} has no control of its own: ${describeControl(around)}`
      : `${describeScope(scope)} is not paused, stopped or killed${state ?? ''}`,
    around ? { hint: `${describeLifting(around)}.` } : {},
  );
}

/** The control that keeps it from going on now; null: none does. */
export function whatHolds({ scope, item }: NamedScope, controls: Controls): Control | null {
  if (item === null) return controls.byScope.get(scope)?.[0] ?? controls.byScope.get(meshScope)?.[0] ?? null;
  const agent = isAgent(scope) ? (scope as string as StreamId) : null;
  return effectiveControl(controls, { cluster: clusterNameOf(item.cluster), item: item.number, agent });
}

function write(request: ControlRequest, decide: Parameters<typeof writeControl>[0]['decide']) {
  const { journal, newId, project, by } = request;
  return writeControl({ journal, newId, project, actor: `person:${by}`, decide });
}

function requireAlive({ scope, item }: NamedScope): void {
  if (item === null) return;
  const isOver = isFinal(item) || (isAgent(scope) && !isAtWork(item.phase?.steps ?? {}, scope));
  if (!isOver) return;
  const what = isFinal(item) ? `item ${item.number} is ${item.status}` : `${describeScope(scope)} has ended`;
  throw new MeshwrightError('request_refused', `${what}; nothing of it runs`);
}

function isAgent(scope: ControlScope): boolean {
  return scope.startsWith('agent:');
}

function isAtWork(
  steps: Readonly<Record<string, { agent: string; status: string }>>,
  scope: string,
): boolean {
  return Object.values(steps).some(({ agent, status }) => status === 'running' && agent === scope);
}
