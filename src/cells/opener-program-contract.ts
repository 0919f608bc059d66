/** A process of its own that opens cells and is stopped or killed from outside: for the tests of what is left behind. */
import { bubblewrapDriver } from './bubblewrap-cell.ts';
import type { CellSpec } from './cell.ts';
import { processDriver } from './process-cell.ts';

interface Order {
  driver: 'process' | 'bubblewrap';
  cellsDir: string;
  spec: CellSpec;
  /** Runs in the cell once it is open. */
  argv: string[];
  /** Stops itself (SIGSTOP) when the private folder is there and nothing has been started yet. */
  stopsItself: boolean;
}

const order = JSON.parse(process.argv[2] ?? '') as Order;
const create = order.driver === 'process' ? processDriver : bubblewrapDriver;
const { env } = order.spec;
if (order.stopsItself) {
  // Drivers read it between the two.
  Object.defineProperty(order.spec, 'env', {
    enumerable: true,
    get: () => {
      process.kill(process.pid, 'SIGSTOP');
      return env;
    },
  });
}
process.stdout.write('opening\n');
try {
  const cell = await create({ cellsDir: order.cellsDir, upstreamProxy: null }).open(order.spec);
  process.stdout.write('open\n');
  await cell.exec({ argv: order.argv });
  process.stdout.write('done\n');
} catch (error) {
  process.stdout.write(`failed ${error instanceof Error ? error.message : String(error)}\n`);
}
