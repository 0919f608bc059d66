/** A loopback server that stands for the world outside of LangGraph.js: every request is an effect, and is counted. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface EffectRecorder {
  url: string;
  /** Key → how often it was done. */
  counts: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** As long as the model server of the kill suites takes. */
const answerAfterMs = 25;

export async function startEffectRecorder(): Promise<EffectRecorder> {
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const key = (request.url ?? '').slice(1);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    void delay(answerAfterMs).then(() => response.end('ok'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
