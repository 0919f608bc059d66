/** What follows when a person killed an agent by itself: its step's attempt has ended, and its item waits for that person. */
import { describeControl } from '../controls/control-state.ts';
import type { ControlWatch } from '../controls/control-watch.ts';
import { begun, type ItemEffect } from '../items/in-flight.ts';
import type { ItemEvent, Pause } from '../items/item-event.ts';
import type { EffectRequest } from './effect.ts';
import { endRunningSteps } from './hand-over.ts';
import { agentOf, killOf } from './item-controls.ts';

/** Runs in the item's own turn. `isRunning`: still ending here; it is asked again when it has. */
export async function endKilledAgents(
  request: EffectRequest,
  controls: ControlWatch,
  isRunning: (effect: ItemEffect) => boolean,
): Promise<ItemEvent[]> {
  const { state, team } = request;
  if (state.status !== 'running') return [];
  const kills = begun(state, team.flow).flatMap((effect) => {
    const agent = agentOf(effect);
    const kill = agent === null || isRunning(effect) ? null : killOf(controls, state, agent);
    return kill ? [kill] : [];
  });
  const [first] = kills;
  if (!first) return [];
  const message = describeControl(first);
  const ended = await endRunningSteps(request, (agent) => {
    const kill = kills.find(({ scope }) => scope === (agent as string));
    return kill ? describeControl(kill) : null;
  });
  const pause: Pause = { reason: 'person', message, ask: first.by, account: null, until: null };
  return [{ kind: 'item.paused', data: pause }, ...ended];
}
