/** The policy about money: read live, raised by those it names, told at its threshold, and what agents do when little is left. */
import { afterEach, describe, expect, test } from 'vitest';
import { microUsd } from '../../src/base/money.ts';
import type { ModelFailure } from '../../src/gateway/model.ts';
import { itemStream } from '../../src/items/item-stream.ts';
import { streamId } from '../../src/journal/event.ts';
import { raiseCeiling } from '../../src/requests/raise-ceiling.ts';
import {
  developer,
  kindsOf,
  onlyT1,
  raiseRequest,
  removeWorlds,
  resume,
  start,
  tight,
} from './ceiling-world.ts';
import { deliver } from './small-team.ts';

afterEach(removeWorlds);

describe('the policy’s ceilings', () => {
  test('are read by every worker that starts; what a person raised is not lowered by them', async () => {
    const world = await start({
      ceilings: { meshDayMicroUsd: tight, clusterDayMicroUsd: microUsd(9_000_000) },
    });
    const { project } = world;
    await project.add('Spend', onlyT1);
    await project.run();
    const ceilingOf = async (account: string) => (await project.journal.account(account))?.ceilingMicroUsd;
    await raiseCeiling(raiseRequest(world, { kind: 'mesh' }, { ceilingMicroUsd: 200_000 }));
    const lower = {
      itemMicroUsd: microUsd(40_000_000),
      meshDayMicroUsd: microUsd(110_000),
      clusterDayMicroUsd: microUsd(8_000_000),
    };
    world.set({ ceilings: lower });
    await project.run();
    expect(await ceilingOf('mesh:test@2026-11-21')).toBe(200_000);
    expect(await ceilingOf('cluster:test/main@2026-11-21')).toBe(8_000_000);
    expect(await ceilingOf('item:test/1')).toBe(40_000_000);
    world.set({
      ceilings: { meshDayMicroUsd: microUsd(300_000) },
      host: { dayMicroUsd: microUsd(7_000_000) },
    });
    await project.run();
    expect(await ceilingOf('mesh:test@2026-11-21')).toBe(300_000);
    expect(await ceilingOf('cluster:test/main@2026-11-21')).toBeNull();
    expect(await ceilingOf('host:test@2026-11-21')).toBe(7_000_000);
  });

  test('are raised by nobody but those whom they name', async () => {
    const world = await start({ ceilings: { meshDayMicroUsd: tight, raiseBy: ['alex-architect'] } });
    const { project } = world;
    await project.add('Spend', onlyT1);
    await project.run();
    const { pause } = await project.item(1);
    expect(pause).toMatchObject({ ask: '@alex-architect' });
    expect(pause?.message).toContain('@alex-architect may raise it: `meshwright resume mesh --ceiling-usd');
    await expect(raiseCeiling(raiseRequest(world, { kind: 'mesh' }))).rejects.toMatchObject({
      code: 'raise_not_allowed',
      message: 'sarah-pm may not raise a ceiling; @alex-architect may',
    });
    // Past every door: the item's owner refuses it as well.
    await resume(world, 60_000_000);
    await project.run();
    expect((await project.item(1)).status).toBe('paused');
    expect(await kindsOf(project, itemStream('test', 1))).toContain('item.message_ignored');
    await raiseCeiling(raiseRequest(world, { kind: 'mesh' }, { by: '@alex-architect' }));
    await project.run();
    expect((await project.item(1)).status).toBe('ready');
  });
});

describe('a threshold', () => {
  test('that a budget reaches is told once, to the mesh', async () => {
    const world = await start({ ceilings: { meshDayMicroUsd: microUsd(100_000), thresholdPermille: 500 } });
    const { project } = world;
    await project.add('Spend', onlyT1);
    await project.run();
    await raiseCeiling(raiseRequest(world, { kind: 'mesh' }));
    await project.run();
    const told = (await project.journal.read(streamId('mesh', 'test'))).filter(
      ({ data }) => data.message === 'budget_threshold_exceeded',
    );
    expect(told.map(({ data }) => data.about)).toMatchObject([
      { account: 'mesh:test@2026-11-21', ceilingMicroUsd: 100_000, permille: 500 },
    ]);
    expect(told[0]?.actor).toBe(developer);
  });
});

describe('what the policy says for when little is left', () => {
  test('gives whoever is seated then a smaller model, fewer attempts and a narrower task', async () => {
    let reviews = 0;
    const prompts: string[] = [];
    const world = await start(
      {
        ceilings: { itemMicroUsd: microUsd(1_000_000) },
        degrade: [{ below: 0.99, tier: 'small', attempts: 1, narrow: true }],
      },
      {
        reviewer: (request, turn) => {
          const [first] = request.messages[0]?.content ?? [];
          if (first?.type === 'text') prompts.push(first.text);
          reviews += 1;
          if (reviews > 1)
            return deliver(turn, 'verdict.json', { verdict: 'pass', summary: 'ok', findings: [] });
          return { failure: overloaded };
        },
      },
    );
    const { project } = world;
    await project.add('Spend', onlyT1);
    await project.run();
    const seatedAs = async (...rest: (string | number)[]) =>
      (await project.journal.read(streamId('agent', 'test', 1, ...rest)))[0]?.data;
    expect(await seatedAs('build/T1/developer', 1, 1)).not.toMatchObject({ tier: 'small' });
    expect(await seatedAs('verify/reviewer', 1, 1)).toMatchObject({
      tier: 'small',
      why: expect.stringContaining('money is running out'),
    });
    expect(prompts[0]).toContain('finish the narrowest part of your task');
    // One attempt, not the policy's four: the failure ends the run, and the step begins anew.
    const kinds = await kindsOf(project, streamId('agent', 'test', 1, 'verify/reviewer', 1, 1));
    expect(kinds.filter((kind) => kind === 'model.call_intended')).toHaveLength(1);
    expect(kinds).toContain('agent.finished');
  });
});

const overloaded: ModelFailure = {
  kind: 'overloaded',
  message: 'overloaded',
  isRetryable: true,
  retryAfterMs: null,
  mayHaveBilled: false,
  usage: null,
};
