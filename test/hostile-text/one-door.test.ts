/** Text of others is made visible where it is printed, so there is one place that prints. */
import { expect, test } from 'vitest';
import { readSources } from '../architecture/read-sources.ts';

/** The terminal itself; the last resort when not even that could be made; the export, which is bytes for a file. */
const doors = ['src/cli/terminal.ts', 'src/cli/main.ts', 'src/cli/commands/export.ts'];
/** Programs of their own, whose output a program of ours reads. */
const programs = /^src\/(cells\/inside|postgres\/supervisor)/;

test('nothing but the terminal writes to standard output or standard error', async () => {
  const sources = await readSources();
  const writers = sources.filter(
    ({ path, text }) =>
      path.startsWith('src/') &&
      !/(\.test|-contract)\.ts$/.test(path) &&
      !programs.test(path) &&
      /\bconsole\.|process\.std(out|err)\.write/.test(text),
  );
  expect(writers.map(({ path }) => path).filter((path) => !doors.includes(path))).toEqual([]);
});
