/** `npm run prove [suite…] [-- --quick] [--resume]`: runs the suites that are named, or all of them, one after another. */
import path from 'node:path';
import { runSuite } from './run-suite.ts';
import { suites } from './suites.ts';

const args = process.argv.slice(2);
const options = new Set(args.filter((arg) => arg.startsWith('--')));
const names = args.filter((arg) => !arg.startsWith('--'));
const known = suites.map(({ name }) => name);
const strange = [
  ...names.filter((name) => !known.includes(name)),
  ...[...options].filter((option) => option !== '--quick' && option !== '--resume'),
];

if (strange.length > 0) {
  process.stderr.write(
    `unknown: ${strange.join(', ')}\nsuites: ${known.join(', ')}\noptions: --quick (a sample of each), --resume (go on after an interruption)\n`,
  );
  process.exitCode = 2;
} else {
  for (const suite of suites.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const { isPassed } = await runSuite(suite, {
      isQuick: options.has('--quick'),
      isResumed: options.has('--resume'),
      databaseUrl: process.env.DATABASE_URL,
      root: path.resolve(import.meta.dirname, '..'),
      say: (line) => process.stdout.write(`${line}\n`),
    });
    if (!isPassed) process.exitCode = 1;
  }
}
