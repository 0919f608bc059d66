/** Numbers and amounts as a person types them. */
import { MeshwrightError } from '../base/errors.ts';
import { formatUsd, microUsdFromUsd } from '../base/money.ts';

/** `2`, `#2` or `item:2`. @param hint of what the command takes besides. @throws MeshwrightError `usage`. */
export function parseItemNumber(given: string, hint = 'Give its number, e.g. 2.'): number {
  const match = /^(?:#|item:)?(\d{1,9})$/.exec(given);
  if (match) return Number(match[1]);
  throw new MeshwrightError('usage', `not an item: ${given}`, { hint, exitCode: 2 });
}

/** @throws MeshwrightError `usage`. */
export function parseEventNumber(given: string): number {
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given);
  throw new MeshwrightError('usage', `not an event: ${given}`, {
    hint: 'Give its number, as `meshwright log` shows it.',
    exitCode: 2,
  });
}

/** `3`, `3.50` or `$3`. @throws MeshwrightError `usage`. */
export function parseUsd(given: string): number {
  const match = /^\$?(\d{1,7}(?:\.\d{1,6})?)$/.exec(given);
  if (match) return microUsdFromUsd(Number(match[1]));
  throw new MeshwrightError('usage', `not an amount: ${given}`, {
    hint: `Give dollars, e.g. ${formatUsd(3_000_000).slice(1)}.`,
    exitCode: 2,
  });
}
