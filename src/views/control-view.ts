/** Which controls a person should know of: those in force, and the one under which an item stands. */
import { readControls } from '../controls/control-record.ts';
import { clusterNameOf, describeScope } from '../controls/control-scope.ts';
import {
  type Control,
  type Controls,
  describeControl,
  describeLifting,
  effectiveControl,
} from '../controls/control-state.ts';
import type { ItemState, ItemStatus } from '../items/item-state.ts';
import type { Journal } from '../journal/journal.ts';

export function viewControls(journal: Journal, project: string): Promise<Controls> {
  return readControls(journal, project);
}

/** Those that still hold something: the kill of an agent that has ended does not. */
export function controlsInForce(controls: Controls, items: readonly ItemState[]): Control[] {
  const atWork = new Set(
    items.flatMap(({ phase }) =>
      Object.values(phase?.steps ?? {}).flatMap(({ status, agent }) => (status === 'running' ? [agent] : [])),
    ),
  );
  return [...controls.byScope.values()]
    .flat()
    .filter(({ scope }) => !scope.startsWith('agent:') || atWork.has(scope));
}

/** What would go on but for a control; everything else waits for something of its own. */
const goesOn: readonly ItemStatus[] = ['queued', 'running', 'landing'];

/** The control that keeps the item from going on; null: none does, or it would not go on anyway. */
export function controlOfItem(controls: Controls, { cluster, number, status }: ItemState): Control | null {
  if (!goesOn.includes(status)) return null;
  return effectiveControl(controls, { cluster: clusterNameOf(cluster), item: number, agent: null });
}

/**
 * `killed by sarah on 2026-11-21 at 14:03 UTC (the mesh)`; of a question
 * `` cluster main is blocked by Q-7 (compliance_question, waits for @compliance-team); `meshwright answer Q-7 …` lifts it ``.
 */
export function describeControlShort(control: Control): string {
  const { scope, state, by, holder, at } = control;
  if (holder !== null) return `${describeControl(control)}; ${describeLifting(control)}`;
  return `${state} by ${by} on ${at.slice(0, 10)} at ${at.slice(11, 16)} UTC (${describeScope(scope)})`;
}
