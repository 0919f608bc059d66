import { type Coupon, couponDiscount } from './discount.ts';
import { type Cents, sumCents } from './money.ts';
import { type Region, taxOn } from './tax.ts';

export interface OrderLine {
  sku: string;
  quantity: number;
  unitCents: Cents;
}

export interface OrderPrice {
  subtotalCents: Cents;
  discountCents: Cents;
  taxCents: Cents;
  totalCents: Cents;
}

export function lineCents(line: OrderLine): Cents {
  return line.quantity * line.unitCents;
}

/** Discounts come off first; tax is charged on what is left. */
export function priceOrder(lines: readonly OrderLine[], coupon: Coupon | null, region: Region): OrderPrice {
  const subtotalCents = sumCents(lines.map(lineCents));
  const discountCents = couponDiscount(subtotalCents, coupon);
  const taxableCents = subtotalCents - discountCents;
  const taxCents = taxOn(taxableCents, region);
  return { subtotalCents, discountCents, taxCents, totalCents: taxableCents + taxCents };
}
