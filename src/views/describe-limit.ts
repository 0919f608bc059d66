/** Readable lines for what chose an agent's model and what its calls had to wait for. */
import type { TapeEvent } from '../gateway/tape-event.ts';

/** `who`: the agent. Null: nothing that a person needs to see. */
export function describeLimitEvent(
  event: TapeEvent,
  who: string,
  isVerbose: boolean,
): { mark: 'note' | 'wait'; text: string } | null {
  switch (event.kind) {
    case 'agent.seated': {
      const { model, tier, why } = event.data;
      if (!isVerbose || why === null) return null;
      return { mark: 'note', text: `${who}: ${describeModel(model, tier)}: ${why}` };
    }
    case 'model.call_postponed':
      return { mark: 'wait', text: `${who}: no call before ${event.data.until}: ${event.data.reason}` };
    case 'call.delayed': {
      const { limit, perMinute, waitMs } = event.data;
      const wait = `waits ${Math.ceil(waitMs / 1000)} s`;
      return { mark: 'wait', text: `${who}: ${wait}: ${limit} is limited to ${perMinute} per minute` };
    }
    default:
      return null;
  }
}

/** `claude-opus-5-5 (frontier)`; a model that stands for no tier is named alone. */
export function describeModel(model: string, tier: string | null): string {
  if (tier === 'none') return 'no model';
  return tier === null ? model : `${model} (${tier})`;
}
