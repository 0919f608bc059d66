/**
 * The provider is called for recorded intents only, and never again for a turn whose result is on the tape. A process
 * that was frozen beyond its lease may still make the call that its successor has written off: that one is left out.
 */
import type { StreamId } from '../../journal/event.ts';
import { streamId } from '../../journal/event.ts';
import type { CreateWatcher } from '../watch.ts';

interface Agent {
  openCall: string | null;
  replyCount: number;
}

export const watchPayments: CreateWatcher = (watched) => {
  const agents = new Map<string, Agent>();
  /** Per seat (stream without the attempt) its latest agent. */
  const latest = new Map<string, string>();
  const isStale = (process: string, project: string): boolean =>
    watched.holders.get(streamId('cluster', project, 'main'))?.owner !== process;
  return {
    onEvent({ stream, kind, data }) {
      if (!stream.startsWith('agent:')) return;
      const agent = agents.get(stream) ?? { openCall: null, replyCount: 0 };
      agents.set(stream, agent);
      latest.set(stream.slice(0, stream.lastIndexOf('/')), stream);
      if (kind === 'model.call_intended') agent.openCall = String(data.call);
      if (kind === 'model.call_failed' || kind === 'model.call_finished') agent.openCall = null;
      if (kind === 'model.call_finished') agent.replyCount += 1;
    },
    onModelCall(process, { seat, messages }) {
      if (isStale(process.name, seat.project)) return;
      const seatStream: StreamId = streamId('agent', seat.project, seat.item, seat.step, seat.round);
      const stream = latest.get(seatStream) ?? seatStream;
      const agent = agents.get(stream);
      const turn = messages.filter((message) => message.role === 'assistant').length;
      if (!agent?.openCall) {
        watched.violate(
          'intent first',
          `${process.name} calls the model for ${stream} without an open intent`,
        );
      } else if (turn < agent.replyCount) {
        watched.violate(
          'paid once',
          `${stream}: turn ${turn + 1} is asked for again, ${agent.replyCount} are taped`,
        );
      }
    },
  };
};
