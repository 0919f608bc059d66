/** The event kinds of an agent's stream and how their shapes came to be; a changed shape adds a step in upcasters/, one file a kind. */
import type { EventKinds } from '../journal/upcast.ts';
import type { TapeEventKind } from './tape-event.ts';
import { agentFinished } from './upcasters/agent-finished.ts';
import { agentSeated } from './upcasters/agent-seated.ts';
import { modelCallIntended } from './upcasters/model-call-intended.ts';
import { peopleAsked } from './upcasters/people-asked.ts';
import { promptRecorded } from './upcasters/prompt-recorded.ts';
import { toolCallIntended } from './upcasters/tool-call-intended.ts';

export const tapeKinds: EventKinds<TapeEventKind> = {
  'agent.seated': agentSeated,
  'accounts.assigned': [],
  'prompt.recorded': promptRecorded,
  'model.request_recorded': [],
  'model.call_intended': modelCallIntended,
  'model.call_finished': [],
  'model.call_failed': [],
  'model.call_refused': [],
  'model.call_postponed': [],
  'call.delayed': [],
  'tool.call_intended': toolCallIntended,
  'tool.call_finished': [],
  'tool.call_refused': [],
  'agent.told': [],
  'memory.recalled': [],
  'memory.answered': [],
  'people.asked': peopleAsked,
  'people.answered': [],
  'outside.session_started': [],
  'outside.prompted': [],
  'outside.said': [],
  'outside.tool_reported': [],
  'outside.permission_judged': [],
  'outside.turn_ended': [],
  'artifact.delivered': [],
  'agent.finished': agentFinished,
};
