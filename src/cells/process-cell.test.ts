import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findProcesses, setUpBench } from './bench-for-contract.ts';
import { describeCellContract } from './cell-contract.ts';
import { processDriver } from './process-cell.ts';

const create = (base: string) => processDriver({ cellsDir: join(base, 'cells'), upstreamProxy: null });

describeCellContract('process', create);

const bench = setUpBench(create);

it('removes the private folder of the cell when it is closed', async () => {
  const cell = await bench.open();
  expect(readdirSync(join(bench.base(), 'cells'))).toHaveLength(1);
  await cell.close();
  expect(readdirSync(join(bench.base(), 'cells'))).toEqual([]);
});

it('reports a cell whose program was killed, and still ends what it ran', async () => {
  const cell = await bench.open();
  const running = cell.exec({ argv: ['sleep', '4242.4242'] }).catch((error: unknown) => error);
  while (findProcesses('4242.4242').length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  process.kill(cell.pid, 'SIGKILL');
  expect(await running).toMatchObject({ code: 'cell_ended' });
  await cell.close();
  expect(findProcesses('4242.4242')).toEqual([]);
});

it('says that it isolates nothing', () => {
  expect(create('/tmp')).toMatchObject({ name: 'process', isIsolated: false });
});
