/** A whole item through the real model clients over HTTP, in both protocols: it lands, and what it cost is what was billed. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  accountOf,
  billMicroUsd,
  journalText,
  startWireWorld,
  type WireWorld,
  wireKeyCore,
  wireProtocols,
} from './wire-team.ts';

const open: WireWorld[] = [];
afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

describe.each(wireProtocols)('a whole item over the $name protocol', (protocol) => {
  it('is planned, built side by side, verified, accepted and landed, for exactly what the provider billed', async () => {
    const world = await startWireWorld(protocol);
    open.push(world);
    const { project, server } = world;
    const number = await project.add('Make three files');
    await project.run();
    expect(await project.item(number)).toMatchObject({ status: 'ready', pause: null });
    await project.accept(number);

    const landed = await project.item(number);
    expect(landed.status).toBe('landed');
    expect(await project.git('rev-parse', 'main')).toBe(landed.landedCommit);
    expect(await project.git('show', 'main:T3.txt')).toBe('by developer T3');

    const account = await accountOf(world, number);
    expect(server.billed).toHaveLength(11);
    expect(account).toMatchObject({ spentMicroUsd: billMicroUsd(server), reservedMicroUsd: 0 });
    expect(landed.costMicroUsd).toBe(account.spentMicroUsd);
    const tokens = (kind: 'cacheReadTokens' | 'cacheWriteTokens') =>
      server.billed.reduce((sum, { usage }) => sum + usage[kind], 0);
    expect(tokens('cacheReadTokens')).toBeGreaterThan(0);
    if (protocol.name === 'anthropic') expect(tokens('cacheWriteTokens')).toBeGreaterThan(0);
  });

  it('bounds the output of every request, offers only the role’s tools, and shows no key to anybody', async () => {
    const world = await startWireWorld(protocol);
    open.push(world);
    const { project, server } = world;
    const number = await project.add('Make three files');
    await project.run();
    await project.accept(number);
    expect((await project.item(number)).status).toBe('landed');

    const { maxOutputTokens } = project.context.policy.models;
    expect(server.requests.map((request) => request.maxOutputTokens)).toEqual(
      server.requests.map(() => maxOutputTokens),
    );
    const offered = new Map(server.requests.map(({ system, tools }) => [system.split(' ')[3], tools]));
    const asking = ['ask', 'decline'];
    const files = ['read', 'glob', 'grep'];
    const writing = ['read', 'write', 'edit', 'glob', 'grep', 'run', 'shell'];
    expect(offered.get('developer')).toEqual([...writing, ...asking]);
    expect(offered.get('planner')).toEqual([...files, 'deliver', ...asking]);
    expect(offered.get('reviewer')).toEqual([...files, 'deliver', ...asking]);
    expect(server.requests.every(({ tools }) => tools.length > 0)).toBe(true);

    const sent = JSON.stringify(server.requests.map(({ body }) => body));
    const kept = await journalText(project.journal);
    expect(kept).toContain('You are the developer of a software team');
    expect(sent).not.toContain(wireKeyCore);
    expect(kept).not.toContain(wireKeyCore);
  });
});
