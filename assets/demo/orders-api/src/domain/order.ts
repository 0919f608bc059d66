import type { Customer } from './customer.ts';
import type { Coupon } from './discount.ts';
import type { OrderStatus } from './order-status.ts';
import { type OrderLine, type OrderPrice, priceOrder } from './pricing.ts';

export interface Order {
  id: string;
  customerId: string;
  lines: readonly OrderLine[];
  coupon: Coupon | null;
  status: OrderStatus;
  price: OrderPrice;
  createdAt: Date;
}

/** What a customer asks for. */
export interface OrderInput {
  customerId: string;
  lines: readonly OrderLine[];
  coupon: Coupon | null;
}

/** An order is priced once, when it is placed: later changes of tax or prices do not touch it. */
export function placeOrder(input: OrderInput, customer: Customer, id: string, createdAt: Date): Order {
  return {
    id,
    customerId: customer.id,
    lines: input.lines,
    coupon: input.coupon,
    status: 'placed',
    price: priceOrder(input.lines, input.coupon, customer.region),
    createdAt,
  };
}
