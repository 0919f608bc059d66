/**
 * A sample of the suite `kills` (`npm run prove kills`): the command line kills real workers' agents, items, cluster and mesh, and
 * what still happens is looked for in the process table, in files, at the model server and in the journal.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dealKill } from '../../prove/controls/deal-kill.ts';
import { describeCase, killCases, sampleCases } from '../../prove/controls/kill-case.ts';
import { openProveServer, type ProveServer } from '../../prove/prove-server.ts';

let server: ProveServer;
beforeAll(async () => {
  server = await openProveServer(undefined);
});
afterAll(() => server.close());

describe.runIf(process.platform === 'linux')(
  'a second after `meshwright kill` nothing is done any more',
  () => {
    it.each(sampleCases.map((dealt) => [describeCase(dealt), dealt] as const))(
      'of what was killed: %s; resumed, it comes to its end',
      async (_, dealt) => {
        const { problems } = await dealKill(server, dealt);
        expect(problems).toEqual([]);
      },
      90_000,
    );
  },
);

it('the whole suite deals at least fifty, all of them different', () => {
  expect(new Set(killCases.map(describeCase)).size).toBe(killCases.length);
  expect(killCases.length).toBeGreaterThanOrEqual(50);
});
