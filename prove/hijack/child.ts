/** A child process of the hijacked model's runs; with a name as its argument it runs the product without that guard. */
import { serveOrders } from '../serve-orders.ts';
import { plantGuard } from './plant-guard.ts';
import { plantedGuards } from './planted-guards.ts';

const [name] = process.argv.slice(2);
const guard = plantedGuards.find((each) => each.name === name);
if (name !== undefined && !guard) throw new Error(`there is no guard ${name}`);
if (guard) plantGuard(guard);
const { runSegment } = await import('./run-segment.ts');

serveOrders(runSegment);
