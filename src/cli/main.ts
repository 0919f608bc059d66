/** The process: bin/meshwright.js imports it, and it runs what the command line says. */
import { messageOf } from '../base/errors.ts';
import { visibleText } from '../base/visible-text.ts';
import { runProgram } from './program.ts';

// A reader that has seen enough (`| head`) closes the pipe: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  // A command that works puts everything down first, as for any other end.
  if (!process.emit('SIGTERM')) process.exit(0);
});

try {
  process.exitCode = await runProgram(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`error: ${visibleText(messageOf(error))}\n`);
  process.exitCode = 1;
}
