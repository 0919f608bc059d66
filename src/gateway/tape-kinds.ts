/** The event kinds of an agent's stream and how their shapes came to be; a changed shape adds a step in upcasters/, one file a kind. */
import type { EventKinds } from '../journal/upcast.ts';
import type { TapeEventKind } from './tape-event.ts';
import { agentFinished } from './upcasters/agent-finished.ts';
import { modelCallIntended } from './upcasters/model-call-intended.ts';
import { toolCallIntended } from './upcasters/tool-call-intended.ts';

export const tapeKinds: EventKinds<TapeEventKind> = {
  'agent.seated': [],
  'prompt.recorded': [],
  'model.call_intended': modelCallIntended,
  'model.call_finished': [],
  'model.call_failed': [],
  'model.call_refused': [],
  'tool.call_intended': toolCallIntended,
  'tool.call_finished': [],
  'tool.call_refused': [],
  'artifact.delivered': [],
  'agent.finished': agentFinished,
};
