/**
 * What the whole door costs a model call: the call through the gateway, in process and over the HTTP face, beside the bare call
 * of the same provider to the same local server. The server answers at once, so what is measured is ours; the calls are made in
 * turns (A B C A B C …), so that a busy machine slows all of them. Of a real model's seconds the difference is what counts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFaceServer } from '../src/gateway/http/face-server.ts';
import type { ModelMessage, ModelRequest } from '../src/gateway/model.ts';
import { createProvider } from '../src/gateway/providers/create-provider.ts';
import { openPostgresJournal } from '../src/postgres/journal.ts';
import { openDatabase, waitForServerEnd } from '../src/postgres/open-database.ts';
import { model } from '../test/doubles/gateway-options.ts';
import { makeRole } from '../test/doubles/make-role.ts';
import { startModelServer } from '../test/doubles/model-server.ts';
import { claimBench, seatBenchAgent } from './door-agent.ts';

const PAIRS = 300;
const WARM_UP = 30;
const TURNS = 20;
const ways = ['bare', 'in process', 'over HTTP'] as const;
type Way = (typeof ways)[number];

interface Row {
  way: Way;
  medianMs: number;
  /** Medians over the pairs with the bare call of the same turn. */
  addedMs: number;
  ratio: number;
}

export async function benchDoor(options: { isJson: boolean; outFile: string | undefined }): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'meshwright-bench-'));
  const database = await openDatabase({ home, databaseUrl: process.env.DATABASE_URL });
  const usage = { inputTokens: 10, cacheReadTokens: 4_000, cacheWriteTokens: 200, outputTokens: 60 };
  const upstream = await startModelServer({ brain: () => ({ text: 'Done as asked.', usage }) });
  const journal = await openPostgresJournal({ url: database.url });
  const server = await openFaceServer({
    listen: { host: '127.0.0.1', port: 0 },
    onFault: (error) => console.error(error),
  });
  try {
    const provider = createProvider({ name: 'anthropic', baseUrl: upstream.baseUrl, apiKey: 'test-key' });
    const claim = await claimBench(journal);
    const inProcess = await seatBenchAgent(journal, claim, { name: 'in-process', provider });
    const gateway = await seatBenchAgent(journal, claim, { name: 'over-http', provider });
    const { signal } = new AbortController();
    const { key } = server.register({
      gateway,
      signal,
      mayCallModels: true,
      model,
      effort: null,
      maxOutputTokens: 1_000,
      role: makeRole(),
      deliverables: [],
      offeredTools: [],
      brief: { title: 'Bench', text: '', criteria: [] },
      findings: [],
    });
    const address = 'baseUrl' in server.address ? server.address.baseUrl : '';
    const times = await measure({
      bare: (request) => provider.generate(request, signal),
      'in process': (request) => inProcess.callModel(request),
      'over HTTP': (request) => callOverHttp(`${address}/v1/messages`, key, request),
    });
    if (upstream.billed.length !== 3 * (PAIRS + WARM_UP)) throw new Error('a call was not made');
    const rows = ways.map((way) => summarize(way, times));
    const report = { bench: 'door', cpus: cpus().length, pairs: PAIRS, messages: 2 * TURNS - 1, rows };
    const json = `${JSON.stringify(report, null, 2)}\n`;
    if (options.outFile !== undefined) writeFileSync(options.outFile, json);
    process.stdout.write(options.isJson ? json : formatTable(rows));
  } finally {
    await server.close();
    await journal.close();
    await upstream.close();
    await database.close();
    await waitForServerEnd(home);
    rmSync(home, { recursive: true, force: true });
  }
}

async function measure(calls: Record<Way, (request: ModelRequest) => Promise<unknown>>) {
  const times: Record<Way, number[]> = { bare: [], 'in process': [], 'over HTTP': [] };
  for (let pair = -WARM_UP; pair < PAIRS; pair += 1) {
    const request = requestOf(pair);
    for (const way of ways) {
      const startedAt = performance.now();
      await calls[way](request);
      if (pair >= 0) times[way].push(performance.now() - startedAt);
    }
  }
  return times;
}

const system = 'You are a careful developer of the orders service. '.repeat(100);

/** The same list every time is the same object, as clients of the gateway have it. */
const noTools: ModelRequest['tools'] = [];

const earlier = Array.from({ length: TURNS - 1 }, (_, turn): ModelMessage[] => [
  say('user', `${turn}: ${'what the tool said; '.repeat(100)}`),
  say('assistant', `${turn}: ${'what comes next; '.repeat(10)}`),
]).flat();

/** A conversation of a usual length, with new words at its end. */
function requestOf(pair: number): ModelRequest {
  const messages = [...earlier, say('user', `the latest words, for the ${pair}th time`)];
  return {
    model,
    system,
    messages,
    tools: noTools,
    maxOutputTokens: 1_000,
    effort: null,
    seat: { project: 'bench', item: 1, itemTitle: '', role: '', step: '', task: null, round: 1 },
  };
}

function say(role: 'user' | 'assistant', text: string): ModelMessage {
  return { role, content: [{ type: 'text', text }] };
}

async function callOverHttp(url: string, key: string, request: ModelRequest): Promise<unknown> {
  const body = JSON.stringify({
    model: request.model,
    max_tokens: request.maxOutputTokens,
    system: request.system,
    messages: request.messages,
  });
  const response = await fetch(url, { method: 'POST', headers: { 'x-api-key': key }, body });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

function summarize(way: Way, times: Record<Way, number[]>): Row {
  const pairs = times[way].map((ms, index) => ({ ms, bare: times.bare[index] ?? Number.NaN }));
  return {
    way,
    medianMs: round(median(times[way])),
    addedMs: round(median(pairs.map(({ ms, bare }) => ms - bare))),
    ratio: round(median(pairs.map(({ ms, bare }) => ms / bare))),
  };
}

function round(value: number): number {
  return Number(value.toFixed(2));
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function formatTable(rows: Row[]): string {
  const lines = rows.map(({ way, medianMs, addedMs, ratio }) =>
    [way, medianMs.toFixed(2), addedMs.toFixed(2), ratio.toFixed(2)]
      .map((value) => value.padStart(14))
      .join(''),
  );
  return [
    `one model call of ${2 * TURNS - 1} messages to a local server that answers at once; medians of ${PAIRS} pairs on ${cpus().length} cores`,
    ['way', 'ms', 'added ms', 'ratio'].map((title) => title.padStart(14)).join(''),
    ...lines,
    '',
  ].join('\n');
}
