/** A seated agent behind the faces, over a real provider and the model server double: what tests of outside clients share. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { AgentGatewayOptions } from '../../src/gateway/agent-gateway.ts';
import { openAgentGateway } from '../../src/gateway/agent-gateway.ts';
import type { FaceSeat } from '../../src/gateway/http/face-seat.ts';
import { type FaceServerOptions, openFaceServer } from '../../src/gateway/http/face-server.ts';
import { createProvider } from '../../src/gateway/providers/create-provider.ts';
import { costOf } from '../../src/ledger/cost.ts';
import { makeWorld } from '../doubles/agent-world.ts';
import { model, price } from '../doubles/gateway-options.ts';
import type { DoubleAnswer, DoubleRequest } from '../doubles/model-protocol.ts';
import { type Fault, startModelServer } from '../doubles/model-server.ts';

export interface FaceWorldOptions {
  brain?: (request: DoubleRequest) => DoubleAnswer | Promise<DoubleAnswer>;
  upstream?: 'anthropic' | 'openai-compatible';
  faults?: Fault[];
  gateway?: Partial<AgentGatewayOptions>;
  seat?: Partial<FaceSeat>;
  server?: Partial<FaceServerOptions>;
  onSocket?: boolean;
  itemCeilingMicroUsd?: number;
}

export async function makeFaceWorld(given: FaceWorldOptions = {}) {
  const upstream = await startModelServer({
    brain: given.brain ?? (() => ({ text: 'Four.' })),
    faults: given.faults ?? [],
  });
  onTestFinished(upstream.close);
  const world = await makeWorld(given.itemCeilingMicroUsd);
  const kill = new AbortController();
  const provider = createProvider({
    name: given.upstream ?? 'anthropic',
    baseUrl: upstream.baseUrl,
    apiKey: 'test-key',
  });
  const options = world.options({ provider, signal: kill.signal, ...given.gateway });
  const gateway = await openAgentGateway(options);
  const faults: unknown[] = [];
  onTestFinished(() => expect(faults).toEqual([]));
  const folder = await mkdtemp(join(tmpdir(), 'face-'));
  const server = await openFaceServer({
    listen: given.onSocket ? { socketPath: join(folder, 'gateway.sock') } : { host: '127.0.0.1', port: 0 },
    onFault: (error) => faults.push(error),
    ...given.server,
  });
  onTestFinished(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  const seat: FaceSeat = {
    gateway,
    signal: options.signal,
    mayCallModels: true,
    model,
    effort: null,
    maxOutputTokens: 1000,
    role: options.role,
    deliverables: options.deliverables,
    offeredTools: ['deliver'],
    brief: { title: 'Add', text: 'Add two numbers.', criteria: ['2 + 2 = 4'] },
    findings: [],
    ...given.seat,
  };
  return {
    ...world,
    upstream,
    gateway,
    server,
    kill,
    faults,
    seat,
    ...server.register(seat),
    baseUrl: 'baseUrl' in server.address ? server.address.baseUrl : 'http://localhost',
    socketPath: 'socketPath' in server.address ? server.address.socketPath : '',
    billedMicroUsd: () => upstream.billed.reduce((sum, { usage }) => sum + costOf(usage, price), 0),
  };
}

export type FaceWorld = Awaited<ReturnType<typeof makeFaceWorld>>;
