import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** All tests in this one process: starting one for every file would take longer than the tests do. */
const tests = run({ globPatterns: ['test/**/*.test.ts'], isolation: 'none' });

tests.on('test:fail', () => {
  process.exitCode = 1;
});
tests.compose(new spec()).pipe(process.stdout);
