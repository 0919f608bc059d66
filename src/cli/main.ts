/** The process: bin/meshwright.js imports it, and it runs what the command line says. */
import { messageOf } from '../base/errors.ts';
import { runProgram } from './program.ts';

try {
  process.exitCode = await runProgram(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`error: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
