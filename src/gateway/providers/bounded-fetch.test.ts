/** A provider that never comes to an end, seen from its side: a real server on loopback counts what was read of it. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeRequest, never, protocols, start } from '../../../test/doubles/provider-world.ts';
import type { ModelFailure } from '../model.ts';
import { standardAnswerLimits } from './bounded-fetch.ts';
import { createProvider } from './create-provider.ts';

async function serve(
  answer: (response: ServerResponse) => void,
): Promise<{ url: string; sent: () => number }> {
  let sent = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => answer(response));
    response.socket?.on('close', () => {
      sent = response.socket?.bytesWritten ?? sent;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, sent: () => sent };
}

/** Writes as long as somebody reads, at most `bytes`. */
function pour(response: ServerResponse, bytes: number): void {
  const chunk = Buffer.alloc(65_536, 'x');
  let left = bytes;
  const more = () => {
    while (left > 0 && !response.destroyed) {
      left -= chunk.length;
      if (!response.write(chunk)) return void response.once('drain', more);
    }
    response.end();
  };
  more();
}

describe.each(protocols)('an answer without end to the $name provider', ({ name, model }) => {
  async function failureOf(url: string, limits = standardAnswerLimits): Promise<ModelFailure> {
    const provider = createProvider({ name, baseUrl: url, apiKey: 'test-key', limits });
    const outcome = await provider.generate(makeRequest(model), never);
    if (outcome.ok) throw new Error('expected a failure');
    return outcome.failure;
  }

  it('with an error status of 100 MB is read for its first part only', async () => {
    const { url, sent } = await serve((response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      pour(response, 100_000_000);
    });
    const failure = await failureOf(url);
    expect(failure).toMatchObject({ kind: 'rejected', isRetryable: false });
    expect(failure.message.length).toBeLessThan(400);
    await expect.poll(sent).toBeGreaterThan(0);
    expect(sent()).toBeLessThan(20_000_000);
  });

  it('of more than the limit is a failure, not a full memory', async () => {
    const { url, sent } = await serve((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"text":"');
      pour(response, 100_000_000);
    });
    const failure = await failureOf(url, { ...standardAnswerLimits, answerBytes: 1_000_000 });
    expect(failure).toMatchObject({ kind: 'malformed', mayHaveBilled: true });
    expect(failure.message).toContain('it is larger than 1 MB');
    await expect.poll(sent).toBeGreaterThan(0);
    expect(sent()).toBeLessThan(20_000_000);
  });

  it.each([
    ['that trickles', (response: ServerResponse) => response.writeHead(200).write('{')],
    ['that trickles with an error status', (response: ServerResponse) => response.writeHead(500).write('{')],
    ['that never begins', () => {}],
  ])('%s is cut off after its time', async (_, begin) => {
    const { url } = await serve((response) => {
      begin(response);
      const timer = setInterval(() => response.headersSent && response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    const failure = await failureOf(url, { ...standardAnswerLimits, answerMs: 300 });
    expect(failure).toMatchObject({ kind: 'cut_off', isRetryable: true, mayHaveBilled: true });
    expect(failure.message).toContain('in time');
  });

  it('is 100,000 levels of JSON: a failure with a short message', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const { url } = await serve((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(deep);
    });
    const failure = await failureOf(url);
    expect(failure.kind).toBe('malformed');
    expect(failure.message.length).toBeLessThan(400);
  });

  it('has headers that would steer a terminal or wait for ever: neither reaches the failure', async () => {
    const { url } = await serve((response) => {
      response.writeHead(429, { 'retry-after': '9'.repeat(400), 'x-note': 'caf\u00e9\u009b31m' });
      response.end('{}');
    });
    const failure = await failureOf(url);
    expect(failure.kind).toBe('rate_limited');
    expect(failure.message).not.toContain('\u009b');
    expect(failure.retryAfterMs === null || failure.retryAfterMs > 0).toBe(true);
  });

  it('states more tokens than there can be: its cost is unknown, and no sum is broken', async () => {
    const { provider } = await start(name, () => ({
      text: 'x',
      usage: { inputTokens: 9e15, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 9e15 },
    }));
    const outcome = await provider.generate(makeRequest(model), never);
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'malformed', usage: null } });
  });
});
