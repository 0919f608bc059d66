/** The model of the kill suite: a server that answers as the moment wants it, and keeps the time of every request. */
import { setTimeout as delay } from 'node:timers/promises';
import type { DoubleAnswer, DoubleRequest } from '../../test/doubles/model-protocol.ts';
import { type ModelServer, startModelServer } from '../../test/doubles/model-server.ts';
import { paidModelKey } from '../kill/paid-model.ts';
import type { Moment } from './kill-case.ts';

export interface BurningModel {
  baseUrl: string;
  /** Requests that came, whatever came of them. */
  count(): number;
  /** What it keeps agents busy with; null: they come to their end. */
  keepBusy(moment: Moment | null): void;
  close(): Promise<void>;
}

/** Far beyond what anybody waits for. */
const comeBackAfterS = 50;

export async function startBurningModel(): Promise<BurningModel> {
  let busyWith: Moment | null = null;
  const server: ModelServer = await startModelServer({
    apiKey: paidModelKey,
    brain: async (request) => {
      if (busyWith === 'model call') await delay(60_000, undefined, { ref: false });
      // Long enough for a kill to meet it now and then.
      await delay(10);
      return busyWith === null ? finish(request) : keepOn(busyWith, request);
    },
  });
  return {
    baseUrl: server.baseUrl,
    count: () => server.servedCount,
    keepBusy(moment) {
      busyWith = moment;
      if (moment === 'waiting for retry') {
        server.addFault({ kind: 'rate_limited', retryAfter: String(comeBackAfterS) });
      }
    },
    close: () => server.close(),
  };
}

function keepOn(moment: Moment, { messages }: DoubleRequest): DoubleAnswer {
  const count = messages.length;
  if (moment === 'command') return call(count, 'run', { argv: ['sh', 'burn.sh', 'command'] });
  if (moment === 'write' || moment === 'between calls' || moment === 'paused') {
    return call(count, 'write', { path: `notes/${count}.txt`, content: `note ${count}\n`.repeat(50) });
  }
  return finish({ messages });
}

/** One more file, then the end. */
function finish({ messages }: Pick<DoubleRequest, 'messages'>): DoubleAnswer {
  const isWritten = messages.some(({ toolCalls }) =>
    toolCalls.some(({ input }) => (input as { path?: string }).path === 'done.txt'),
  );
  return isWritten
    ? { text: 'It is done.' }
    : call(messages.length, 'write', { path: 'done.txt', content: 'done\n' });
}

function call(count: number, name: string, input: Record<string, unknown>): DoubleAnswer {
  return { toolCalls: [{ id: `toolu_${count}`, name, input }] };
}
