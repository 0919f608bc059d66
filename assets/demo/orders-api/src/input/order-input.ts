import type { Coupon } from '../domain/discount.ts';
import type { OrderInput } from '../domain/order.ts';
import type { OrderLine } from '../domain/pricing.ts';
import { Fields, finishParsing, type Parsed } from './fields.ts';

/** Keeps every amount far below what a number can hold exactly. */
const maxUnitCents = 100_000_000;

export function parseOrderInput(body: unknown): Parsed<OrderInput> {
  const fields = new Fields(body);
  const customerId = fields.text('customerId', { maxLength: 40 });
  const lines = fields.list('lines', readLine);
  const coupon = fields.has('coupon') ? fields.object('coupon', readCoupon) : null;
  return finishParsing(fields, { customerId, lines, coupon });
}

function readLine(line: Fields): OrderLine {
  return {
    sku: line.text('sku', { maxLength: 40 }),
    quantity: line.integer('quantity', { min: 1, max: 100_000 }),
    unitCents: line.integer('unitCents', { min: 0, max: maxUnitCents }),
  };
}

function readCoupon(coupon: Fields): Coupon {
  const kind = coupon.oneOf('kind', ['percent', 'amount']);
  if (kind === 'amount') return { kind, cents: coupon.integer('cents', { min: 1, max: maxUnitCents }) };
  if (kind === 'percent') return { kind, percent: coupon.integer('percent', { min: 1, max: 100 }) };
  return { kind: 'amount', cents: 0 };
}
