/** Dollars as a person writes them in a file: `2`, `0.5`, `"$2"`. */
import { z } from 'zod';
import { type MicroUsd, microUsdFromUsd } from '../base/money.ts';

const usdMessage = 'must be dollars, such as 2, 0.5 or "$2"';
const usdSchema = z.union([
  z.number(),
  z.string().regex(/^\$?\d+(\.\d+)?$/, { error: usdMessage, abort: true }),
]);

export const ceilingSchema = usdSchema.refine((value) => usdFromText(value) > 0, 'must be more than $0');
export const priceSchema = usdSchema.refine((value) => usdFromText(value) >= 0, 'must not be less than $0');

/** Dollars out of `2`, `"2"` or `"$2"`. */
export function usdFromText(value: number | string): number {
  return typeof value === 'number' ? value : Number(value.replace('$', ''));
}

/** Null where the file says nothing. */
export function optionalMicroUsd(value: number | string | undefined): MicroUsd | null {
  return value === undefined ? null : microUsdFromUsd(usdFromText(value));
}
