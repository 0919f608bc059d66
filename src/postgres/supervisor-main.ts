/** The supervisor's process: `node supervisor-main.js <home>`, detached, its output in the home's postgres.log. */
import { messageOf } from '../base/errors.ts';
import { preparePaths } from './server-paths.ts';
import { runSupervisor } from './supervisor.ts';

const home = process.argv[2];
if (home === undefined) throw new Error('usage: supervisor-main <home>');

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
const log = (line: string): void =>
  console.log(`${new Date().toISOString()} supervisor ${process.pid}: ${line}`);

try {
  // Descriptor 1 is the log file already; the server writes to the same one.
  await runSupervisor(preparePaths(home), { logFd: 1, log, stop: stop.signal });
  process.exit(0);
} catch (error) {
  log(messageOf(error));
  process.exit(1);
}
