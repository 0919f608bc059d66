import { MeshwrightError } from '../base/errors.ts';
import { visibleLine } from '../base/visible-text.ts';

const maxHandle = 100;

/**
 * Who is asking, as it is recorded: the same spelling for the same name (NFC, without its `@`), nothing in it that hides or steers.
 * @throws MeshwrightError `usage`.
 */
export function personHandle(given: string): string {
  const handle = given.normalize('NFC').trim().replace(/^@/, '');
  if (handle !== '' && handle.length <= maxHandle && visibleLine(handle) === handle && !handle.includes('\t'))
    return handle;
  throw new MeshwrightError(
    'usage',
    `the person's name cannot be used: ${handle.slice(0, maxHandle) || '(empty)'}`,
    { hint: `Set MESHWRIGHT_PERSON to a plain name of at most ${maxHandle} characters.`, exitCode: 2 },
  );
}
