/** Our own figures of the suite `cost-per-step`: one run of thousands of steps, and what a run of ten leaves behind. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import type { ProveServer } from '../prove-server.ts';
import { openOwnBench, runOwn } from './own-runs.ts';
import { type Stretch, watchSteps } from './step-watch.ts';
import { openStoredBytes } from './stored-bytes.ts';
import { runsPerVacuum, type Shape, shapes, shortRunSteps, stateBytes } from './workload.ts';

export interface CostFigures {
  steps: number;
  early: Stretch;
  late: Stretch;
  /** Stored bytes of a run of ten steps, as a multiple of its 45 KB. */
  storedPerState: Record<Shape, number>;
}

/** Before bytes are counted, so that the first page of every table is there. */
const warmUpRuns = 5;
const stepsPerTurn = 2;

export async function measureOwn(
  server: ProveServer,
  size: { steps: number; shortRuns: number },
): Promise<CostFigures> {
  const dir = mkdtempSync(path.join(tmpdir(), 'mesh-prove-cost-'));
  const database = await server.createDatabase();
  const journal = await openPostgresJournal({ url: database.url });
  const stored = await openStoredBytes(database.url, 'meshwright');
  try {
    const bench = await openOwnBench(journal, dir);
    const storedPerState = { document: 0, conversation: 0, authored: 0 };
    for (const shape of shapes) {
      let before = 0;
      for (let run = -warmUpRuns; run < size.shortRuns; run += 1) {
        if (run % runsPerVacuum === 0) await stored.vacuum();
        if (run === 0) before = await stored.read();
        await runOwn(bench, {
          name: `${shape}-${run + warmUpRuns}`,
          shape,
          turns: shortRunSteps / stepsPerTurn,
        });
      }
      const perRun = ((await stored.read()) - before) / size.shortRuns;
      storedPerState[shape] = Number((perRun / stateBytes).toFixed(2));
    }
    const { steps } = size;
    const watch = watchSteps({ steps, stepsPerMark: stepsPerTurn }, () => stored.read());
    const turns = steps / stepsPerTurn;
    await runOwn(bench, { name: 'long', shape: 'document', turns, onTurn: (done) => watch.onMark(done) });
    return { steps, early: watch.early(), late: watch.late(), storedPerState };
  } finally {
    await stored.close();
    await journal.close();
    await database.drop();
    rmSync(dir, { recursive: true, force: true });
  }
}
