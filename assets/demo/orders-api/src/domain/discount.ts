import { type Cents, percentOf } from './money.ts';

export type Coupon = { kind: 'percent'; percent: number } | { kind: 'amount'; cents: Cents };

/** What a coupon takes off an amount: never more than the amount itself. */
export function couponDiscount(amount: Cents, coupon: Coupon | null): Cents {
  if (coupon === null) return 0;
  const wanted = coupon.kind === 'percent' ? percentOf(amount, coupon.percent) : coupon.cents;
  return Math.min(wanted, amount);
}
