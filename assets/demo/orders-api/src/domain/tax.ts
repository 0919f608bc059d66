import { type Cents, percentOf } from './money.ts';

/** Where a customer is taxed. */
export type Region = 'CH' | 'DE' | 'FR' | 'US';

const ratePercent: Readonly<Record<Region, number>> = { CH: 8.1, DE: 19, FR: 20, US: 0 };

export const regions = Object.keys(ratePercent) as readonly Region[];

export function taxOn(taxable: Cents, region: Region): Cents {
  return percentOf(taxable, ratePercent[region]);
}
