/**
 * `node prove/simulate-seed.ts --seed n [--shrink] [--bug <name>] [--events n]`: runs one simulated world and tells it in
 * plain lines; exit code 1 when a promise was broken.
 */
import { parseArgs } from 'node:util';
import { plantBug } from './simulate/plant-bug.ts';
import { plantedBugs } from './simulate/planted-bugs.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    shrink: { type: 'boolean', default: false },
    bug: { type: 'string' },
    events: { type: 'string', default: '30' },
  },
});
const bug = plantedBugs.find(({ name }) => name === values.bug);
if (values.seed === undefined || (values.bug !== undefined && !bug)) {
  process.stderr.write(
    `--seed <n> is needed; --bug is one of: ${plantedBugs.map(({ name }) => name).join(', ')}\n`,
  );
  process.exit(2);
}
if (bug) plantBug(bug);
const { drawPlan } = await import('../src/simulate/draw-plan.ts');
const { runPlan } = await import('../src/simulate/run-plan.ts');
const { shrinkPlan } = await import('../src/simulate/shrink.ts');
const { describeRun } = await import('../src/simulate/describe-run.ts');

let outcome = await runPlan(drawPlan(Number(values.seed)));
if (values.shrink && outcome.violations.length > 0) {
  const { outcome: shrunk, runCount } = await shrinkPlan(outcome);
  process.stdout.write(`shrunk from ${outcome.history.length} events in ${runCount} runs\n`);
  outcome = shrunk;
}
process.stdout.write(`${describeRun(outcome, Number(values.events)).join('\n')}\n`);
process.exitCode = outcome.violations.length > 0 ? 1 : 0;
