/** What goes wrong with a provider in the middle of an item: once, and for ever. */
import { afterEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { askOfItem } from '../../src/requests/ask-of-item.ts';
import { describeEvent } from '../../src/views/describe-event.ts';
import type { Fault } from '../doubles/model-server.ts';
import {
  accountOf,
  billMicroUsd,
  journalText,
  startWireWorld,
  type WireWorld,
  wireKey,
  wireKeyCore,
  wireProtocols,
  wireTeam,
} from './wire-team.ts';

const open: WireWorld[] = [];
afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

/** An item of this team without faults. */
const cleanRequests = 11;

const passing: { fault: Fault; isBilled: boolean; leastDelayMs: number }[] = [
  { fault: { kind: 'rate_limited', retryAfter: '7' }, isBilled: false, leastDelayMs: 7_000 },
  { fault: { kind: 'overloaded' }, isBilled: false, leastDelayMs: 500 },
  { fault: { kind: 'cut_body' }, isBilled: true, leastDelayMs: 500 },
  { fault: { kind: 'hang_up' }, isBilled: true, leastDelayMs: 500 },
  { fault: { kind: 'malformed_json' }, isBilled: true, leastDelayMs: 500 },
  { fault: { kind: 'empty' }, isBilled: true, leastDelayMs: 500 },
];

/** A world whose server fails as told from the moment in which the first developer is answered. */
async function startFailing(protocol: (typeof wireProtocols)[number], faults: Fault[]): Promise<WireWorld> {
  let isArmed = true;
  const world = await startWireWorld(protocol, {
    brain: wireTeam(({ role }) => {
      if (role !== 'developer' || !isArmed) return;
      isArmed = false;
      for (const fault of faults) world.server.addFault(fault);
    }),
  });
  open.push(world);
  return world;
}

/** The second protocol goes through the same hands: what it could do otherwise is to read limits, bodies and empty answers. */
const ofBoth: readonly Fault['kind'][] = ['rate_limited', 'cut_body', 'empty'];

describe.each(wireProtocols)('a fault in the middle of an item over the $name protocol', (protocol) => {
  const faults =
    protocol.name === 'anthropic' ? passing : passing.filter(({ fault }) => ofBoth.includes(fault.kind));
  it.each(faults)(
    '$fault.kind once: the item lands, one call is repeated, the charge covers the bill',
    async (passed) => {
      const world = await startFailing(protocol, [passed.fault]);
      const { project, server } = world;
      const number = await project.add('Make three files');
      await project.run();
      await project.accept(number);
      expect((await project.item(number)).status).toBe('landed');
      expect(server.servedCount).toBe(cleanRequests + 1);
      expect(server.billed).toHaveLength(cleanRequests + (passed.isBilled ? 1 : 0));
      const events = await project.journal.readAll({ after: 0, limit: 10_000 });
      const waits = events.flatMap(({ kind, data }) =>
        kind === 'model.call_failed' ? [data.retryInMs] : [],
      );
      expect(waits).toHaveLength(1);
      expect(waits[0]).toBeGreaterThanOrEqual(passed.leastDelayMs);

      const { spentMicroUsd, reservedMicroUsd } = await accountOf(world, number);
      const bill = billMicroUsd(server);
      expect(reservedMicroUsd).toBe(0);
      // Where the failed answer tells its tokens, or surely cost nothing, the charge is exact.
      if (!passed.isBilled || passed.fault.kind === 'empty') expect(spentMicroUsd).toBe(bill);
      else expect(spentMicroUsd).toBeGreaterThan(bill);
    },
  );
});

const lasting: { name: string; fault: Fault; perStep: number; says: RegExp }[] = [
  { name: 'always overloaded', fault: { kind: 'overloaded' }, perStep: 12, says: /overloaded \(529\)/ },
  {
    name: 'a key that is not accepted',
    fault: {
      kind: 'status',
      status: 401,
      type: 'authentication_error',
      message: `invalid x-api-key: ${wireKey}`,
    },
    perStep: 1,
    says: /does not accept the key \(401\)/,
  },
];

describe.each(wireProtocols)('a provider that stays broken, over the $name protocol', (protocol) => {
  it.each(lasting)(
    '$name from the start: the item waits for a person with one clear line, and nothing goes round',
    async (broken) => {
      const world = await startWireWorld(protocol, { faults: Array<Fault>(500).fill(broken.fault) });
      open.push(world);
      const { project, server } = world;
      const number = await project.add('Make three files');
      await project.run();
      const { status, pause } = await project.item(number);
      expect(status).toBe('paused');
      expect(pause?.reason).toBe('breaker');
      expect(pause?.message).toMatch(broken.says);
      expect(pause?.message).not.toContain('\n');
      expect(server.servedCount).toBe(broken.perStep);
      expect(await accountOf(world, number)).toMatchObject({ spentMicroUsd: 0, reservedMicroUsd: 0 });

      await project.run();
      expect(server.servedCount).toBe(broken.perStep);
      const shown = (await project.journal.readAll({ after: 0, limit: 1_000 })).map(
        (event) => describeEvent(event, true)?.text ?? '',
      );
      expect(shown.join('\n')).toMatch(broken.says);
      expect(shown.join('\n')).not.toContain(wireKeyCore);
      expect(await journalText(project.journal)).not.toContain(wireKeyCore);
    },
  );
});

describe('a provider that recovers after the item was given to a person', () => {
  it('goes on where it stopped when the person resumes it: nothing that was built is built again', async () => {
    const [protocol] = wireProtocols;
    const world = await startFailing(protocol, Array<Fault>(2).fill({ kind: 'status', status: 401 }));
    const { project, server } = world;
    const number = await project.add('Make three files');
    await project.run();
    expect((await project.item(number)).status).toBe('paused');
    const planned = server.billed.length;
    expect(server.servedCount).toBeLessThanOrEqual(planned + 2);

    const request = { kind: 'resume', by: 'test', ceilingMicroUsd: null } as const;
    await askOfItem({ journal: project.journal, newId, project: 'test', number, request });
    await project.run();
    await project.accept(number);
    expect((await project.item(number)).status).toBe('landed');
    const planner = server.requests.filter(({ system }) => system.startsWith('You are the planner'));
    expect(planner).toHaveLength(2);
    expect(await accountOf(world, number)).toMatchObject({ spentMicroUsd: billMicroUsd(server) });
  });
});
