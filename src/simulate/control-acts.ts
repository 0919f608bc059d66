/** The persons' controls in a world: drawn from a seed of their own, laid on and taken away through the product's own requests. */
import { MeshwrightError } from '../base/errors.ts';
import { agentScope, clusterScope, itemScope, meshScope } from '../controls/control-scope.ts';
import type { StreamId } from '../journal/event.ts';
import type { NamedScope } from '../requests/read-scope.ts';
import { clearControl, setControl } from '../requests/set-control.ts';
import type { PersonsOptions } from './ask-of-world.ts';
import type { ControlAct } from './plan.ts';
import { createRandom } from './random.ts';
import { simulatedProject as project } from './simulated-team.ts';

const mostActs = 4;

/** Half of the worlds have none. A chance of their own: what else a seed brings stays as it is. */
export function drawControls(seed: number, itemCount: number): ControlAct[] {
  const random = createRandom('controls', seed);
  const count = random.chance(0.5) ? 0 : random.between(1, mostActs);
  return Array.from({ length: count }, () => ({
    state: random.pick(['paused', 'stopped', 'killed', 'killed'] as const),
    level: random.pick(['mesh', 'cluster', 'item', 'item', 'agent', 'agent'] as const),
    item: random.between(1, itemCount),
    atMs: random.between(1, 20_000),
    forMs: random.between(20, 12_000),
  }));
}

/** Nothing happens where there is nobody to lay it on. Everything that is laid on is taken away again. */
export async function layControl(
  options: PersonsOptions,
  act: ControlAct,
  later: (delayMs: number, act: () => Promise<void>) => void,
): Promise<void> {
  const on = scopeOf(options, act);
  if (on === null) return;
  const request = { journal: options.journal, newId: options.newId, project, on, by: 'bob' };
  try {
    await setControl(request, act.state);
  } catch (error) {
    if (!(error instanceof MeshwrightError)) throw error;
    return;
  }
  later(act.forMs, async () => void (await clearControl(request)));
}

function scopeOf({ stateOf }: PersonsOptions, { level, item: number }: ControlAct): NamedScope | null {
  const item = stateOf(number) ?? null;
  switch (level) {
    case 'mesh':
      return { scope: meshScope, item: null };
    case 'cluster':
      return { scope: clusterScope('main'), item: null };
    case 'item':
      return item && { scope: itemScope(number), item };
    case 'agent': {
      const steps = Object.values(item?.phase?.steps ?? {});
      const agent = steps.find(({ status }) => status === 'running')?.agent;
      return agent === undefined ? null : { scope: agentScope(agent as StreamId), item };
    }
  }
}
