import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { createApp } from '../src/app.ts';
import { createDependencies } from '../src/dependencies.ts';
import { createHttpServer } from '../src/http/serve.ts';

/** Answers of a server that runs until the end of the test, on a free port of the loopback interface. */
export interface TestClient {
  get: <T = unknown>(path: string) => Promise<Answer<T>>;
  post: <T = unknown>(path: string, body: unknown) => Promise<Answer<T>>;
}

export interface Answer<T> {
  status: number;
  contentType: string;
  text: string;
  /** The parsed body of a JSON answer; the test says what it expects to be in it. */
  json: T;
}

/** Ids count up from 1 and the time stands still, so that answers can be compared. */
export async function startServer(context: TestContext): Promise<TestClient> {
  let count = 0;
  const newId = (kind: string) => {
    count += 1;
    return `${kind}-${count}`;
  };
  const now = () => new Date('2026-03-29T01:30:00Z');
  const server = createHttpServer(createApp(createDependencies({ newId, now })));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const call = async <T>(path: string, init: RequestInit): Promise<Answer<T>> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    const contentType = response.headers.get('content-type') ?? '';
    const text = await response.text();
    const json = contentType.startsWith('application/json') ? JSON.parse(text) : undefined;
    return { status: response.status, contentType, text, json };
  };
  return {
    get: (path) => call(path, { method: 'GET' }),
    post: (path, body) => call(path, { method: 'POST', body: JSON.stringify(body) }),
  };
}
