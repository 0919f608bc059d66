import { expect, it } from 'vitest';
import type { CellDriver, CellSpec } from './cell.ts';
import { processDriver } from './process-cell.ts';
import { withoutNetwork } from './without-network.ts';

it('opens every cell without a host that it may reach, and changes nothing else', async () => {
  const opened: CellSpec[] = [];
  const stop = new Error('opened');
  const driver: CellDriver = {
    ...processDriver(),
    open: async (spec) => {
      opened.push(spec);
      throw stop;
    },
  };
  const limits = { memoryMb: 1, processes: 1, commandTimeoutMs: 1, outputBytes: 1, fileBytes: 1 };
  const spec = { id: 'a', workspace: '/w', isWorkspaceWritable: true, readable: [], env: {}, limits };
  const asked: CellSpec = { ...spec, allowedHosts: ['registry.example.invalid'] };
  await expect(withoutNetwork(driver).open(asked)).rejects.toBe(stop);
  expect(opened).toEqual([{ ...asked, allowedHosts: [] }]);
  expect(withoutNetwork(driver).name).toBe('process');
});
