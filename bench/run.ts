/** `npm run bench -- <name> [--json] [--out file]`: runs one benchmark. */
import { benchDoor } from './door.ts';
import { benchJournal } from './journal.ts';

const [name, ...options] = process.argv.slice(2);
const outIndex = options.indexOf('--out');
const outFile = outIndex >= 0 ? options[outIndex + 1] : undefined;

const benches: Record<string, typeof benchJournal> = { journal: benchJournal, door: benchDoor };
const bench = name !== undefined && Object.hasOwn(benches, name) ? benches[name] : undefined;

if (bench) {
  await bench({ isJson: options.includes('--json'), outFile });
} else {
  console.error(
    `unknown benchmark ${JSON.stringify(name ?? '')}; there are: ${Object.keys(benches).join(', ')}`,
  );
  process.exitCode = 2;
}
