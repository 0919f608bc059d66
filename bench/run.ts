/** `npm run bench -- <name> [--json] [--out file]`: runs one benchmark. */
import { benchJournal } from './journal.ts';

const [name, ...options] = process.argv.slice(2);
const outIndex = options.indexOf('--out');
const outFile = outIndex >= 0 ? options[outIndex + 1] : undefined;

if (name === 'journal') {
  await benchJournal({ isJson: options.includes('--json'), outFile });
} else {
  console.error(`unknown benchmark ${JSON.stringify(name ?? '')}; there is: journal`);
  process.exitCode = 2;
}
