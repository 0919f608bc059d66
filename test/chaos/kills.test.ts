/**
 * A sample of the kill suites (`npm run prove kill-sweep random-kills`): real worker processes, real SIGKILL, and what came of
 * it looked up in git, in the database, in the process table and in the model server's book.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runRandomly } from '../../prove/kill/random-run.ts';
import { runOnce } from '../../prove/kill/run-once.ts';
import { openProveServer, type ProveServer } from '../../prove/prove-server.ts';

let server: ProveServer;
beforeAll(async () => {
  server = await openProveServer(undefined);
});
afterAll(() => server.close());

/** A reply paid for and not kept, a file written, a commit made, a branch moved, a decision, a landing. */
const killAt = [
  'after model 1/plan/planner/1 turn 1',
  'before append agent:orders/1/build/T1/developer/1 tool.call_finished[call-0_1]',
  'after commitTree agent:orders/2/build/T2/developer/1',
  'after moveRef refs/heads/mesh/3 to agent:orders/3/build/T1/developer/1',
  'after append item:orders/3 phase.entered[ship 1]+item.ready',
  'after advanceBranch main to orders/1@#',
];
const everythingLanded = { problems: [], askedCount: 0, leftWorkspaces: 0, leftCells: 0 };

describe('three items', () => {
  let tree: string | null = null;

  it('whose worker is killed at six boundaries land: nothing is lost, nothing is there twice', async () => {
    const run = await runOnce({ server, killAt, takesNotes: false, expectedTree: null, boundMs: 110_000 });
    tree = run.tree;
    expect(run).toMatchObject(everythingLanded);
    // What dies beside what else decides whether each of them comes up once more.
    expect(run.killedAt.length).toBeGreaterThanOrEqual(4);
    expect(run.doubts.repliesLost).toBeGreaterThan(0);
    expect(run.doubts.tapedCallsPaidTwice).toBe(0);
  }, 120_000);

  it('whose database server is killed under the worker land just the same', async () => {
    const run = await runRandomly({
      server,
      blows: [{ kind: 'kill_postgres', afterMs: 2_000 }],
      expectedTree: tree,
      boundMs: 110_000,
    });
    expect(run).toMatchObject(everythingLanded);
    expect(run.dealt).toHaveLength(1);
  }, 120_000);
});
