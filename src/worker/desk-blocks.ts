/** The controls that open questions hold: laid on and lifted until they are what the questions say. Safe to repeat. */
import type { ControlEvent } from '../controls/control-event.ts';
import { writeControl } from '../controls/control-record.ts';
import { type Control, type Controls, controlHeldBy } from '../controls/control-state.ts';
import type { Block } from '../questions/blocks-of.ts';
import type { WorkerContext } from './worker-context.ts';

/** `known`: the controls as this worker last read them; where they already are as they should be, nothing is read or written. */
export async function reconcileBlocks(
  { journal, newId, project }: WorkerContext,
  wanted: readonly Block[],
  known: Controls,
): Promise<void> {
  let controls = known;
  while (nextChange(controls, wanted) !== null) {
    const actor = `mesh:${project}`;
    const after = await writeControl({
      journal,
      newId,
      project,
      actor,
      decide: (now) => nextChange(now, wanted),
    });
    controls = after;
  }
}

/** Laid on before anything is lifted. Null: they are as they should be. */
function nextChange(controls: Controls, wanted: readonly Block[]): ControlEvent | null {
  const missing = wanted.find(({ scope, holder, why }) => {
    const held = controlHeldBy(controls, scope, holder);
    return held?.why !== why;
  });
  if (missing) return { kind: 'control.set', data: { ...missing, state: 'paused', by: 'the mesh' } };
  const isWanted = ({ scope, holder }: Control) =>
    wanted.some((block) => block.scope === scope && block.holder === holder);
  const left = [...controls.byScope.values()]
    .flat()
    .find((control) => control.holder !== null && !isWanted(control));
  if (!left) return null;
  return { kind: 'control.cleared', data: { scope: left.scope, by: 'the mesh', holder: left.holder } };
}
