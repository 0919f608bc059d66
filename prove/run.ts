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
  const stopped = new AbortController();
  // The second one ends everything at once.
  process.once('SIGINT', () => {
    process.stdout.write('Stopping after what is being done; go on with --resume. Once more: at once.\n');
    stopped.abort(new Error('stopped'));
  });
  for (const suite of suites.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const { isPassed } = await runSuite(suite, {
      isQuick: options.has('--quick'),
      isResumed: options.has('--resume'),
      databaseUrl: process.env.DATABASE_URL,
      root: path.resolve(import.meta.dirname, '..'),
      say: (line) => process.stdout.write(`${line}\n`),
      signal: stopped.signal,
    }).catch((error: unknown) => {
      if (stopped.signal.aborted) return { isPassed: false };
      throw error;
    });
    if (!isPassed) process.exitCode = 1;
    if (stopped.signal.aborted) break;
  }
}
