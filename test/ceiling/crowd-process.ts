/**
 * A process of its own that runs a crowd on a database: `crowd-process.ts <url> <options as JSON>`. It says `ready` when it
 * is connected, begins when its input ends, and prints its report.
 */
import { text } from 'node:stream/consumers';
import { openPostgresJournal } from '../../src/postgres/journal.ts';
import { type CrowdOptions, runCrowd } from './crowd.ts';

const [url = '', options = ''] = process.argv.slice(2);
const journal = await openPostgresJournal({ url });
try {
  process.stdout.write('ready\n');
  await text(process.stdin);
  process.stdout.write(JSON.stringify(await runCrowd(journal, JSON.parse(options) as CrowdOptions)));
} finally {
  await journal.close();
}
