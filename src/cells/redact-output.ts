/** Cells whose commands' output passes a redactor before anybody sees or cuts it. Files are as they are: edits write them back. */
import type { CellDriver } from './cell.ts';

export function redactOutput(driver: CellDriver, redact: (text: string) => string): CellDriver {
  return {
    ...driver,
    async open(spec) {
      const cell = await driver.open(spec);
      return {
        ...cell,
        async exec(request, signal) {
          const result = await cell.exec(request, signal);
          return { ...result, stdout: redact(result.stdout), stderr: redact(result.stderr) };
        },
      };
    },
  };
}
