/** The clock of a worker's machine may be wrong; the database's decides what is due. */
import { expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { runWorker } from '../../src/worker/worker.ts';
import { createTestProject, inNextProcess } from '../harness/project.ts';
import { say, smallFiles, smallTeam, write } from './small-team.ts';

test('work that a worker with a fast clock puts down is taken up at once, not when that clock is right', async () => {
  const leaving = new AbortController();
  const project = await createTestProject({
    files: smallFiles,
    model: smallTeam({
      developer: (_, turn) => {
        leaving.abort();
        return turn === 0 ? write('T1.txt', 'one\n') : say('done');
      },
    }),
    change: (context) => ({ ...context, clock: { ...systemClock, now: () => Date.now() + 3_600_000 } }),
  });
  try {
    const number = await project.add('Go on', {
      summary: 'one',
      tasks: [{ id: 'T1', title: 'one', instructions: 'x', after: [] }],
    });
    await project.run(leaving.signal);
    expect((await project.item(number)).status).toBe('running');
    const { journal, context } = project;
    const next = inNextProcess({ ...context, clock: systemClock }, { journal, owner: 'next' });
    await runWorker(next, { untilIdle: true, signal: AbortSignal.timeout(20_000) });
    expect((await project.item(number)).status).toBe('ready');
  } finally {
    await project.remove();
  }
});
