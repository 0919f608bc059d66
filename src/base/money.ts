/** Money as integer micro-dollars (1 USD = 1,000,000), so that sums are exact. Knows nothing of prices or accounts. */
import type { Brand } from './brand.ts';

export type MicroUsd = Brand<number, 'MicroUsd'>;

/** @throws RangeError when the amount is not a safe integer. */
export function microUsd(amount: number): MicroUsd {
  if (!Number.isSafeInteger(amount))
    throw new RangeError(`not an integer amount of micro-dollars: ${amount}`);
  return amount as MicroUsd;
}

/** Converts dollars as a person writes them; rounds to the nearest micro-dollar. */
export function microUsdFromUsd(usd: number): MicroUsd {
  return microUsd(Math.round(usd * 1_000_000));
}

/** `$1.24`, or with four decimals below one cent (`$0.0031`), so that small spend is never shown as nothing. */
export function formatUsd(amount: number): string {
  const usd = Math.abs(amount) / 1_000_000;
  const digits = amount !== 0 && usd < 0.01 ? 4 : 2;
  return `${amount < 0 ? '-' : ''}$${usd.toFixed(digits)}`;
}
