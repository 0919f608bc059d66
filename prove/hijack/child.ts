/** A child process of the hijacked model's runs: gets segments by message, one after another; with a name as its argument it runs the product without that guard. */
import { plantGuard } from './plant-guard.ts';
import { plantedGuards } from './planted-guards.ts';
import type { SegmentOrder } from './run-segment.ts';

const [name] = process.argv.slice(2);
const guard = plantedGuards.find((each) => each.name === name);
if (name !== undefined && !guard) throw new Error(`there is no guard ${name}`);
if (guard) plantGuard(guard);
const { runSegment } = await import('./run-segment.ts');

process.on('message', (order: SegmentOrder) => {
  runSegment(order).then(
    (outcome) => process.send?.(outcome),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
