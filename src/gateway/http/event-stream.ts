/**
 * A stream of server-sent events that begins late: until the first sign of life is due nothing is sent, so that what is refused
 * at once is refused with its own status; from then on an error is an event.
 */
import type { ServerResponse } from 'node:http';
import type { FaceError } from './face-error.ts';
import type { FaceProtocol, ServerSentEvent } from './face-protocol.ts';
import { sendError } from './send.ts';

export interface EventStream {
  /** The whole answer. */
  send(events: readonly ServerSentEvent[]): void;
  fail(error: FaceError): void;
  stopWaiting(): void;
}

export function openEventStream(
  response: ServerResponse,
  protocol: FaceProtocol,
  keepAliveMs: number,
): EventStream {
  const begin = () => {
    if (response.headersSent) return;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  };
  const waiting = setInterval(() => {
    begin();
    response.write(protocol.keepAlive);
  }, keepAliveMs);
  const stopWaiting = () => clearInterval(waiting);
  response.on('close', stopWaiting);
  const send = (events: readonly ServerSentEvent[]) => {
    stopWaiting();
    begin();
    response.end(events.map(writeEvent).join(''));
  };
  return {
    send,
    stopWaiting,
    fail(error) {
      stopWaiting();
      if (response.headersSent) send([protocol.streamError(error)]);
      else sendError(response, protocol, error);
    },
  };
}

function writeEvent({ event, data }: ServerSentEvent): string {
  return `${event === null ? '' : `event: ${event}\n`}data: ${data}\n\n`;
}
