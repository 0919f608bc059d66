import { describe, expect, it } from 'vitest';
import {
  account,
  agent,
  answering,
  ask,
  kindsOf,
  makeWorld,
  project,
  ran,
  silent,
  takeOver,
  toolCall,
  usage,
} from '../../test/doubles/agent-world.ts';
import { openAgentGateway } from './agent-gateway.ts';
import type { ModelOutcome, ModelProvider } from './model.ts';
import { closeInterruptedAgent } from './resolve-doubt.ts';
import { readTape } from './tape-writer.ts';

describe('an agent whose process died', () => {
  it('in a model call is charged in full for it and goes on; the late answer of the old process is not recorded', async () => {
    const world = await makeWorld();
    let answer: (outcome: ModelOutcome) => void = () => {};
    const late: ModelProvider = {
      name: 'scripted',
      isRealModel: false,
      generate: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    };
    const old = await openAgentGateway(world.options({ provider: late }));
    const lateCall = old.callModel(ask);
    await expect.poll(() => old.tape.inDoubt?.kind).toBe('model');

    const options = await takeOver(world);
    const gateway = await openAgentGateway(options());
    const [reservation] = await world.journal.reservations(project);
    expect(reservation).toMatchObject({ state: 'settled', settledMicroUsd: reservation?.amountMicroUsd });
    expect(gateway.tape).toMatchObject({ inDoubt: null, costMicroUsd: reservation?.amountMicroUsd });

    answer({ ok: true, reply: { content: [{ type: 'text', text: 'late' }], stop: 'end', usage } });
    expect(await lateCall).toEqual({ kind: 'fenced' });
    expect((await gateway.callModel(ask)).kind).toBe('reply');
    expect(JSON.stringify(await world.journal.read(agent))).not.toContain('late');
  });

  it('in a command is told that the outcome is unknown; the command is not run again', async () => {
    const world = await makeWorld();
    const broken = { ...world.cell, exec: () => new Promise<never>(() => {}) };
    const old = await openAgentGateway(
      world.options({
        cell: broken,
        provider: answering({ content: [toolCall('shell', { command: 'make' })], stop: 'tool_call' }),
      }),
    );
    await old.callModel(ask);
    void old.callTool(toolCall('shell', { command: 'make' }));
    await expect.poll(() => old.tape.inDoubt?.kind).toBe('tool');

    const gateway = await openAgentGateway((await takeOver(world))());
    const result = await ran(gateway, toolCall('shell', { command: 'make' }));
    expect(result.output).toContain('interrupted, outcome unknown');
    expect(world.cell.executed).toEqual([]);
    expect(gateway.tape.messages).toHaveLength(2);
  });

  it('in a read simply reads again, without a second intent', async () => {
    const world = await makeWorld();
    const broken = { ...world.cell, readFile: () => new Promise<never>(() => {}) };
    const old = await openAgentGateway(world.options({ cell: broken }));
    void old.callTool(toolCall('read', { path: 'README.md' }));
    await expect.poll(() => old.tape.inDoubt?.kind).toBe('tool');
    const gateway = await openAgentGateway((await takeOver(world))());
    expect((await ran(gateway, toolCall('read', { path: 'README.md' }))).output).toBe('hello\n');
    expect(await kindsOf(world.journal)).toEqual([
      'agent.seated',
      'tool.call_intended',
      'tool.call_finished',
    ]);
  });

  it('lets the old process end: every door says that somebody else took over, and nothing runs', async () => {
    const world = await makeWorld();
    const old = await openAgentGateway(world.options());
    await takeOver(world);
    const result = await ran(old, toolCall('shell', { command: 'touch x' }));
    expect(result.output).toContain('another worker has taken over');
    // A loop that works from the tape sees the call answered and comes to its next model call.
    expect(old.tape.messages).toHaveLength(1);
    expect(await old.callModel(ask)).toEqual({ kind: 'fenced' });
    expect(await old.finish({ outcome: 'done', summary: '', commit: null, findings: [] })).toBe('fenced');
    expect(world.cell.executed).toEqual([]);
    expect(await kindsOf(world.journal)).toEqual(['agent.seated']);
  });

  it('can have its books closed without being opened again', async () => {
    const world = await makeWorld();
    const old = await openAgentGateway(world.options({ provider: silent }));
    void old.callModel(ask).catch(() => {});
    await expect.poll(() => old.tape.inDoubt?.kind).toBe('model');
    const options = (await takeOver(world))();
    const closing = { ...options, outcome: 'interrupted', summary: 'its workspace is lost' };
    const tape = await closeInterruptedAgent(closing);
    expect(tape).toMatchObject({ ending: { outcome: 'interrupted' }, inDoubt: null });
    expect(await world.journal.account(account)).toMatchObject({
      spentMicroUsd: tape.costMicroUsd,
      reservedMicroUsd: 0,
    });
    expect(await closeInterruptedAgent(closing)).toEqual(tape);
    expect(await readTape(world.journal, agent)).toEqual(tape);
  });
});
